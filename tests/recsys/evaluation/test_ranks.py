"""Ranks against full sorting, and what becomes of ties, seen items, strangers and numbers that are none."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.ranks import rank, rank_scores
from recsys.evaluation.scores import LARGEST_BLOCK
from recsys.evaluation.user_items import UserItems


def ranks_of(scores: np.ndarray, targets: np.ndarray, **options) -> np.ndarray:
    """Ranks in a given matrix of scores: a query's dot product with the unit vectors is the query."""
    return rank(scores, np.eye(scores.shape[1]), targets, **options).all_items


def mean_rank(scores: np.ndarray, target: int, rng: np.random.Generator) -> float:
    """Mean over sorted lists, equal scores in random order: each order and its reverse, so that the mean is exact."""
    places = []
    for _ in range(3):
        order = rng.permutation(len(scores))
        for tie_break in (order, -order):
            listed = np.lexsort((tie_break, -scores))
            places.append(1 + listed.tolist().index(target))
    return float(np.mean(places))


def one_by_one(scores: np.ndarray, targets: np.ndarray, left_out: list[set[int]]) -> list[float]:
    """Ranks counted in plain Python, without each row's `left_out` but for its own item."""
    found = []
    for row, target, out in zip(scores.tolist(), targets.tolist(), left_out, strict=True):
        others = [score for item, score in enumerate(row) if item != target and item not in out]
        higher, equal = (
            sum(score > row[target] for score in others),
            sum(score == row[target] for score in others),
        )
        found.append(1 + higher + equal / 2 if target >= 0 else np.inf)
    return found


def test_a_rank_is_the_mean_over_the_orders_of_ties_that_full_sorting_finds() -> None:
    rng = np.random.default_rng(0)
    for case in range(1000):
        n, levels = int(rng.integers(1, 40)), [1, 2, 3, 10, 1000][case % 5]
        scores = rng.integers(-levels, levels, (1, n)) / 4 if levels > 1 else np.full((1, n), rng.normal())
        scores = scores.astype(np.float32)
        if n > 1 and case % 3 == 0:
            scores[0, rng.integers(n)] = scores[0, rng.integers(n)]
        target = int(rng.integers(n))
        assert ranks_of(scores, np.array([target])).tolist() == [mean_rank(scores[0], target, rng)]


@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 1016, 1017, 2033, 5000])
def test_many_candidates_that_all_beat_or_equal_a_row_are_all_counted(n: int) -> None:
    rising = np.arange(n, dtype=np.float32)[None]
    score = {"rising": rising, "equal": np.zeros_like(rising)}
    last, first = np.array([0]), np.array([n - 1])
    assert rank_scores(lambda rows: score["rising"], [0], last, n_items=n).all_items.tolist() == [n]
    assert rank_scores(lambda rows: score["rising"], [0], first, n_items=n).all_items.tolist() == [1]
    assert rank_scores(lambda rows: score["equal"], [0], last, n_items=n).all_items.tolist() == [(n + 1) / 2]


@pytest.mark.parametrize(("n", "width", "rows"), [(255, 64, 20), (28, 100, 33), (101, 33, 1), (500, 513, 6)])
def test_a_model_that_gives_all_items_one_vector_hits_nothing_before_the_middle(n, width, rows) -> None:
    rng = np.random.default_rng(n)
    queries, vector = rng.standard_normal((rows, width)), rng.standard_normal(width)
    ranks = rank(queries, np.tile(vector, (n, 1)), rng.integers(0, n, rows)).all_items
    assert ranks.tolist() == [(n + 1) / 2] * rows
    assert (ranks <= np.ceil((n + 1) / 2) - 1).sum() == 0


