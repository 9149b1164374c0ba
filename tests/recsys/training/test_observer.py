from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recsys.training import checkpoints
from recsys.training.checkpoints import Place
from recsys.training.observer import RunObserver


class _Silent:
    """A reporter that nobody listens to."""

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def _figures(loss: float) -> dict[str, float]:
    return {"loss": loss, "retrieval_share": float("nan"), "epoch_seconds": 0.1, "val_mrr": loss / 2}


def test_the_history_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    first = RunObserver(_Silent(), 3, 100, tmp_path, Place("a", "d", 0, 0, 0))  # type: ignore[arg-type]
    first.epoch(1, _figures(1.0), dict)
    kept = first.save({"w": np.zeros(1)}, 1, 0)
    _, place = checkpoints.read(kept)
    second = RunObserver(_Silent(), 3, 100, tmp_path, place)  # type: ignore[arg-type]
    second.epoch(2, _figures(0.5), dict)
    assert second.table() == {
        "epochs": [1, 2],
        "metrics": {
            "train/loss": [1.0, 0.5],
            "train/retrieval_share": [None, None],
            "epoch_seconds": [0.1, 0.1],
            "validation/mrr": [0.5, 0.25],
        },
    }


def test_a_metric_that_begins_later_has_gaps_before(tmp_path: Path) -> None:
    observer = RunObserver(_Silent(), 3, 100, tmp_path, Place("a", "d", 0, 0, 0))  # type: ignore[arg-type]
    observer.epoch(1, {"loss": 1.0, "epoch_seconds": 0.0}, dict)
    observer.epoch(2, {"loss": 0.9, "epoch_seconds": 0.0, "val_rmse": 0.8}, dict)
    assert observer.table()["metrics"]["validation/rmse"] == [None, 0.8]
