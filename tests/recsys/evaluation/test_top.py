"""The best items, against plain sorting."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation import top
from recsys.evaluation.candidates import Candidates
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.top import top_k
from recsys.evaluation.user_items import UserItems


def listed(scores: np.ndarray, k: int, left_out: list[set[int]]) -> list[list[int]]:
    """Positions by falling score, of equal scores the earlier first; -1 where none is left."""
    found = []
    for row, out in zip(scores.tolist(), left_out, strict=True):
        order = sorted(
            (item for item in range(len(row)) if item not in out),
            key=lambda item, row=row: (-row[item], item),
        )
        found.append((order + [-1] * len(row))[: min(k, len(row))])
    return found


@pytest.mark.parametrize("k", [1, 4, 30, 31, 100])
@pytest.mark.parametrize("levels", [1, 3, 1000])
@pytest.mark.parametrize("block", [1, 1000, top.BLOCK])
def test_the_best_come_first_and_of_equal_ones_the_earlier(k, levels, block, monkeypatch) -> None:
    monkeypatch.setattr(top, "BLOCK", block)
    rng = np.random.default_rng(levels)
    scores = rng.integers(0, levels, (40, 30)).astype(np.float32)
    users = rng.integers(0, 12, 40)
    seen = UserItems.of(rng.integers(0, 11, 90), rng.integers(0, 30, 90), n_users=12, n_items=30)
    found = top_k(scores, np.eye(30), k)
    assert found.positions.tolist() == listed(scores, k, [set()] * 40)
    assert found.scores.tolist() == np.take_along_axis(scores, found.positions, axis=1).tolist()
    without = top_k(scores, np.eye(30), k, seen=seen, users=users)
    assert without.positions.tolist() == listed(
        scores, k, [{*seen.pairs(np.array([u]))[1].tolist()} for u in users]
    )
    assert np.array_equal(np.isneginf(without.scores), without.positions == -1)


def test_ids_stand_beside_their_scores_in_whatever_order_the_candidates_come() -> None:
    rng = np.random.default_rng(0)
    queries, vectors = rng.standard_normal((20, 6)), rng.standard_normal((15, 6))
    ids = np.array([f"item {n}" for n in range(15)])
    straight = top_k(queries, vectors, 5).named(ids)
    order = rng.permutation(15)
    shuffled = top_k(queries, vectors[order], 5).named(ids[order])
    assert [[name for name, _ in row] for row in shuffled] == [[name for name, _ in row] for row in straight]
    for query, row in zip(queries, shuffled, strict=True):
        for name, score in row:
            assert score == pytest.approx(
                float(query @ vectors[ids.tolist().index(name)]), rel=1e-5, abs=1e-6
            )


def test_a_repeated_candidate_is_recommended_once() -> None:
    ids = np.array(["a", "b", "a", "c"])
    vectors = np.array([[3.0], [2.0], [3.0], [1.0]])
    candidates = Candidates.of(ids)
    found = top_k(np.ones((1, 1)), vectors[candidates.kept], 10).named(candidates.ids)
    assert found == [[("a", 3.0), ("b", 2.0), ("c", 1.0)]]


def test_who_has_seen_everything_is_recommended_nothing() -> None:
    seen = UserItems.of([0, 0, 1], [0, 1, 1], n_users=3, n_items=2)
    found = top_k(np.ones((3, 1)), np.array([[2.0], [5.0]]), 2, seen=seen, users=[0, 1, 2])
    assert found.named(np.array([10, 11])) == [[], [(10, 2.0)], [(11, 5.0), (10, 2.0)]]


def test_logits_are_part_of_a_score() -> None:
    found = top_k(np.ones((1, 1)), np.array([[2.0], [1.0]]), 1, logits=np.array([0.0, 3.0]))
    assert found.named(np.array(["a", "b"])) == [[("b", 4.0)]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"k": 0}, "k must be at least 1"),
        ({"queries": np.full((2, 1), np.nan)}, "row 0 for the candidate at position 0 is nan"),
        ({"seen": UserItems.of([0], [0], n_users=1, n_items=3)}, "without the users"),
        (
            {"seen": UserItems.of([0], [0], n_users=1, n_items=2), "users": [0, 0]},
            "of 2 candidates, not of 3",
        ),
    ],
)
def test_what_cannot_be_listed_is_refused(change: dict, words: str) -> None:
    with pytest.raises(EvaluationError, match=words):
        top_k(**{"queries": np.ones((2, 1)), "items": np.ones((3, 1)), "k": 2, **change})
