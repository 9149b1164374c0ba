"""Scaling, filling and masking: what may be learned, and from which rows."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traffic.making import made
from traffic.baselines.naive import HistoricalAverage, LastValue
from traffic.baselines.ridge import fit_ridge
from traffic.data.contract import TrafficData
from traffic.errors import TrafficError
from traffic.windows.imputation import Impute
from traffic.windows.prepare import Prepared, prepare
from traffic.windows.scaler import Method, fit_scaler
from traffic.windows.splits import Protocol, Split, split
from traffic.windows.windows import WindowSize, input_rows

SIZE = WindowSize(6, 4)
DATA = made(600, 3, ("speed", "flow"), missing=0.15, targets=("speed",))


def changed(data: TrafficData, rows: np.ndarray | slice, value: float | None = None) -> TrafficData:
    """Data whose values in some rows are others; with None what was missing is there, and the other way about."""
    values = data.values.copy()
    values[rows] = np.where(np.isnan(values[rows]), 33.0, np.nan) if value is None else value
    return dataclasses.replace(data, values=values)


def learned(prepared: Prepared) -> list[np.ndarray]:
    """All that is learned from training rows, and what training windows show."""
    train = prepared.split.train
    rows = input_rows(train, prepared.split.size)
    fitted = [LastValue(prepared), HistoricalAverage(prepared), HistoricalAverage(prepared, by_week=False), fit_ridge(prepared)]
    return [
        prepared.scaler.offset, prepared.scaler.scale, prepared.profile.weekly, prepared.profile.daily, prepared.profile.mean,
        prepared.inputs[rows], prepared.mask[rows], *(each.forecast(train[:50]) for each in fitted),
    ]  # fmt: skip


def with_gap() -> TrafficData:
    times = DATA.timestamps + 3600 * (np.arange(600) >= 50) + 3600 * (np.arange(600) >= 57)
    return dataclasses.replace(DATA, timestamps=times)


@pytest.mark.parametrize("impute", ["ffill", "profile", "mean"])
@pytest.mark.parametrize("per_sensor", [False, True])
@pytest.mark.parametrize(
    ("data", "protocol", "stride"),
    [(DATA, "strict", 1), (DATA, "standard", 1), (DATA, "strict", 23), (with_gap(), "strict", 1)],
    ids=["strict", "standard", "stride", "gaps"],
)
def test_nothing_that_is_learned_depends_on_rows_outside_of_training_windows(
    data: TrafficData, protocol: Protocol, stride: int, per_sensor: bool, impute: Impute
) -> None:
    parts = split(data, SIZE, protocol=protocol, train_stride=stride)
    outside = np.flatnonzero(~parts.training_rows)
    assert len(outside)
    before = learned(prepare(data, parts, per_sensor=per_sensor, impute=impute))
    for value in (None, 1e4):
        after = learned(prepare(changed(data, outside, value), parts, per_sensor=per_sensor, impute=impute))
        for old, new in zip(before, after, strict=True):
            np.testing.assert_array_equal(old, new)


def test_a_change_inside_a_training_window_is_seen() -> None:
    parts = split(DATA, SIZE)
    assert not np.array_equal(prepare(DATA, parts).scaler.offset, prepare(changed(DATA, slice(100, 101), 500.0), parts).scaler.offset)


def test_the_scaler_sees_inputs_of_training_windows_not_their_last_targets() -> None:
    parts = split(DATA, SIZE)
    last = int(parts.train[-1])
    other = prepare(changed(DATA, slice(last + 1, last + 1 + SIZE.horizon), 500.0), parts)
    np.testing.assert_array_equal(prepare(DATA, parts).scaler.offset, other.scaler.offset)


@pytest.mark.parametrize("impute", ["ffill", "profile", "mean"])
@pytest.mark.parametrize("row", [430, 470, 550])
def test_inputs_never_depend_on_later_rows(impute: Impute, row: int) -> None:
    parts = split(DATA, SIZE)  # rows from 420 on are validation and test
    before = prepare(DATA, parts, impute=impute)
    after = prepare(changed(DATA, slice(row + 1, None)), parts, impute=impute)
    np.testing.assert_array_equal(before.inputs[: row + 1], after.inputs[: row + 1])
    assert not np.array_equal(before.inputs, after.inputs)


def test_a_hole_takes_the_last_measurement_and_the_mean_before_the_first() -> None:
    values = made(100, 2).values.copy()
    values[:4, 0] = values[7:9, 0] = np.nan
    data = made(100, 2, values=values)
    prepared = prepare(data, split(data, SIZE), method="none")
    np.testing.assert_array_equal(prepared.inputs[7:9, 0, 0], np.repeat(values[6, 0, 0], 2))
    np.testing.assert_allclose(prepared.inputs[:4, 0, 0], np.nanmean(values[:70, 0, 0].astype(np.float64)), rtol=1e-6)


def test_a_forward_fill_reaches_over_the_border_of_sets() -> None:
    values = made(200, 1).values.copy()
    values[138:144] = np.nan
    data = made(200, 1, values=values)
    prepared = prepare(data, split(data, SIZE), method="none")
    np.testing.assert_array_equal(prepared.inputs[140:144], np.broadcast_to(values[137], (4, 1, 1)))


def test_masks_say_what_was_measured_and_targets_are_never_filled() -> None:
    prepared = prepare(DATA, split(DATA, SIZE))
    measured = ~np.isnan(DATA.values)
    np.testing.assert_array_equal(prepared.mask, measured.astype(np.float32))
    np.testing.assert_array_equal(prepared.target_mask, measured[..., :1])
    np.testing.assert_array_equal(prepared.targets[prepared.target_mask], DATA.values[..., :1][measured[..., :1]])
    assert not prepared.targets[~prepared.target_mask].any()
    assert np.isfinite(prepared.inputs).all()
    assert prepared.null == "nan"


def test_zeros_are_masked_in_errors_and_stay_in_inputs_where_only_metrics_leave_them_out() -> None:
    data = changed(DATA, slice(100, 110), 0.0)
    prepared = prepare(data, split(data, SIZE), method="none", zeros_as_missing="metrics")
    assert not prepared.target_mask[100:110].any()
    assert prepared.mask[100:110].all()
    assert not prepared.inputs[100:110].any()
    assert prepared.null == "0"
    assert prepare(data, split(data, SIZE)).target_mask[100:110].all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 100), st.integers(0, 1), st.integers(0, 1)), max_size=12),
    st.sampled_from(["ffill", "profile", "mean"]),
    st.sampled_from(["zscore", "minmax", "none"]),
    st.booleans(),
)
def test_whatever_is_missing_inputs_are_finite_or_the_series_is_refused(
    holes: list[tuple[int, int, int, int]], impute: Impute, method: Method, per_sensor: bool
) -> None:
    values = made(100, 2, ("speed", "flow")).values.copy()
    for first, length, sensor, feature in holes:
        values[first : first + length, sensor, feature] = np.nan
    if np.isnan(values[..., 0]).all():
        return
    data = made(100, 2, ("speed", "flow"), values=values, targets=("speed",))
    parts = split(data, SIZE)
    if np.isnan(values[:70, :, 0]).all():
        with pytest.raises(TrafficError, match="No detector measured"):
            prepare(data, parts)
        return
    told = ~np.isnan(values[:70, :, 0]).all(0)
    if np.isnan(values[parts.target_rows("test")][:, told, 0]).all():
        with pytest.raises(TrafficError, match="No target was measured in the test rows"):
            prepare(data, parts)
        return
    prepared = prepare(data, parts, impute=impute, method=method, per_sensor=per_sensor)
    assert np.isfinite(prepared.inputs).all()
    for forecaster in (LastValue(prepared), HistoricalAverage(prepared), fit_ridge(prepared)):
        assert np.isfinite(forecaster.forecast(parts.test)).all()


def test_a_silent_detector_is_named_and_left_out_and_all_silent_ones_are_refused() -> None:
    values = DATA.values.copy()
    values[:420, 1, 0] = np.nan
    data = dataclasses.replace(DATA, values=values)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prepared = prepare(data, split(data, SIZE), per_sensor=True)
    assert prepared.silent == ("s1",)
    assert not prepared.target_mask[:, 1].any()
    assert prepared.target_mask[420:, 0].any()
    assert np.isfinite(prepared.inputs).all()
    values[:420, :, 0] = np.nan
    with pytest.raises(TrafficError) as caught:
        prepare(dataclasses.replace(DATA, values=values), split(DATA, SIZE))
    assert caught.value.code == "DATA_EMPTY"


@pytest.mark.parametrize("method", ["zscore", "minmax", "none"])
@pytest.mark.parametrize("per_sensor", [False, True])
def test_a_scaler_agrees_with_numpy_and_goes_back(method: Method, per_sensor: bool) -> None:
    rows = np.arange(600) < 300
    scaler = fit_scaler(DATA.values, rows, DATA.features, method=method, per_sensor=per_sensor)
    seen = DATA.values[:300].astype(np.float64)
    axis = 0 if per_sensor else (0, 1)
    expected = {
        "zscore": (np.nanmean(seen, axis), np.nanstd(seen, axis)),
        "minmax": (np.nanmin(seen, axis), np.nanmax(seen, axis) - np.nanmin(seen, axis)),
        "none": (0.0, 1.0),
    }[method]
    np.testing.assert_allclose(scaler.offset, np.broadcast_to(expected[0], scaler.offset.shape))
    np.testing.assert_allclose(scaler.scale, np.broadcast_to(expected[1], scaler.scale.shape))
    np.testing.assert_allclose(scaler.inverse(scaler.transform(DATA.values)), DATA.values, rtol=1e-5)
    assert scaler.constant == ()


def test_a_constant_feature_is_centred_with_scale_one_and_reported() -> None:
    values = DATA.values.copy()
    values[..., 1] = 7.0
    scaler = fit_scaler(values, np.arange(600) < 300, DATA.features)
    assert (scaler.constant, scaler.scale[1], scaler.offset[1]) == (("flow",), 1.0, 7.0)
    assert not scaler.transform(values)[..., 1].any()


def test_training_rows_of_a_stride_are_those_that_windows_contain() -> None:
    parts: Split = split(DATA, SIZE, train_stride=23)
    expected = {row for end in parts.train for row in range(end - 5, end + 5)}
    assert set(np.flatnonzero(parts.training_rows)) == expected
    assert set(np.flatnonzero(parts.training_inputs)) == {row for end in parts.train for row in range(end - 5, end + 1)}
    assert set(np.flatnonzero(parts.unseen_training_rows)) == set(range(max(expected))) - expected
