from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recsys.evaluation.bootstrap import Interval, Lift
from recsys.model.course import course_of
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
    assert found(lifts={"popularity": lift(0.01, 0.02)}) == []
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
    [
        (-0.01, 0.02, "may be no better than that of popularity, 19.5 %"),
        (-0.03, -0.01, "is below that of popularity, 22.0 %"),
        (0.0, 0.1, "may be no better than that of popularity, 15.0 %"),
    ],
)
def test_a_headline_that_popularity_may_reach_is_doubted(low: float, high: float, words: str) -> None:
    (warning,) = after_training(towers(), replace(FINE, lifts={"popularity": lift(low, high)}))
    assert (warning.code, warning.severity) == ("W-08", "high")
    assert warning.message == f"Recall@10, all items, of 20.0 % {words}"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.02, 0.01, "may be no lower than that of the mean rating"),
        (0.01, 0.03, "is above that of the mean rating"),
        (-0.1, 0.0, "may be no lower than that of the mean rating"),
    ],
)
def test_ratings_that_their_mean_may_predict_as_well_are_doubted(low: float, high: float, words: str) -> None:
    for model in (rating(), towers()):
        (warning,) = after_training(
            model, ResultFacts(ratings_std=0.5, rating_lifts={"mean": lift(low, high)})
        )
        assert (warning.code, warning.severity) == ("W-08", "high")
        assert f"RMSE, of 0.2 {words}" in warning.message
        assert "popularity" not in warning.message
    assert (
        after_training(rating(), ResultFacts(ratings_std=0.5, rating_lifts={"mean": lift(-0.03, -0.001)}))
        == ()
    )


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
    facts = replace(FINE, lifts={"popularity": lift(-1, 0)})
    assert after_training(plain, facts)[0].action.settings == {"sampling_correction": "logq"}
    for other in (config, rating()):
        assert after_training(other, facts)[0].action.settings == {}


def test_baselines_that_beat_the_model_by_a_whole_interval_are_named_with_their_figures() -> None:
    lifts = {"popularity": lift(0.1, 0.12), "item_knn": lift(-0.06, -0.02), "ease": lift(-0.02, 0.01)}
    (warning,) = after_training(towers(), replace(FINE, recall="recall_at_10_unseen", lifts=lifts))
    assert (warning.code, warning.severity) == ("W-16", "medium")
    said = (
        "ItemKNN (24.0 %) is better than the model (20.0 %) by Recall@10, seen left out; "
        "the 95 % interval of the difference excludes 0"
    )
    assert warning.message == said
    both = replace(FINE, lifts={"item_knn": lift(-0.06, -0.02), "ease": lift(-0.1, -0.08)})
    message = after_training(towers(), both)[0].message
    assert message.startswith("ItemKNN (24.0 %) and EASE (29.0 %) are better than the model")
    assert message.endswith("the 95 % interval of each difference excludes 0")


def test_means_that_rate_better_by_a_whole_interval_are_named() -> None:
    facts = ResultFacts(rating_lifts={"mean": lift(-0.3, -0.2), "user_item_means": lift(0.02, 0.04)})
    (warning,) = after_training(rating(), facts)
    assert (warning.code, warning.severity) == ("W-16", "medium")
    said = "User and item means (0.17) is better than the model (0.2) by RMSE"
    assert warning.message == f"{said}; the 95 % interval of the difference excludes 0"
    unsure = ResultFacts(rating_lifts={"mean": lift(-0.3, -0.2), "user_item_means": lift(-0.02, 0.04)})
    assert after_training(rating(), unsure) == ()


@pytest.mark.parametrize(
    ("values", "begins", "settings"),
    [
        ((0.1, 0.2, 0.3), "Train longer", {"epochs": 6}),
        ((0.1,) * 499 + (0.2,), "Train longer", {}),
        ((0.1, 0.3, 0.2, 0.1), "Do not train longer", {"epochs": 2}),
        ((0.1, 0.3, 0.299), "More epochs no longer improve", {}),
        ((None, None), 'Start from the recipe "Best retrieval"', {}),
        ((), 'Start from the recipe "Best retrieval"', {}),
    ],
)
def test_the_validation_figure_decides_whether_to_train_longer(
    values: tuple[float | None, ...], begins: str, settings: dict[str, int]
) -> None:
    course = course_of(values, "Recall@10", lower=False)
    (warning,) = after_training(towers(), replace(FINE, lifts={"popularity": lift(-1, 0)}, course=course))
    assert warning.action.words.startswith(begins)
    assert warning.action.settings == settings


def test_an_error_that_falls_is_still_improving() -> None:
    ways = [course_of(values, "RMSE", lower=True) for values in ((1.0, 0.9), (0.9, 1.0))]
    assert [way and (way.way, way.best) for way in ways] == [("rising", 2), ("turned", 1)]


def test_lists_with_one_product_ahead_are_told_a_setting_that_there_is() -> None:
    (warning,) = after_training(towers(), replace(FINE, first=np.zeros(100, int)))
    for name, value in warning.action.settings.items():
        assert getattr(towers().training, name) != value
    assert warning.action.settings
