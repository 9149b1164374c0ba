"""A model's figures beside those of baselines on the same rows, with intervals, and beside the oracle's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recsys.evaluation.bootstrap import Lift, Pair, paired_lifts
from recsys.evaluation.halting import Check, never
from recsys.evaluation.metrics import SUFFIX, Metrics, hits
from recsys.evaluation.ranks import Ranks, SeenRule

HEADLINE_K = 10


@dataclass(frozen=True)
class Ranked:
    """Somebody's ranks of the test rows.

    Attributes:
        name: `model`, `popularity`, ... about: settings, or why there are no ranks.
        ranks, metrics: None for a baseline that was skipped.
    """

    name: str
    about: str
    ranks: Ranks | None
    metrics: Metrics | None


@dataclass(frozen=True)
class Rated:
    """Somebody's ratings of the test rows whose rating is known: float64 (n,), and their figures."""

    name: str
    about: str
    predicted: np.ndarray
    metrics: Metrics


@dataclass
class Results:
    """All that is known of a trial's quality.

    Attributes:
        seen: the rule of the headline. rows, users: numbers in the table and users (Q,) of the test rows.
        ranked, rated: the model first, then baselines.
        actual, rated_rows, rated_users: ratings, numbers and users (n,) of the rows that `rated` is about.
    """

    seen: SeenRule = "all"
    users: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    ranked: list[Ranked] = field(default_factory=list)
    rated: list[Rated] = field(default_factory=list)
    actual: np.ndarray = field(default_factory=lambda: np.empty(0))
    rated_users: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    rated_rows: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def recall(self) -> str:
        """The name of Recall@10 by the headline's rule: what the model is judged by and compared in."""
        return f"recall_at_{HEADLINE_K}{SUFFIX[self.seen]}"

    @property
    def ndcg(self) -> str:
        """The name of nDCG@10 by the same rule."""
        return f"ndcg_at_{HEADLINE_K}{SUFFIX[self.seen]}"

    def lifts(self, *, seed: int, check: Check = never) -> dict[str, dict[str, Lift]]:
        """The model against each baseline: name of the figure -> who -> lift; `check` is called between blocks."""
        return {
            self.recall: self.recall_lifts(seed=seed, check=check),
            "rmse": self.rmse_lifts(seed=seed, check=check),
        }

    def no_lifts(self) -> dict[str, dict[str, Lift]]:
        """What `lifts` gives where nothing was compared."""
        return {self.recall: {}, "rmse": {}}

    def recall_lifts(self, *, seed: int, check: Check = never) -> dict[str, Lift]:
        """Recall@10 of the model against each baseline, by the headline's rule; none without a model that ranks."""
        if not self.ranked or self.ranked[0].ranks is None:
            return {}
        own = hits(self.ranked[0].ranks.by(self.seen), HEADLINE_K)
        others = {
            one.name: hits(one.ranks.by(self.seen), HEADLINE_K)
            for one in self.ranked[1:]
            if one.ranks is not None and one.name != "oracle"
        }
        found = paired_lifts(
            [Pair(own, other) for other in others.values()], self.users, seed=seed, check=check
        )
        return dict(zip(others, found, strict=True))

    def rmse_lifts(self, *, seed: int, check: Check = never) -> dict[str, Lift]:
        """RMSE of the model minus each baseline's: below 0 is better; none without a model that rates."""
        if not self.rated:
            return {}
        own = np.square(self.rated[0].predicted - self.actual)
        others = {
            one.name: np.square(one.predicted - self.actual) for one in self.rated[1:] if one.name != "oracle"
        }
        pairs = [Pair(own, other, "root_mean") for other in others.values()]
        return dict(zip(others, paired_lifts(pairs, self.rated_users, seed=seed, check=check), strict=True))

    def values(self) -> dict[str, dict[str, float | None]]:
        """Every figure: who -> name -> value."""
        found: dict[str, dict[str, float | None]] = {}
        for one in (*self.ranked, *self.rated):
            if one.metrics is not None:
                found.setdefault(one.name, {}).update(one.metrics.values())
        return found

    def as_json(self, lifts: Mapping[str, Mapping[str, Lift]]) -> dict[str, Any]:
        """Everything but arrays, as JSON values."""
        metrics = {
            one.name: [figure.model_dump() for figure in one.metrics.figures]
            for one in self.ranked
            if one.metrics is not None
        }
        for one in self.rated:
            metrics.setdefault(one.name, []).extend(figure.model_dump() for figure in one.metrics.figures)
        return {
            "seen": self.seen,
            "metrics": metrics,
            "about": {one.name: one.about for one in (*self.ranked, *self.rated)},
            "lift": {
                figure: {name: lift.model_dump() for name, lift in found.items()}
                for figure, found in lifts.items()
            },
        }
