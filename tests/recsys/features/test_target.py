from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from recsys.features.config import Target
from recsys.features.target import FittedTarget, fit_target

CLIPS = [None, {}, {"lower": None, "upper": 90}, {"lower": 10, "upper": None}, {"lower": None, "upper": None}]
NORMALS = [None, {"range": "z_score"}, {"range": "[0,1]"}, {"range": "[-1,1]"}]


def fitted(values: Any, *, binary: bool = False, **transforms: Any) -> FittedTarget:
    clip_predictions = transforms.pop("clip_predictions", True)
    target = Target.model_validate(
        {"column": "rating", "transforms": transforms, "clip_predictions": clip_predictions}
    )
    return fit_target(target, np.asarray(values, np.float64), binary=binary)


def grid() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate(
        (rng.lognormal(2, 2, 400), [0.0, 1e-3, 0.5, 1.0, 1e5], rng.integers(1, 6, 50), [np.nan])
    )


@pytest.mark.parametrize(("clip", "log", "normal"), list(itertools.product(CLIPS, [False, True], NORMALS)))
def test_the_inverse_gives_the_clipped_target_back_for_every_chain(clip: Any, log: bool, normal: Any) -> None:
    values = grid()
    target = fitted(values, clip_outliers=clip, log_transform=log, normalize=normal)
    known = values[np.isfinite(values)]
    chosen: dict[str, Any] = (
        {"lower": 1, "upper": 99} | clip if clip is not None else {"lower": None, "upper": None}
    )
    low = -np.inf if chosen["lower"] is None else np.percentile(known, chosen["lower"])
    high = np.inf if chosen["upper"] is None else np.percentile(known, chosen["upper"])
    expected = np.clip(known, low, high)
    learnt = target.forward(values)
    np.testing.assert_allclose(target.inverse(learnt)[:-1], expected, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(target.predictions(learnt)[:-1], expected, rtol=1e-5, atol=1e-9)
    assert np.isnan(learnt[-1])
    assert np.isnan(target.inverse(learnt)[-1])


@pytest.mark.parametrize(("log", "normal"), list(itertools.product([False, True], NORMALS)))
def test_ratings_survive_the_rounding_to_what_is_learnt(log: bool, normal: Any) -> None:
    ratings = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 2.5])
    target = fitted(ratings, log_transform=log, normalize=normal)
    rounded = target.forward(ratings).astype(np.float32)
    np.testing.assert_allclose(target.inverse(rounded), ratings, rtol=1e-5)


def test_each_step_is_the_known_formula_in_the_known_order() -> None:
    values = np.arange(101.0)
    target = fitted(
        values, clip_outliers={"lower": 10, "upper": 90}, log_transform=True, normalize={"range": "[0,1]"}
    )
    assert (target.lower, target.upper) == (10.0, 90.0)
    got = target.forward(np.array([0.0, 10.0, 30.0, 90.0, 100.0]))
    middle = (np.log(31) - np.log(11)) / (np.log(91) - np.log(11))
    np.testing.assert_allclose(got, [0.0, 0.0, middle, 1.0, 1.0], rtol=1e-12)
    both = fitted(
        values, clip_outliers={"lower": 10, "upper": 90}, log_transform=True, normalize={"range": "[-1,1]"}
    )
    np.testing.assert_allclose(both.forward(np.array([30.0])), [2 * middle - 1])


def test_a_z_score_uses_the_clipped_targets_of_the_train_part_and_is_not_limited() -> None:
    values = np.array([1.0, 1.0, 1.0, 5.0])
    target = fitted(values, normalize={"range": "z_score"})
    np.testing.assert_allclose(target.forward(np.array([2.0, 100.0])), [0.0, 98 / np.sqrt(3)])


def test_without_settings_a_target_is_a_z_score_within_the_range_it_was_fitted_on() -> None:
    target = fitted([1.0, 3.0, 5.0])
    np.testing.assert_allclose(target.forward(np.array([3.0])), [0.0])
    assert target.limits == (1.0, 5.0)
    np.testing.assert_allclose(target.predictions(np.array([-100.0, 0.0, 100.0])), [1.0, 3.0, 5.0])
    free = fitted([1.0, 3.0, 5.0], clip_predictions=False)
    assert free.limits is None
    assert free.predictions(np.array([100.0]))[0] > 100


def test_predictions_are_limited_to_the_clipped_range_also_where_the_inverse_overflows() -> None:
    target = fitted(np.arange(101.0), clip_outliers={"lower": 10, "upper": 90}, log_transform=True)
    assert target.limits == (10.0, 90.0)
    assert target.predictions(np.array([1e6, -1e6])).tolist() == [90.0, 10.0]


@pytest.mark.parametrize("normal", NORMALS)
def test_a_constant_target_is_0_and_comes_back(normal: Any) -> None:
    target = fitted([4.0, 4.0, np.nan], normalize=normal, log_transform=True)
    learnt = target.forward(np.array([4.0]))
    np.testing.assert_allclose(target.inverse(learnt), [4.0])
    if normal is not None:
        assert learnt.tolist() == [0.0]


@pytest.mark.parametrize("pair", [(0.0, 1.0), (-1.0, 1.0), (1.0, 5.0), (0.0, 0.25)])
def test_a_binary_targets_smaller_value_is_0_and_its_larger_1(pair: tuple[float, float]) -> None:
    low, high = pair
    target = fitted([high, low, low, np.nan], binary=True, normalize=None)
    np.testing.assert_array_equal(
        target.forward(np.array([low, high, np.nan, 77.0])), [0.0, 1.0, np.nan, np.nan]
    )
    np.testing.assert_allclose(target.inverse(np.array([0.0, 1.0, 0.5])), [low, high, (low + high) / 2])
    assert target.predictions(np.array([-0.5, 1.5])).tolist() == [low, high]


@pytest.mark.parametrize("values", [[1.0], [1.0, 1.0], [1.0, 2.0, 3.0]])
def test_a_binary_target_of_other_than_two_values_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="must have two values"):
        fitted(values, binary=True, normalize=None)


@pytest.mark.parametrize(
    "transforms", [{}, {"normalize": None, "log_transform": True}, {"normalize": None, "clip_outliers": {}}]
)
def test_a_binary_target_takes_no_transform(transforms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="takes no transform"):
        fitted([0.0, 1.0], binary=True, **transforms)


def test_a_target_without_values_or_outside_the_logarithm_is_refused() -> None:
    with pytest.raises(ValueError, match='"rating" has no value'):
        fitted([np.nan, np.inf])
    with pytest.raises(ValueError, match=r'log1p needs values greater than -1 \("rating" has -1\)'):
        fitted([-1.0, 2.0], log_transform=True)
    clipped = fitted([-1.0, *[2.0] * 99, 3.0], log_transform=True, clip_outliers={"lower": 5})
    assert clipped.lower == 2.0


@pytest.mark.parametrize("value", [3.5e38, -1e200])
def test_a_target_that_float32_does_not_hold_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="and a model's numbers go to"):
        fit_target(Target(column="t"), np.array([1.0, 2.0, value]))
    assert fit_target(Target(column="t"), np.array([1.0, 3.4e38])).limits is not None


def test_values_that_nothing_is_known_of_count_as_missing() -> None:
    target = fitted([0.0, 9.0], log_transform=True)
    assert np.isnan(target.forward(np.array([-1.0, -5.0, np.inf, np.nan]))).all()


def test_a_fitted_target_is_the_same_from_its_json() -> None:
    target = fitted(grid(), clip_outliers={}, log_transform=True)
    assert FittedTarget.model_validate_json(target.model_dump_json()) == target
