"""Two quick tests on the same test rows: how far apart they are, with intervals of paired resamples of users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recsys.evaluation.bootstrap import Lift, Pair, paired_lifts
from recsys.evaluation.comparing import HEADLINE_K
from recsys.evaluation.metrics import hits
from recsys.training import bundle
from recsys.training.bundle import RANKED, RATED, Bundle
from recsys.trial import TrialPayload
from workbench.kept import Recent
from workbench.runs.folder import BUNDLE, folder_of
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
    first, *others = runs
    files = {run.id: _file(workbench, run) for run in runs}
    base = files[first.id]
    there = [run for run in others if base is not None and files[run.id] is not None]

    def make(places: list[int]) -> list[_Found]:
        assert base is not None
        opened = [
            bundle.load_own(file.path) for place in places if (file := files[there[place].id]) is not None
        ]
        return _against(first, bundle.load_own(base.path), [there[place] for place in places], opened)

    kept = workbench.kept.of(_Pairs).get_all([(run.id, files[run.id], first.id, base) for run in there], make)
    found = dict(zip((run.id for run in there), kept, strict=True))
    return tuple(Paired(run, first, *found.get(run.id, ({}, NO_RESULTS))) for run in others)


@dataclass(frozen=True)
class _File:
    """Results as they lie on disk: two are equal while nobody has written the file anew."""

    path: Path
    written: int
    size: int


def _file(workbench: Workbench, run: RunRecord) -> _File | None:
    """Where a test's results lie; None for one without any. Raises ArtefactError for a damaged file."""
    if run.state.active or not workbench.artefacts.exists(f"{folder_of(run.id)}/{BUNDLE}"):
        return None
    path = workbench.runs.artefact_path(run.id, BUNDLE)
    seen = path.stat()
    return _File(path, seen.st_mtime_ns, seen.st_size)


class _Pairs(Recent):
    def __init__(self) -> None:
        super().__init__(_KEPT)


_Found = tuple[Mapping[str, Lift], "str | None"]
"""The figures of a pair, and why there are none."""


def _against(
    first: RunRecord, base: Bundle, runs: Sequence[RunRecord], opened: Sequence[Bundle]
) -> list[_Found]:
    """Tests against the first. What is about the same rows shares its resamples, which are the dearest of it."""
    figures: list[dict[str, Lift]] = [{} for _ in runs]
    reasons: list[list[str]] = [[] for _ in runs]
    asked: dict[str, list[tuple[int, str, Pair]]] = {}
    for name, group, values in _FIGURES:
        theirs = values(base)
        for place, (run, own) in enumerate(zip(runs, opened, strict=True)):
            mine = values(own)
            if mine is None or theirs is None:
                continue
            if group not in own.users or group not in base.users:
                reasons[place].append(NOT_KEPT)
            elif not _same_data(run, first) or not _alike(own, base, name, group):
                reasons[place].append(SAME_ROWS)
            else:
                pair = Pair(mine, theirs, "root_mean" if name == "rmse" else "mean")
                asked.setdefault(group, []).append((place, name, pair))
    seed = int(TrialPayload.model_validate(first.payload).settings.get("seed", 0))
    for group, those in asked.items():
        lifts = paired_lifts([pair for _, _, pair in those], base.users[group], seed=seed)
        for (place, name, _), lift in zip(those, lifts, strict=True):
            figures[place][name] = lift
    return [
        (found, None if found else next(iter(why), NO_FIGURE))
        for found, why in zip(figures, reasons, strict=True)
    ]


def _same_data(run: RunRecord, other: RunRecord) -> bool:
    one, two = run.dataset, other.dataset
    return one is not None and two is not None and one.content_sha256 == two.content_sha256


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