def test_items_with_equal_vectors_tie_and_their_logits_tell_them_apart() -> None:
    rng = np.random.default_rng(5)
    queries, vectors = rng.standard_normal((50, 33)), rng.standard_normal((60, 33))
    alike = rng.integers(0, 60, 211)
    items, targets = vectors[alike], rng.integers(0, 211, 50)
    # unequal vectors are far enough apart that their order in float64 is the one in float32
    exact = (queries.astype(np.float32).astype(np.float64) @ vectors.astype(np.float32).astype(np.float64).T)[
        :, alike
    ]
    assert rank(queries, items, targets).all_items.tolist() == one_by_one(exact, targets, [set()] * 50)
    logits = np.zeros(211)
    logits[7] = 1e3
    changed = rank(queries, items, np.full(50, 7), logits=logits).all_items
    assert changed.tolist() == [1.0] * 50


def test_seen_items_leave_the_list_but_a_rows_own_item_stays() -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(-3, 4, (200, 30)).astype(np.float32)
    targets, users = rng.integers(-1, 30, 200), rng.integers(0, 25, 200)
    owner, item = rng.integers(0, 20, 300), rng.integers(0, 30, 300)
    # every pair twice, some users without any, and own items among the seen
    seen = UserItems.of(np.tile(owner, 2), np.tile(item, 2), n_users=25, n_items=30)
    sets = [{int(i) for u, i in zip(owner, item, strict=True) if u == user} for user in users]
    assert sum(target in out for target, out in zip(targets, sets, strict=True)) > 20
    ranks = rank(scores, np.eye(30), targets, seen=seen, users=users)
    assert ranks.all_items.tolist() == one_by_one(scores, targets, [set()] * 200)
    assert ranks.by("unseen").tolist() == one_by_one(scores, targets, sets)


def test_a_row_whose_item_is_no_candidate_is_an_infinite_rank_and_counted() -> None:
    ranks = rank(
        np.eye(3),
        np.eye(3),
        np.array([0, -1, 2]),
        seen=UserItems.of([0], [1], n_users=1, n_items=3),
        users=[0, 0, 0],
    )
    assert ranks.all_items.tolist() == [1, np.inf, 1]
    assert ranks.by("unseen").tolist() == [1, np.inf, 1]
    assert ranks.cold_rows == 1
    without = rank(np.eye(3), np.eye(3), np.array([-1, -1, -1]))
    assert without.cold_rows == 3
    with pytest.raises(EvaluationError, match="ranks without seen items were not taken"):
        without.by("unseen")


def test_how_rows_are_cut_into_blocks_changes_nothing_and_no_block_is_too_large() -> None:
    rng = np.random.default_rng(2)
    scores = rng.integers(-9, 9, (70, 40)).astype(np.float32)
    targets, rows = rng.integers(0, 40, 300), rng.integers(0, 70, 300)
    seen = UserItems.of(rng.integers(0, 30, 400), rng.integers(0, 40, 400), n_users=30, n_items=40)
    users = rng.integers(0, 30, 300)
    expected = one_by_one(
        scores[rows], targets, [{*seen.pairs(np.array([user]))[1].tolist()} for user in users]
    )
    for block_bytes in (1, 700, 4 * 40 * 33, LARGEST_BLOCK):
        sizes = []

        def score(wanted: np.ndarray, sizes: list = sizes) -> np.ndarray:
            sizes.append(scores[wanted].nbytes)
            return scores[wanted]

        found = rank_scores(score, rows, targets, n_items=40, seen=seen, users=users, block_bytes=block_bytes)
        assert found.by("unseen").tolist() == expected
        assert max(sizes) <= max(block_bytes, 4 * 40)


def test_rows_of_one_user_are_ranked_by_one_row_of_scores() -> None:
    asked = []

    def score(rows: np.ndarray) -> np.ndarray:
        asked.extend(rows.tolist())
        return np.tile(np.arange(5, dtype=np.float32), (len(rows), 1))

    users = np.array([3, 1, 3, 3, 0, 1])
    seen = UserItems.of([3], [4], n_users=4, n_items=5)
    ranks = rank_scores(score, users, np.array([4, 3, 2, 1, 0, 0]), n_items=5, seen=seen, users=users)
    assert sorted(asked) == [0, 1, 3]
    assert ranks.all_items.tolist() == [1, 2, 3, 4, 5, 5]
    assert ranks.by("unseen").tolist() == [1, 2, 2, 3, 5, 5]


