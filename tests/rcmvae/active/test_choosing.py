"""Choosing a batch: order, ties, diversity, and what cannot be asked."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from rcmvae.active.choosing import choose
from rcmvae.active.strategies import STRATEGIES
from rcmvae.suggestions import SuggestionError
from tests.rcmvae.active.pools import pool


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("diverse", [True, False])
def test_every_strategy_chooses_distinct_samples_the_same_way_each_time(name: str, diverse: bool) -> None:
    first, second = (choose(pool(), name, 12, seed=5, diverse=diverse) for _ in range(2))
    assert len(set(first.positions.tolist())) == 12
    assert np.array_equal(first.positions, second.positions)
    assert np.array_equal(first.scores, second.scores)


def test_higher_scores_come_first() -> None:
    of = pool()
    chosen = choose(of, "margin", 10, diverse=False)
    everything = np.sort(STRATEGIES["margin"].score(of, 0))[::-1]
    np.testing.assert_allclose(chosen.scores, everything[:10])
    assert all(a >= b for a, b in pairwise(chosen.scores))


def test_equal_scores_are_asked_in_the_order_of_their_index() -> None:
    even = np.full((40, 4), 0.25, np.float32)
    assert choose(pool(probabilities=even), "margin", 6, diverse=False).positions.tolist() == [0, 1, 2, 3, 4, 5]
    shuffled = pool(probabilities=even, index=np.arange(40)[::-1])
    assert choose(shuffled, "margin", 3, diverse=False).positions.tolist() == [39, 38, 37]


def test_a_diverse_batch_comes_from_the_best_and_starts_with_the_very_best() -> None:
    of = pool(n=200)
    order = np.argsort(-STRATEGIES["margin"].score(of, 0), kind="stable")
    chosen = choose(of, "margin", 5).positions
    assert chosen[0] == order[0]
    assert set(chosen.tolist()) <= set(order[:50].tolist())


def test_a_diverse_batch_is_chosen_greedily_farthest_first_among_the_best_and_told_in_order() -> None:
    of = pool(n=100)
    scores = STRATEGIES["entropy"].score(of, 0)
    best = [i for i in np.argsort(-scores, kind="stable")[:40].tolist() if scores[i] >= np.sort(scores)[-4] / 2]
    expected = [best[0]]
    while len(expected) < 4:
        left = [i for i in best if i not in expected]
        expected.append(max(left, key=lambda i: min(math.dist(of.places[i], of.places[j]) for j in expected)))
    assert choose(of, "entropy", 4).positions.tolist() == sorted(expected, key=lambda i: -scores[i])


@pytest.mark.parametrize("name", ["margin", "least_confidence", "entropy"])
def test_a_diverse_batch_asks_for_nothing_that_the_model_is_sure_of(name: str) -> None:
    # ten doubtful images lie together, ninety certain ones far around them
    probabilities = np.full((100, 4), 0.001)
    probabilities[:, 0] = 0.997
    probabilities[:10] = [0.45, 0.4, 0.1, 0.05]
    places = np.vstack([np.random.default_rng(0).normal(0, 0.01, (10, 2)), np.random.default_rng(1).normal(0, 9, (90, 2))])
    chosen = choose(pool(probabilities=probabilities.astype(np.float32), places=places, n=100), name, 5)
    assert set(chosen.positions.tolist()) <= set(range(10))
    assert all(a >= b for a, b in pairwise(chosen.scores))


def test_copies_of_one_image_do_not_fill_a_diverse_batch() -> None:
    places = np.zeros((40, 2))
    places[20:] = np.arange(40).reshape(20, 2)
    probabilities = np.full((40, 4), 0.25, np.float32)
    of = pool(places=places, probabilities=probabilities)
    assert choose(of, "margin", 4, diverse=False).positions.tolist() == [0, 1, 2, 3]
    assert sum(position < 20 for position in choose(of, "margin", 4).positions) == 1


def test_k_center_is_greedy_from_the_labelled_set() -> None:
    of = pool()
    covered = of.labelled_places.tolist()
    expected, distances = [], []
    for _ in range(6):
        far = [min(math.dist(place, c) for c in covered) for place in of.places]
        best = int(np.argmax([-1 if i in expected else d for i, d in enumerate(far)]))
        expected.append(best)
        distances.append(far[best])
        covered.append(of.places[best].tolist())
    chosen = choose(of, "k_center", 6)
    assert chosen.positions.tolist() == expected
    np.testing.assert_allclose(chosen.scores, distances, rtol=1e-9)


def test_k_center_without_labels_starts_in_the_middle() -> None:
    of = pool(labelled=0, seen_labels=False)
    middle = of.places.mean(axis=0)
    chosen = choose(of, "k_center", 3)
    assert chosen.positions[0] == min(range(40), key=lambda i: math.dist(of.places[i], middle))
    assert np.isfinite(chosen.scores).all()


def test_random_is_not_made_diverse() -> None:
    assert np.array_equal(choose(pool(), "random", 8, seed=2).positions, choose(pool(), "random", 8, seed=2, diverse=False).positions)


def test_all_that_is_left_can_be_asked_for_even_if_it_coincides() -> None:
    of = pool(places=np.zeros((40, 2)), labelled_places=np.zeros((2, 2)))
    for name in ("margin", "k_center"):
        assert sorted(choose(of, name, 40).positions.tolist()) == list(range(40))


@pytest.mark.parametrize(
    ("name", "n", "field", "words"),
    [
        ("margn", 3, "strategy", "did you mean margin"),
        ("zzz", 3, "strategy", "known: random"),
        ("margin", 0, "n", "at least 1"),
        ("margin", 41, "n", "only 40 unlabelled training samples are left, fewer than the 41"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(name: str, n: int, field: str, words: str) -> None:
    with pytest.raises(SuggestionError, match=words) as raised:
        choose(pool(), name, n)
    assert raised.value.field == field


def test_a_disabled_strategy_says_why_and_what_could_be_used() -> None:
    with pytest.raises(SuggestionError, match="margin cannot be used: the model has not seen any label") as raised:
        choose(pool(seen_labels=False), "margin", 3)
    assert raised.value.hint == "Use one of random, ood, k_center."


def test_an_empty_pool_says_that_nothing_is_left() -> None:
    with pytest.raises(SuggestionError, match="no unlabelled training sample is left"):
        choose(pool(n=0), "random", 1)
