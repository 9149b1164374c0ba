"""How a figure was measured, said with every figure."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from recsys.evaluation.candidates import Candidates
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.ranks import Ranks, SeenRule
from recsys.evaluation.user_items import pair_keys

SEEN_WORDS = {
    "all": "all items ranked",
    "unseen": "seen items removed, a row's own item stays",
}
TIE_WORDS = "equal scores count half"
RARELY = 0.01
"""Share of train rows that repeat a pair below which seen items are not to be recommended again."""


class Frozen(BaseModel):
    """Base of results: immutable, JSON in and out, unknown names refused."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", allow_inf_nan=False)


class Protocol(Frozen):
    """On which rows something was measured.

    Attributes:
        split: in words, `random 80/20`. seed: of the split. rows: test rows. users: how many they are of.
    """

    split: str
    seed: int
    rows: int
    users: int

    def words(self) -> str:
        """`random 80/20 split, seed 42; 20,000 rows of 943 users`."""
        return f"{self.split} split, seed {self.seed}; {self.rows:,} rows of {self.users:,} users"


class RankingProtocol(Protocol):
    """How ranks were taken, too.

    Attributes:
        candidate_set: all ids of the dataset, or those of its train part. candidates: how many.
        duplicates: candidates left out because their id was there already.
        cold_rows: test rows whose item is no candidate; they are misses.
    """

    candidate_set: Literal["catalog", "train"]
    candidates: int
    duplicates: int
    cold_rows: int

    @classmethod
    def of(
        cls,
        ranks: Ranks,
        users: np.ndarray,
        candidates: Candidates,
        *,
        split: str,
        seed: int,
        candidate_set: Literal["catalog", "train"],
    ) -> RankingProtocol:
        """The protocol of `ranks`, whose rows are of `users` (Q,)."""
        if ranks.n_items != len(candidates):
            what = f"ranks among {ranks.n_items} candidates were taken, {len(candidates)} are given"
            raise EvaluationError("BAD_INPUT", what)
        return cls(
            split=split,
            seed=seed,
            rows=len(ranks.all_items),
            users=len(np.unique(users)),
            candidate_set=candidate_set,
            candidates=len(candidates),
            duplicates=candidates.dropped,
            cold_rows=ranks.cold_rows,
        )

    def ranked(self, seen: SeenRule) -> str:
        """The same in words, with what became of seen items, ties and items that are no candidates."""
        unique = f"unique by id, {self.duplicates:,} duplicates left out"
        listed = f"{self.candidates:,} candidates ({self.candidate_set}; {unique})"
        cold = f"{self.cold_rows:,} rows whose item is no candidate count as misses"
        return f"{self.words()}; {listed}; {SEEN_WORDS[seen]}; {TIE_WORDS}; {cold}"


def headline(exclude_seen: bool | Literal["auto"], users: np.ndarray, items: np.ndarray) -> SeenRule:
    """Whether figures with or without seen items stand first.

    Args:
        exclude_seen: True, False, or `auto`: without seen items where less than 1 % of the train rows repeat
            a (user, item) pair, as with movies; with them where people come back for the same, as in a shop.
        users, items: (n,) whole numbers of each train row.
    """
    if exclude_seen != "auto":
        return "unseen" if exclude_seen else "all"
    if len(users) == 0:
        return "unseen"
    repeating = len(users) - len(np.unique(pair_keys(users, items)))
    return "unseen" if repeating < RARELY * len(users) else "all"
