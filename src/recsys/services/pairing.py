"""Two quick tests on the same test rows: how far apart they are, with intervals of paired resamples of users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.bootstrap import Lift, paired_lift
from recsys.evaluation.comparing import HEADLINE_K
from recsys.evaluation.metrics import hits
from recsys.training import bundle
from recsys.training.bundle import RANKED, RATED, Bundle
from recsys.trial import TrialPayload
from workbench.kept import Recent
from workbench.runs.folder import BUNDLE
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

SAME_ROWS = "They were not measured on the same test rows in the same way."
NOT_KEPT = "One of them kept no users of its test rows; run it again to compare it."
NO_FIGURE = "They have no figure in common."
NO_RESULTS = "One of them has no results."

_KEPT = 512
"""Pairs whose intervals are kept: whoever compares tests asks again, and they do not change."""


@dataclass(frozen=True)
class Paired:
    """One test against another.

    Attributes:
        run, against: the two. figures: name -> the difference, `run` minus `against` (in a `Lift`, the model and the baseline).
        reason: why there is none, in a sentence; None where there is one.
    """

    run: RunRecord
    against: RunRecord
    figures: Mapping[str, Lift]
    reason: str | None


def paired_with_first(workbench: Workbench, runs: Sequence[RunRecord]) -> tuple[Paired, ...]:
    """Every further test against the first. Raises ArtefactError for results that are damaged."""
    files = {run.id: _file(workbench, run) for run in runs}
    first, opened = runs[0], cache(lambda file: bundle.load_own(file.path))
    return tuple(_kept(workbench, run, first, files[run.id], files[first.id], opened) for run in runs[1:])


@dataclass(frozen=True)
class _File:
    """Results as they lie on disk: two are equal while nobody has written the file anew."""

    path: Path
    written: int
    size: int


def _file(workbench: Workbench, run: RunRecord) -> _File | None:
    """Where a test's results lie; None for one without any. Raises ArtefactError for a damaged file."""
    if run.state.active or not (workbench.runs.folder(run.id) / BUNDLE).exists():
        return None
    path = workbench.runs.artefact_path(run.id, BUNDLE)
    seen = path.stat()
    return _File(path, seen.st_mtime_ns, seen.st_size)


def _kept(
    workbench: Workbench,
    run: RunRecord,
    against: RunRecord,
    own: _File | None,
    other: _File | None,
    opened: Callable[[_File], Bundle],
) -> Paired:
    """The pair, made when it is first asked for; `opened` reads results."""
    if own is None or other is None:
        return Paired(run, against, {}, NO_RESULTS)

    def make() -> Paired:
        return _paired(run, against, opened(own), opened(other))

    found: Paired = workbench.kept.of(_Pairs).get((run.id, own, against.id, other), make)
    return Paired(run, against, found.figures, found.reason)


class _Pairs(Recent):
    def __init__(self) -> None:
        super().__init__(_KEPT)


def _paired(run: RunRecord, against: RunRecord, own: Bundle, other: Bundle) -> Paired:
    seed = int(TrialPayload.model_validate(against.payload).settings.get("seed", 0))
    same_data = (
        run.dataset is not None
        and against.dataset is not None
        and run.dataset.content_sha256 == against.dataset.content_sha256
    )
    figures: dict[str, Lift] = {}
    reasons: list[str] = []
    for name, group, values in _FIGURES:
        mine, theirs = values(own), values(other)
        if mine is None or theirs is None:
            continue
        if group not in own.users or group not in other.users:
            reasons.append(NOT_KEPT)
        elif not same_data or not _alike(own, other, name, group):
            reasons.append(SAME_ROWS)
        else:
            kind = "root_mean" if name == "rmse" else "mean"
            figures[name] = paired_lift(mine, theirs, own.users[group], figure=kind, seed=seed)
    reason = None if figures else next(iter(reasons), NO_FIGURE)
    return Paired(run, against, figures, reason)


def _alike(own: Bundle, other: Bundle, name: str, group: str) -> bool:
    """Whether a figure of both is of the same rows, and was taken in the same way."""
    return np.array_equal(own.rows[group], other.rows[group]) and _protocol(own, name) == _protocol(
        other, name
    )


def _protocol(kept: Bundle, name: str) -> str | None:
    figures = kept.told["metrics"].get("model", [])
    return next((figure["protocol"] for figure in figures if figure["name"] == name), None)


def _recall(ranks: np.ndarray | None) -> np.ndarray | None:
    return None if ranks is None else hits(ranks, HEADLINE_K)


def _squares(kept: Bundle) -> np.ndarray | None:
    predicted = kept.predicted.get("model")
    return None if predicted is None else np.square(predicted.astype(np.float64) - kept.actual)


_FIGURES = (
    ("recall_at_10", RANKED, lambda kept: _recall(kept.ranks.get("model"))),
    ("recall_at_10_unseen", RANKED, lambda kept: _recall(kept.unseen.get("model"))),
    ("rmse", RATED, _squares),
)
"""Name of a figure, which rows it is of, and its value for each of them."""
