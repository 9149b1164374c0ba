"""How a figure was measured is said in words, and which figures stand first follows from the data."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from recsys.evaluation.candidates import Candidates
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.protocol import RankingProtocol, headline
from recsys.evaluation.ranks import Ranks

CANDIDATES = Candidates.of(np.arange(1200) % 1100)
RANKS = Ranks(np.array([1, np.inf, 3.5]), None, 1100)


def protocol(candidates: Candidates = CANDIDATES) -> RankingProtocol:
    users = np.array([4, 4, 9])
    return RankingProtocol.of(
        RANKS, users, candidates, split="random 80/20", seed=42, candidate_set="catalog"
    )


def test_a_protocol_says_split_seed_candidates_rules_rows_and_users() -> None:
    assert protocol().ranked("unseen") == (
        "random 80/20 split, seed 42; 3 rows of 2 users; 1,100 candidates (catalog; unique by id, 100 duplicates left "
        "out); seen items removed, a row's own item stays; equal scores count half; 1 rows whose item is no candidate "
        "count as misses"
    )
    assert "; all items ranked; " in protocol().ranked("all")
    assert protocol().words() == "random 80/20 split, seed 42; 3 rows of 2 users"


def test_a_protocol_goes_through_json_and_cannot_be_changed() -> None:
    made = protocol()
    assert RankingProtocol.model_validate_json(made.model_dump_json()) == made
    with pytest.raises(ValidationError):
        made.seed = 1


def test_ranks_among_other_candidates_are_refused() -> None:
    with pytest.raises(EvaluationError, match="among 1100 candidates were taken, 2 are given"):
        protocol(Candidates.of(np.array([1, 2])))


@pytest.mark.parametrize(
    ("repeated", "exclude_seen", "rule"),
    [
        (0, "auto", "unseen"),
        (9, "auto", "unseen"),
        (10, "auto", "all"),
        (500, "auto", "all"),
        (500, True, "unseen"),
        (0, False, "all"),
    ],
)
def test_seen_items_are_left_out_where_under_one_percent_of_rows_repeat_a_pair(
    repeated, exclude_seen, rule
) -> None:
    users, items = np.divmod(np.arange(1000), 40)
    # a row that repeats another's pair: the same user and the same item, not one of the two
    users[1000 - repeated :], items[1000 - repeated :] = users[0], items[0]
    assert headline(exclude_seen, users, items) == rule


def test_nothing_repeats_without_train_rows() -> None:
    assert headline("auto", np.array([]), np.array([])) == "unseen"
