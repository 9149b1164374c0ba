"""What ratings are predicted by without a model: the mean, and how much users and items differ from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from recsys.evaluation.errors import EvaluationError

SHRINK = 5.0


@dataclass(frozen=True)
class RatingMeans:
    """μ + b_i + b_u: items' differences from the mean first, then users' from what their items let expect.

    b_i = Σ (r - μ) / (n_i + shrink), b_u = Σ (r - μ - b_i) / (n_u + shrink) (Koren 2010). With few
    ratings a difference is drawn towards 0, which it is without any.

    Attributes:
        mean: μ, of all train ratings. items: float64 (C,), b_i. users: float64 (U,), b_u.
    """

    mean: float
    items: np.ndarray
    users: np.ndarray

    @classmethod
    def fit(
        cls,
        users: ArrayLike,
        items: ArrayLike,
        ratings: ArrayLike,
        *,
        n_users: int,
        n_items: int,
        shrink: float = SHRINK,
    ) -> RatingMeans:
        """From train rows (n,): user, candidate position (-1 where it has none) and rating.

        Raises:
            EvaluationError: NO_TRAIN_ROWS without rows, NON_FINITE with a rating that is not.
        """
        user, item = np.asarray(users), np.asarray(items)
        rating = np.asarray(ratings, np.float64)
        if len(rating) == 0:
            what = "there are no ratings to take a mean of"
            raise EvaluationError("NO_TRAIN_ROWS", what, "Choose another split")
        wrong = np.flatnonzero(~np.isfinite(rating))
        if wrong.size:
            raise EvaluationError("NON_FINITE", f"the rating of train row {wrong[0]} is {rating[wrong[0]]}")
        mean = float(rating.mean())
        rest, known = rating - mean, item >= 0
        of_items = _differences(item[known], rest[known], n_items, shrink)
        rest[known] -= of_items[item[known]]
        return cls(mean, of_items, _differences(user, rest, n_users, shrink))

    def predict(self, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        """Ratings float64 (n,) of users for candidate positions, -1 for no candidate; not clipped."""
        item = np.asarray(items)
        return self.mean + np.where(item >= 0, self.items[item], 0.0) + self.users[users]


def _differences(groups: np.ndarray, values: np.ndarray, n: int, shrink: float) -> np.ndarray:
    """Σ values / (how many + shrink) of each group, float64 (n,)."""
    return np.bincount(groups, values, n) / np.maximum(np.bincount(groups, minlength=n) + shrink, 1e-12)
