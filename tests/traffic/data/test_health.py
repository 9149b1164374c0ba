"""What is found in detectors: missing, silent, constant, stuck and filled with zeros; gaps in the clock."""

from __future__ import annotations

import numpy as np
import pytest

from tests.traffic.making import MONDAY, made
from traffic.data.health import BINS, health_of

DAY = 288


def found(values: np.ndarray, **more: object) -> dict[str, tuple[str, ...]]:
    """First word of each trouble -> its detectors."""
    data = made(len(values), values.shape[1], values=values[..., None].astype(np.float32), **more)  # type: ignore[arg-type]
    return {trouble.title.split(":")[0].split(" ")[0]: trouble.sensors for trouble in health_of(data).troubles}


def lively(steps: int = 2 * DAY, sensors: int = 3) -> np.ndarray:
    return np.random.default_rng(0).normal(60, 10, (steps, sensors))


def test_lively_detectors_have_no_trouble() -> None:
    assert found(lively()) == {}


@pytest.mark.parametrize(("word", "rows", "value"), [
    ("Silent", slice(None), np.nan), ("Constant", slice(None), 55.0), ("Mostly", slice(0, DAY + 1), np.nan), ("Stuck", slice(10, 10 + 73), 88.0),
    ("Filled", slice(0, 10), 0.0), ("Constant", slice(None), 0.0),
])  # fmt: skip
def test_a_detector_in_trouble_is_named_and_no_other_is(word: str, rows: slice, value: float) -> None:
    values = lively()
    values[rows, 1] = value
    assert found(values) == {word: ("s1",)}


def test_a_short_run_of_one_value_or_of_zeros_at_night_is_no_trouble() -> None:
    values = lively()
    values[10:70, 1] = 88.0
    assert found(values) == {}
    values[10:110, 2] = 0.0
    assert found(values, units=("veh/h",), features=("flow",)) == {}
    values[10 : 10 + DAY + 1, 2] = 0.0
    assert found(values, units=("veh/h",), features=("flow",)) == {"Filled": ("s2",)}


def test_a_missing_value_ends_a_run_of_one_value() -> None:
    values = lively()
    values[10 : 10 + 73, 1] = 88.0
    values[45, 1] = np.nan
    assert found(values) == {}


def test_shares_of_missing_values_are_by_detector_and_by_time() -> None:
    steps = 3 * DAY
    data = made(steps, 2, ("speed", "flow"))
    data.values[:DAY, 0] = np.nan
    data.values[:, 1, 1] = np.nan
    health = health_of(data)
    np.testing.assert_allclose(health.missing, [1 / 3, 0.5])
    assert health.over_time.shape == (BINS, 2)
    np.testing.assert_allclose(health.over_time[0], [1, 0.5])
    np.testing.assert_allclose(health.over_time[-1], [0, 0.5])
    assert health.times[0] == MONDAY
    assert (np.diff(health.times) > 0).all()


def test_few_rows_have_a_bin_each() -> None:
    health = health_of(made(5, 2))
    assert health.over_time.shape == (5, 2)


def test_gaps_of_the_clock_are_told_with_their_times() -> None:
    data = made(20, 2)
    times = data.timestamps.copy()
    times[10:] += 3600
    (trouble,) = health_of(made(20, 2, timestamps=times)).troubles
    assert trouble.title == "1 gap in the clock"
    assert "2024-01-01 00:45 to 2024-01-01 01:50" in trouble.advice
    assert not trouble.grave
