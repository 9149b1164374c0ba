"""EASE: a linear model that predicts each item from all others, in closed form (Steck 2019)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.evaluation.halting import Check, checked, never
from recsys.evaluation.metrics import gains
from recsys.evaluation.ranks import SeenRule, rank_scores
from recsys.evaluation.user_items import UserItems

LAMBDAS = (100.0, 200.0, 500.0, 1000.0)
UNTESTED_LAMBDA = 500.0
"""The regularisation where there are no validation rows to choose it by."""
MOST_ITEMS = 10_000
"""Above, the inverse of a matrix items by items takes too long."""

SMALL = 128
"""Matrices up to this size are inverted as a whole."""


@dataclass(frozen=True)
class EASE:
    """s(u, ·) = x_u B, x_u being the binary row of the user's items.

    Attributes:
        train: who has what. weights: float32 (C, C), B, 0 on the diagonal. regularisation: λ.
    """

    train: UserItems
    weights: np.ndarray
    regularisation: float

    @classmethod
    def fit(cls, train: UserItems, gram: np.ndarray, regularisation: float, check: Check = never) -> EASE:
        """B_ij = -P_ij / P_jj with P = (XᵀX + λI)⁻¹ (equation 8), in float64.

        Args:
            gram: float32 (C, C), XᵀX. check: called between blocks.
        """
        regular = gram.astype(np.float64)
        regular[np.diag_indices_from(regular)] += regularisation
        precision = inverse(regular, check)
        weights = (precision / -np.diag(precision)).astype(np.float32)
        np.fill_diagonal(weights, 0)
        return cls(train, weights, regularisation)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Scores float32 (n, C) of users (n,)."""
        return self.train.dense(users) @ self.weights


def fit_ease(
    train: UserItems,
    gram: np.ndarray,
    users: np.ndarray,
    targets: np.ndarray,
    seen: SeenRule,
    check: Check = never,
) -> tuple[EASE, str]:
    """The model whose λ is the best by nDCG@10 on validation rows, and in words how λ came about.

    Args:
        gram: float32 (C, C), XᵀX. users, targets: (V,) of the validation rows; without any, λ is 500.
        seen: whether train items are removed there. check: called between blocks.
    """
    if len(users) == 0:
        about = f"λ {UNTESTED_LAMBDA:g}: no validation rows to choose it by"
        return EASE.fit(train, gram, UNTESTED_LAMBDA, check), about
    found, highest = None, -1.0
    for regularisation in LAMBDAS:
        model = EASE.fit(train, gram, regularisation, check)
        ranks = rank_scores(
            checked(model.score, check), users, targets, n_items=train.n_items, seen=train, users=users
        )
        figure = float(gains(ranks.by(seen), 10).mean())
        if figure > highest:
            found, highest = model, figure
    assert found is not None
    tried = ", ".join(f"{value:g}" for value in LAMBDAS)
    return (
        found,
        f"λ {found.regularisation:g}, the best of {tried} by nDCG@10 on {len(users):,} validation rows",
    )


def inverse(matrix: np.ndarray, check: Check = never) -> np.ndarray:
    """The inverse of a symmetric, positive definite matrix (n, n), by halves, with a check before each.

    The inverse of a matrix in four blocks by its Schur complement (Banachiewicz 1937): everything but small
    pieces is matrix products, which take less than half the time of a general inverse.
    """
    check()
    n = len(matrix)
    if n <= SMALL:
        return np.linalg.inv(matrix)
    h = n // 2
    corner = matrix[:h, h:]
    upper = inverse(matrix[:h, :h], check)
    across = upper @ corner
    lower = inverse(matrix[h:, h:] - corner.T @ across, check)
    check()
    result = np.empty_like(matrix)
    result[:h, h:] = -across @ lower
    result[h:, :h] = result[:h, h:].T
    result[:h, :h] = upper - result[:h, h:] @ across.T
    result[h:, h:] = lower
    return result
