"""Quick tests without a worker: what a training leaves behind, written by hand."""

from __future__ import annotations

import json
from typing import Any

from tests.support.acting import finish, run_to
from workbench.workbench import Workbench

HERE = "/api/quick-tests/"
Pair = dict[str, Any]


def figure(name: str, value: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "reason": None if value is not None else "too few products", "protocol": f"random; {name}"}


def told(recall: float) -> dict[str, Any]:
    return {
        "seen": "all", "counts": {"candidates": 7, "test_rows": 12, "test_users": 5}, "model_type": "retrieval", "oracle_rmse": None,
        "metrics": {
            "model": [figure("recall_at_10", recall), figure("recall_at_100", None)],
            "popularity": [figure("recall_at_10", 0.2)], "oracle": [figure("recall_at_10", 0.9)],
        },
        "about": {"model": "", "popularity": "train counts", "ease": "left out", "oracle": "the shop's own"},
        "lift": {"recall_at_10": {"popularity": {"absolute": recall - 0.2}}},
        "seconds": {"split": 0.5, "train": 2.0}, "vocabulary": [], "history": {"epochs": [], "metrics": {}},
        "warnings": [{"code": "W-04", "severity": "info", "message": "few steps", "action": {"words": "more"}}],
    }  # fmt: skip


def complete(bench: Workbench, id: str, recall: float = 0.5) -> None:
    """Let a test end as a worker does, with results and code."""
    run = run_to(bench, bench.state().runs[id], "running")
    bench.artefacts.write_text(f"runs/{id}/results.json", json.dumps(told(recall)))
    bench.artefacts.write_text(f"runs/{id}/trainer.py", "print(1)\n")
    finish(bench, run, headline={"recall_at_10": recall}, duration_seconds=3.0, epochs_done=5)
