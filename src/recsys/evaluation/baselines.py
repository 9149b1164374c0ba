"""What a model has to beat: popularity, ItemKNN and EASE, fitted on train rows, ranked by the same code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from recsys.evaluation.cooccurrence import blocks_of, cooccurrences, gram_matrix
from recsys.evaluation.ease import MOST_ITEMS, fit_ease
from recsys.evaluation.halting import Check, between, checked, never
from recsys.evaluation.item_knn import NEIGHBOURS, SHRINK, ItemKNN
from recsys.evaluation.ranks import Ranks, SeenRule, rank_scores
from recsys.evaluation.scores import ScoreRows
from recsys.evaluation.user_items import UserItems, integers

RANKING = ("popularity", "item_knn", "ease")
"""The baselines of a ranking, as they are fitted."""

KNN_ABOUT = f"binary cosine, shrink {SHRINK:g}, {NEIGHBOURS} neighbours"
VALIDATION_ROWS = 5000
"""How many rows at most, drawn by the seed, choose a baseline's setting."""


@dataclass(frozen=True)
class Baseline:
    """One baseline.

    Attributes:
        name: `popularity`, `item_knn` or `ease`. about: its settings, or why it was skipped.
        n_items: C, the candidates it scores. score: scores of users, float32; None if it was skipped.
    """

    name: str
    about: str
    n_items: int
    score: ScoreRows | None

    def ranks(
        self, users: ArrayLike, targets: ArrayLike, *, seen: UserItems | None = None, check: Check = never
    ) -> Ranks | None:
        """Ranks of rows by user (Q,) and own item's position (Q,); None if it was skipped.

        All rows of a user are ranked by one row of scores. Raises as `rank_scores`, and `Halted` from `check`.
        """
        if self.score is None:
            return None
        score = checked(self.score, check)
        return rank_scores(score, users, targets, n_items=self.n_items, seen=seen, users=users)


@dataclass(frozen=True)
class Popularity:
    """Every user's list is the items by falling number of train rows.

    Attributes:
        scores: float32 (C,), an item's place from the list's end. No two are equal: where a list is cut between items
            with equally many rows it has some of them, while equal scores would have it miss all, and a model that
            knows nothing would seem better.
    """

    scores: np.ndarray

    @classmethod
    def fit(cls, items: np.ndarray, n_items: int) -> Popularity:
        """From the candidate positions (n,) of train rows; of items with equally many rows the last comes first."""
        order = np.argsort(np.bincount(items, minlength=n_items), kind="stable")
        scores = np.empty(n_items, np.float32)
        scores[order] = np.arange(n_items)
        return cls(scores)

    def score(self, users: np.ndarray) -> np.ndarray:
        """Scores float32 (n, C) of users (n,)."""
        return np.broadcast_to(self.scores, (len(users), len(self.scores)))


def fit_baselines(
    users: ArrayLike,
    items: ArrayLike,
    *,
    n_users: int,
    n_items: int,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    seen: SeenRule = "unseen",
    seed: int = 0,
    check: Check = never,
) -> Iterator[Baseline]:
    """Fit the baselines of a ranking on train rows, one after the other (`RANKING`).

    Args:
        users, items: (n,) user and candidate position of each train row; positions of -1 are left out.
        validation: users and positions of rows that only choose EASE's λ; at most 5,000, drawn by `seed`.
        seen: which ranks choose it: with or without the train items.
        check: called between blocks.

    Raises:
        EvaluationError: BAD_INPUT if a number is out of range. Halted: from `check`.
    """
    train = UserItems.of(users, items, n_users=n_users, n_items=n_items)
    item = integers(items, "items", below=n_items, least=-1)
    popularity = Popularity.fit(item[item >= 0], n_items)
    yield Baseline("popularity", "number of train rows", n_items, popularity.score)
    gram = gram_matrix(train, check) if n_items <= MOST_ITEMS else None
    common = cooccurrences(train) if gram is None else blocks_of(gram)
    knn = ItemKNN.fit(train, between(common, check))
    yield Baseline("item_knn", KNN_ABOUT, n_items, knn.score)
    yield _ease(train, gram, validation, seen, seed, check)


def _ease(
    train: UserItems,
    gram: np.ndarray | None,
    validation: tuple[np.ndarray, np.ndarray] | None,
    seen: SeenRule,
    seed: int,
    check: Check,
) -> Baseline:
    n_items = train.n_items
    if gram is None:
        about = f"skipped: {n_items:,} items, and its cost grows with their cube: up to {MOST_ITEMS:,} only"
        return Baseline("ease", about, n_items, None)
    rows, targets = (np.empty(0, np.int64),) * 2 if validation is None else validation
    if len(rows) > VALIDATION_ROWS:
        drawn = np.random.default_rng(seed).choice(len(rows), VALIDATION_ROWS, replace=False)
        rows, targets = np.asarray(rows)[drawn], np.asarray(targets)[drawn]
    model, about = fit_ease(train, gram, rows, targets, seen, check)
    return Baseline("ease", about, n_items, model.score)
