"""Compiled epochs: what they take, what they count, and that nothing is compiled twice."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from parallel.mesh import copied
from tests.traffic.making import made
from tests.traffic.training.standin import engine_of, prepared_of, settings, wavy
from traffic.baselines.base import Forecaster
from traffic.metrics.evaluate import evaluate
from traffic.metrics.scores import scores
from traffic.training.engine import Engine
from traffic.training.errors import NonFiniteError
from traffic.training.fit import Fit
from traffic.training.forecaster import ModelForecaster
from traffic.training.record import RunRecord
from traffic.training.series import gather
from traffic.windows.prepare import Prepared
from traffic.windows.time_features import encodings
from traffic.windows.windows import input_rows, target_rows


def epoch_of(engine: Engine, state, shrunk: float = 1.0):
    state, whole = engine.train_epoch(state, shrunk, lambda steps: False)
    assert whole
    return state


def test_every_window_counts_once_in_an_epoch_and_padding_nothing() -> None:
    prepared = prepared_of(wavy(missing=0.2))
    engine, state = engine_of(prepared, settings(batch_size=50))
    assert engine.recipe.n_train % 50, "the last batch must be short, or the test shows nothing"
    order = np.asarray(engine.functions.order(state.key, state.life_epoch, jax.device_put(prepared.split.train)))
    real = order[order >= 0]
    assert sorted(real) == sorted(prepared.split.train)
    counted = np.asarray(epoch_of(engine, state).counts).sum(0)
    expected = prepared.target_mask[target_rows(prepared.split.train, prepared.split.size)].sum((0, 1, 2))
    assert counted == pytest.approx(expected)


def test_the_order_of_windows_is_another_each_epoch_and_of_the_seed_alone() -> None:
    prepared = prepared_of(wavy())
    orders = {}
    for seed in (1, 1, 2):
        engine, state = engine_of(prepared, settings(seed=seed))
        ends = jax.device_put(prepared.split.train)
        orders.setdefault(seed, []).append(
            [np.asarray(engine.functions.order(state.key, jax.device_put(np.int32(e)), ends)) for e in (0, 1)]
        )
    first, again = orders[1]
    assert np.array_equal(first[0], again[0])
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], orders[2][0][0])


@pytest.mark.parametrize("shared", [True, False])
def test_windows_are_gathered_as_index_arithmetic_has_them(shared: bool) -> None:
    prepared = prepared_of(made(120, 3, ("speed", "flow"), missing=0.3))
    engine, _ = engine_of(prepared, settings(), shared=shared)
    ends = np.array([prepared.split.train[3], prepared.split.train[0], -1], np.int32)
    windows = gather(engine.series, jax.device_put(ends), engine.recipe.reading)
    rows, ahead = input_rows(ends[:2], prepared.split.size), target_rows(ends[:2], prepared.split.size)
    assert np.array_equal(windows.inputs[:2], prepared.inputs[rows])
    time = encodings(prepared.timestamps)[rows]
    mask = prepared.mask[rows]
    if shared:
        expected = np.concatenate([np.broadcast_to(time[:, :, None], (*mask.shape[:3], 4)), mask], -1)
    else:
        expected = np.concatenate([time, mask.reshape(*mask.shape[:2], -1)], -1)
    assert np.array_equal(windows.exog[:2], expected)
    assert np.array_equal(windows.targets[:2], prepared.targets[ahead])
    assert np.array_equal(windows.counted[:2] > 0, prepared.target_mask[ahead])
    assert not np.asarray(windows.counted[2]).any()
    assert np.array_equal(windows.tod[:2], (prepared.timestamps[ends[:2]] % 86_400) // 300)
    assert np.array_equal(windows.dow[:2], np.zeros(2))


def test_the_compiled_epoch_takes_series_indices_and_state_alone() -> None:
    """Nothing of the size of materialised windows goes in: what goes in grows with the rows, not with the window's length."""
    sizes = {}
    for lookback in (4, 24):
        prepared = prepared_of(wavy(), lookback=lookback)
        engine, state = engine_of(prepared, settings())
        order = engine.functions.order(state.key, state.life_epoch, jax.device_put(prepared.split.train))
        bounds = [jax.device_put(each) for each in (np.float32(1), np.int32(0), np.int32(1))]
        lowered = engine.functions.segment.lower(copied(state), engine.series, order, *bounds)  # pyright: ignore[reportFunctionMemberAccess]
        series_bytes = sum(leaf.nbytes for leaf in jax.tree.leaves(engine.series))
        state_bytes = sum(leaf.nbytes for leaf in jax.tree.leaves(state))
        memory = lowered.compile().memory_analysis()
        sizes[lookback] = memory.argument_size_in_bytes - series_bytes - state_bytes - order.nbytes
        assert memory.argument_size_in_bytes <= series_bytes + state_bytes + order.nbytes + 4096
    assert abs(sizes[24] - sizes[4]) < 4096


def test_no_epoch_after_the_first_compiles_and_no_change_of_rate_does() -> None:
    prepared = prepared_of(wavy())
    engine, state = engine_of(prepared, settings())

    def epoch(state, shrunk: float):
        state, _ = engine.close_epoch(epoch_of(engine, state, shrunk))
        return copied(state)

    compiled: list[str] = []

    def heard(event: str, duration_secs: float, **_: str | int) -> None:
        if "backend_compile" in event:
            compiled.append(event)

    jax.monitoring.register_event_duration_secs_listener(heard)
    try:
        state = epoch(state, 1.0)
        assert compiled, "the first epoch compiles; if nobody hears of it, the test shows nothing"
        compiled.clear()
        epoch(epoch(state, 1.0), 0.25)
    finally:
        jax.monitoring.clear_event_listeners()
    assert not compiled


