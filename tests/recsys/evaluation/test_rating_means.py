"""Predicting ratings by means, against plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.rating_means import RatingMeans

RNG = np.random.default_rng(12)
USERS, ITEMS = RNG.integers(0, 6, 40), RNG.integers(-1, 7, 40)
RATINGS = RNG.integers(1, 6, 40)


@pytest.mark.parametrize("shrink", [0.0, 5.0])
def test_items_differ_from_the_mean_and_users_from_what_their_items_let_expect(shrink: float) -> None:
    rows = list(zip(USERS.tolist(), ITEMS.tolist(), RATINGS.tolist(), strict=True))
    mean = sum(rating for *_, rating in rows) / 40
    of_item = {}
    for item in range(7):
        found = [rating - mean for _, other, rating in rows if other == item]
        of_item[item] = sum(found) / (len(found) + shrink)
    of_user = {}
    for user in range(6):
        found = [rating - mean - of_item.get(item, 0) for other, item, rating in rows if other == user]
        of_user[user] = sum(found) / (len(found) + shrink)
    model = RatingMeans.fit(USERS, ITEMS, RATINGS, n_users=6, n_items=7, shrink=shrink)
    pairs = [(user, item) for user in range(6) for item in range(-1, 7)]
    predicted = model.predict(*np.array(pairs).T)
    expected = [mean + of_item.get(item, 0) + of_user[user] for user, item in pairs]
    np.testing.assert_allclose(predicted, expected)


def test_who_and_what_was_never_rated_is_predicted_by_the_mean() -> None:
    model = RatingMeans.fit([0, 0], [1, 1], [2, 4], n_users=3, n_items=4, shrink=0.0)
    assert model.mean == 3
    assert model.predict(np.array([2, 1]), np.array([0, -1])).tolist() == [3, 3]


def test_no_ratings_or_one_that_is_no_number_are_refused() -> None:
    with pytest.raises(EvaluationError) as caught:
        RatingMeans.fit([], [], [], n_users=1, n_items=1)
    assert caught.value.code == "NO_TRAIN_ROWS"
    with pytest.raises(EvaluationError, match="the rating of train row 1 is nan") as caught:
        RatingMeans.fit([0, 0], [0, 0], [3, math.nan], n_users=1, n_items=1)
    assert caught.value.code == "NON_FINITE"