def test_the_order_of_candidates_and_of_rows_changes_no_rank() -> None:
    rng = np.random.default_rng(4)
    queries, items = rng.standard_normal((90, 8)), rng.standard_normal((300, 8))
    targets = rng.integers(0, 300, 90)
    straight = rank(queries, items, targets).all_items
    shuffled, rows = rng.permutation(300), rng.permutation(90)
    place = np.argsort(shuffled)
    assert np.array_equal(
        rank(queries[rows], items[shuffled], place[targets][rows]).all_items, straight[rows]
    )


@pytest.mark.parametrize(
    ("query", "item", "logit", "words"),
    [
        (np.nan, 1, 0, "row 5 for the candidate at position 0 is nan"),
        (1e30, 1e30, 0, "row 5 for the candidate at position 9 is inf"),
        (0, 1, -np.inf, "row 0 for the candidate at position 9 is -inf"),
        (0, np.inf, 0, "row 0 for the candidate at position 9 is nan"),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, LARGEST_BLOCK])
def test_scores_that_are_no_numbers_are_refused_with_their_place(
    query, item, logit, words, block_bytes
) -> None:
    queries, items, logits = np.zeros((7, 2)), np.ones((10, 2)), np.zeros(10)
    queries[5, 0], items[9, 0], logits[9] = query, item, logit
    with pytest.raises(EvaluationError, match=f"{words}. Lower the learning rate") as caught:
        rank(queries, items, np.zeros(7, int), logits=logits, block_bytes=block_bytes)
    assert caught.value.code == "NON_FINITE"


def test_no_rows_have_no_ranks() -> None:
    assert rank(np.empty((0, 4)), np.ones((3, 4)), np.array([], int)).all_items.tolist() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"targets": [0, 5]}, r"targets\[1\] is 5, outside -1 to 4"),
        ({"targets": [0]}, "2 rows for 1 targets"),
        ({"queries": np.ones((2, 3))}, r"\(Q, d\) and \(C, d\)"),
        ({"items": np.ones((0, 4)), "targets": [-1, -1]}, "no item vectors"),
        ({"logits": np.ones(4)}, "one per item"),
        ({"seen": UserItems.of([0], [0], n_users=1, n_items=5)}, "without the users"),
        (
            {"seen": UserItems.of([0], [0], n_users=1, n_items=4), "users": [0, 0]},
            "of 4 candidates, not of 5",
        ),
        ({"seen": UserItems.of([0], [0], n_users=1, n_items=5), "users": [0]}, "1 users for 2 rows"),
        ({"seen": UserItems.of([0], [0], n_users=1, n_items=5), "users": [0, 1]}, r"users\[1\] is 1"),
        ({"block_bytes": LARGEST_BLOCK + 1}, "block_bytes is 67108865"),
        ({"block_bytes": 0}, "block_bytes is 0"),
    ],
)
def test_what_does_not_fit_together_is_refused(change: dict, words: str) -> None:
    given = {"queries": np.ones((2, 4)), "items": np.ones((5, 4)), "targets": [0, 1], **change}
    with pytest.raises(EvaluationError, match=words):
        rank(**given)


@pytest.mark.parametrize(
    "scores", [np.ones((1, 4), np.float32), np.ones((1, 5)), np.ones((2, 5), np.float32)]
)
def test_scores_of_another_shape_or_type_are_refused(scores: np.ndarray) -> None:
    with pytest.raises(EvaluationError, match=r"scores must be float32 of shape \(1, 5\)"):
        rank_scores(lambda rows: scores, [0], [0], n_items=5)