def test_training_on_all_of_metr_la_needs_little_memory_beyond_its_arrays() -> None:
    """As the compiler counts it: materialised windows would be more than twelve times the inputs."""
    rows, sensors = 34_272, 207
    engine, state = engine_of(prepared_of(wavy(sensors=sensors), lookback=12, horizon=12), settings(batch_size=64))
    of_rows = {leaf.shape[0] for leaf in (engine.series.inputs, engine.series.slot)}

    def long(leaf: jax.Array) -> jax.ShapeDtypeStruct:
        shape = (rows, *leaf.shape[1:]) if leaf.shape[:1] and leaf.shape[0] in of_rows else leaf.shape
        return jax.ShapeDtypeStruct(shape, leaf.dtype)

    series = jax.tree.map(long, engine.series)
    order = jax.ShapeDtypeStruct((engine.recipe.steps, 64), np.int32)
    numbers = [jax.ShapeDtypeStruct((), kind) for kind in (np.float32, np.int32, np.int32)]
    shapes = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), state)
    memory = engine.functions.segment.lower(shapes, series, order, *numbers).compile().memory_analysis()  # pyright: ignore[reportFunctionMemberAccess]
    arrays = sum(int(np.prod(leaf.shape)) * leaf.dtype.itemsize for leaf in jax.tree.leaves(series))
    assert arrays > rows * sensors * 4
    assert memory.temp_size_in_bytes < 200 * 2**20


@pytest.mark.parametrize("shared", [True, False])
def test_validation_errors_are_those_of_the_whole_set_in_original_units(shared: bool) -> None:
    prepared = prepared_of(wavy(missing=0.3))
    engine, state = engine_of(prepared, settings(), shared=shared)
    found = engine.validate(state.parameters)
    forecaster: Forecaster = ModelForecaster(engine, state.parameters)
    expected = scores(evaluate(prepared, forecaster, "val"))
    for name in ("mae", "rmse", "mape"):
        rule = "0" if name == "mape" else "nan"
        assert found[f"masked_{name}"] == pytest.approx(expected[f"val/masked_{name}@null={rule}/avg"], rel=1e-5)
        assert found[f"masked_{name}_h3"] == pytest.approx(expected[f"val/masked_{name}@null={rule}/h3"], rel=1e-5)


def test_forecasts_do_not_depend_on_how_windows_are_batched() -> None:
    prepared = prepared_of(wavy())
    engine, state = engine_of(prepared, settings())
    ends = prepared.split.test
    whole = engine.predict(state.parameters, ends)
    assert whole.shape == (len(ends), 3, 3, 1)
    single = np.concatenate([engine.predict(state.parameters, ends[place : place + 1]) for place in range(5)])
    assert np.allclose(whole[:5], single, atol=1e-4)
    assert engine.predict(state.parameters, ends[:0]).shape == (0, 3, 3, 1)


def test_quantiles_never_cross_and_the_point_forecast_is_the_median() -> None:
    prepared = prepared_of(wavy())
    engine, state = engine_of(prepared, settings(), quantiles=(0.1, 0.5, 0.9))
    found = engine.predict(state.parameters, prepared.split.test)
    assert found.shape[-1] == 3
    assert (np.diff(found, axis=-1) >= 0).all()
    point = ModelForecaster(engine, state.parameters).forecast(prepared.split.test)
    assert np.array_equal(point, found[..., 1])


def broken(prepared: Prepared, row: int, sensor: int) -> Prepared:
    inputs = prepared.inputs.copy()
    inputs[row, sensor] = np.inf
    return Prepared(**{**vars(prepared), "inputs": inputs})


@pytest.mark.parametrize("shared", [True, False])
def test_a_step_that_is_not_finite_is_not_applied_and_names_batch_and_detector(shared: bool) -> None:
    prepared = broken(prepared_of(wavy()), 100, 1)
    engine, state = engine_of(prepared, settings(), shared=shared)
    fit = Fit(engine, state, RunRecord())
    with pytest.raises(NonFiniteError) as caught:
        list(fit.epochs())
    assert caught.value.sensor_id == "s1"
    assert caught.value.epoch == 1
    order = np.asarray(engine.functions.order(fit.completed.key, fit.completed.life_epoch, jax.device_put(prepared.split.train)))
    batches = [1 + number for number, ends in enumerate(order) if ((ends >= 100) & (ends < 104)).any()]
    assert caught.value.batch == batches[0]
    for name, before in fit.completed.parameters.items():
        assert np.isfinite(before).all(), name


def test_the_weights_before_a_broken_step_are_those_of_the_steps_that_went_well() -> None:
    data = prepared_of(wavy())
    good, _ = engine_of(data, settings())
    bad, _ = engine_of(broken(data, 100, 1), settings())
    order = np.asarray(
        good.functions.order(jax.device_put(np.array([0, 42], np.uint32)), jax.device_put(np.int32(0)), jax.device_put(data.split.train))
    )
    first = next(number for number, ends in enumerate(order) if ((ends >= 100) & (ends < 104)).any())
    last = jax.device_put(np.int32(len(order)))
    ends = []
    for engine, stop in ((good, jax.device_put(np.int32(first))), (bad, last)):
        _, state = engine_of(data, settings())
        ends.append(
            engine.functions.segment(state, engine.series, jax.device_put(order), *map(jax.device_put, (np.float32(1), np.int32(0))), stop)
        )
    assert int(ends[1].broken) == first
    for name, value in ends[0].parameters.items():
        assert np.array_equal(value, ends[1].parameters[name]), name
