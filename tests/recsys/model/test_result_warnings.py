from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recsys.evaluation.bootstrap import Interval, Lift
from recsys.model.facts import ResultFacts
from recsys.model.result_warnings import after_training
from tests.recsys.model.examples import rating, towers

CHANCE = math.log(1024)
FINE = ResultFacts(
    losses=(CHANCE, 6.0, 5.5),
    batch_candidates=1024,
    scores_std=0.4,
    tied=np.zeros(100, bool),
    first=np.arange(100),
)


def found(**changes: Any) -> list[tuple[str, str]]:
    return [(w.code.value, w.severity) for w in after_training(towers(), replace(FINE, **changes))]


def lift(low: float, high: float) -> Lift:
    interval = Interval(low=low, high=high)
    return Lift(
        model=0.2,
        baseline=0.2 - (low + high) / 2,
        absolute=(low + high) / 2,
        absolute_interval=interval,
        relative=None,
        relative_interval=None,
        users=10,
        resamples=1000,
        seed=0,
    )


def test_a_test_that_went_well_raises_no_doubt() -> None:
    assert found() == []
    assert found(lift=lift(0.01, 0.02)) == []
    assert after_training(towers(), ResultFacts()) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"scores_std": 9e-7},
        {"tied": np.arange(100) < 51},
        {"losses": (CHANCE, CHANCE - 5e-5)},
        {"losses": (CHANCE - 0.01,) * 5},
        {"scores_std": 0.0, "tied": np.ones(100, bool), "losses": (CHANCE, CHANCE)},
    ],
)
def test_a_collapse_is_said_once_however_it_shows(changes: dict[str, Any]) -> None:
    assert found(**changes) == [("W-07", "high")]


@pytest.mark.parametrize(
    "changes",
    [
        {"scores_std": 2e-6},
        {"tied": np.arange(100) < 50},
        {"losses": (CHANCE, CHANCE - 2e-4)},
        {"losses": (3.0, 3.0, 3.0)},
        {"losses": (CHANCE,)},
        {"losses": (0.0, 0.0), "batch_candidates": 1},
        {"tied": np.zeros(0, bool), "first": np.zeros(0, int)},
    ],
)
def test_what_only_looks_like_a_collapse_is_none(changes: dict[str, Any]) -> None:
    assert found(**changes) == []


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(-0.01, 0.02, "is not surely above"), (-0.03, -0.01, "is below"), (0.0, 0.1, "is not surely above")],
)
def test_a_headline_that_popularity_may_reach_is_doubted(low: float, high: float, words: str) -> None:
    (warning,) = after_training(towers(), replace(FINE, lift=lift(low, high)))
    assert (warning.code, warning.severity) == ("W-08", "high")
    assert words in warning.message


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(-0.02, 0.01, "is not surely below"), (0.01, 0.03, "is above"), (-0.1, 0.0, "is not surely below")],
)
def test_ratings_that_their_mean_may_predict_as_well_are_doubted(low: float, high: float, words: str) -> None:
    for model in (rating(), towers()):
        (warning,) = after_training(model, ResultFacts(ratings_std=0.5, rating_lift=lift(low, high)))
        assert (warning.code, warning.severity) == ("W-08", "high")
        assert f"RMSE 0.200, {words} that of the mean rating" in warning.message
        assert "popularity" not in warning.message
    assert after_training(rating(), ResultFacts(ratings_std=0.5, rating_lift=lift(-0.03, -0.001))) == ()


def test_a_model_that_predicts_one_rating_has_collapsed() -> None:
    (warning,) = after_training(rating(), ResultFacts(ratings_std=9e-7))
    assert (warning.code, warning.severity) == ("W-07", "high")
    assert "same rating for every row" in warning.message
    assert after_training(rating(), ResultFacts(ratings_std=2e-6)) == ()
    assert found(ratings_std=0.0, scores_std=0.0) == [("W-07", "high")]


def test_one_product_before_all_others_is_doubted() -> None:
    first = np.where(np.arange(100) < 51, 7, np.arange(100))
    assert found(first=first) == [("W-10", "medium")]
    assert found(first=np.where(np.arange(100) < 50, 200, np.arange(100))) == []


def test_a_model_without_correction_is_told_to_correct() -> None:
    config = towers()
    plain = replace(config, training=config.training.model_copy(update={"sampling_correction": "none"}))
    facts = replace(FINE, lift=lift(-1, 0))
    assert after_training(plain, facts)[0].action.settings == {"sampling_correction": "logq"}
    for other in (config, rating()):
        assert after_training(other, facts)[0].action.settings == {}
