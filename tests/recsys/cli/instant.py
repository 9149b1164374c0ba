"""The small family with the recommenders' commands, and workers that end every test at once with made-up results."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from recsys.evaluation.candidates import Candidates
from recsys.evaluation.comparing import Ranked, Rated, Results
from recsys.evaluation.metrics import ranking_metrics, rating_metrics
from recsys.evaluation.protocol import Protocol, RankingProtocol
from recsys.evaluation.ranks import Ranks
from recsys.family import FAMILY as REAL
from recsys.training import bundle
from recsys.trial import TrialPayload
from tests.support.recommender_family import FAMILY as SMALL
from workbench.artefacts import FolderRoot
from workbench.commands.run_progress import ClaimRunCommand, FinishRunCommand, MarkRunningCommand
from workbench.runs.folder import BUNDLE, folder_of
from workbench.state import RunError, RunRecord, RunState

FAMILY = replace(SMALL, verbs=REAL.verbs, metrics=REAL.metrics, metric_groups=REAL.metric_groups)
ROWS, CANDIDATES = 40, 200
LEFT = {
    "trainer.py": "# what it ran\n", "preprocessing.py": "# the same\n", "embeddings.npz": "vectors",
    "saved_model/saved_model.pb": "model", "vocab/buyer_customer.json": "{}",
}  # fmt: skip
"""What a test leaves besides its results."""

ARGUMENTS = {"buyer": {"a_b": "a b"}, "product": {"a_b_2": "a-b"}}

WARNING = {
    "code": "W-04", "severity": "info", "message": "7 steps are few",
    "action": {"words": "Use batches of 16", "settings": {"batch_size": 16}, "without_columns": []},
}  # fmt: skip


class InstantWorkers:
    """An executor that ends each queued test in the caller's own thread; without `work` tests stay queued."""

    work = True
    failing: RunError | None = None

    def __init__(self, store: Any, settings: Any) -> None:
        self._store = store
        self._artefacts = settings.artefacts

    def warm(self, framework: str) -> None:
        return

    def ensure_worker(self, framework: str) -> None:
        for run in [r for r in self._store.state().active_runs if r.state is RunState.QUEUED and self.work]:
            self._carry_out(run)

    def _carry_out(self, run: RunRecord) -> None:
        self._do(ClaimRunCommand(run_id=run.id))
        self._do(MarkRunningCommand(run_id=run.id, attempt=run.attempt))
        if self.failing is not None:
            ended: dict[str, Any] = {
                "outcome": "failed",
                "reason": self.failing.message,
                "error": self.failing,
            }
        else:
            folder = FolderRoot(self._artefacts).path(folder_of(run.id))
            folder.mkdir(parents=True, exist_ok=True)
            headline = write_results(folder, run)
            for name, text in LEFT.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text)
            ended = {"outcome": "completed", "headline": headline, "epochs_done": 3, "duration_seconds": 2.5}
        self._do(FinishRunCommand(run_id=run.id, attempt=run.attempt, **ended))

    def _do(self, command: Any) -> None:
        self._store.execute(command, actor="worker")


def write_results(folder: Any, run: RunRecord) -> dict[str, float | None]:
    """Results whose figures can be told by hand; returns the headline.

    Of 40 rows the model has 20 in its first ten places, popularity 10 and the oracle 25. Its ratings are off by a half,
    those of the mean by one.
    """
    kind = run.config["architecture"]["model_type"]
    payload = TrialPayload.model_validate(run.payload)
    split = "random" if payload.settings.get("split") == "random" else "time holdout"
    users = np.arange(ROWS) % 10
    rows = np.arange(ROWS)
    results = Results(
        seen="all", users=users, rows=rows, rated_users=users, rated_rows=rows, actual=np.full(ROWS, 3.0) + users % 2
    )  # fmt: skip
    if kind != "ranking":
        for name, hits in (("model", 20), ("popularity", 10), ("oracle", 25)):
            ranks = Ranks(np.where(np.arange(ROWS) < hits, 1.0, 15.0), None, CANDIDATES)
            protocol = RankingProtocol.of(
                ranks,
                users,
                Candidates.of(np.arange(CANDIDATES)),
                split=split,
                seed=1,
                candidate_set="catalog",
            )
            results.ranked.append(Ranked(name, "", ranks, ranking_metrics(ranks, users, users, protocol)))
        results.ranked.insert(2, Ranked("ease", "more than 10,000 items", None, None))
    if kind != "retrieval":
        for name, error in (("model", 0.5), ("mean", 1.0)):
            predicted = results.actual + error
            protocol = Protocol(split=split, seed=1, rows=ROWS, users=10)
            figures = rating_metrics(predicted, results.actual, protocol)
            results.rated.append(Rated(name, "", predicted, figures))
    told = results.as_json(results.lifts(seed=0)) | {
        "model_type": kind,
        "oracle_rmse": None,
        "warnings": [WARNING],
        "arguments": ARGUMENTS,
    }
    bundle.write(folder / BUNDLE, results, told)
    (folder / "results.json").write_text(json.dumps(told))
    own = results.values()["model"]
    return {name: own[name] for name in ("recall_at_10", "rmse") if name in own}
