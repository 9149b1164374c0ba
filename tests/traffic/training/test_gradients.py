"""Gradients that are summed over parts of a batch: the same as of the whole batch, in memory that does not grow with it."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from parallel.mesh import copied
from tests.traffic.training.standin import engine_of, prepared_of, settings, wavy
from traffic.training import recipe as recipe_module
from traffic.training.gradients import gradients_of, in_parts
from traffic.training.losses import loss_sums, mean_loss
from traffic.training.series import gather

SENSORS = 3


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("padding", [0, 5, 11])
def test_the_gradient_in_parts_is_that_of_the_whole_batch(shared: bool, padding: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe_module, "CACHED_SEQUENCES", 4 * (SENSORS if shared else 1))
    prepared = prepared_of(wavy(sensors=SENSORS, missing=0.3))
    engine, state = engine_of(prepared, settings(batch_size=18), shared=shared, dropout=0.0)
    recipe, series, key = engine.recipe, engine.series, jax.random.key(0)
    assert recipe.training_rows == 4, "a batch must come in parts, or the test shows nothing"
    ends = np.array(prepared.split.train[40:58], np.int32)
    ends[len(ends) - padding :] = -1
    windows = gather(series, jax.device_put(ends), recipe.reading)

    def whole(parameters: Any) -> Any:
        sums, counts = loss_sums(recipe.forward(parameters, windows, None), windows, series, recipe.loss)
        return mean_loss(sums, counts), (sums, counts)

    expected, (sums, counts) = jax.grad(whole, has_aux=True)(state.parameters)
    found_sums, found_counts, found = gradients_of(recipe, state.parameters, series, jax.device_put(ends), key)
    assert np.array_equal(found_counts, counts)
    assert np.asarray(found_sums) == pytest.approx(np.asarray(sums), rel=1e-5)
    assert set(found) == set(expected)
    for name, gradient in expected.items():
        assert np.asarray(gradient).any(), f"{name} has no gradient to compare"
        assert np.asarray(found[name]) == pytest.approx(np.asarray(gradient), rel=1e-4, abs=1e-6), name


def test_parts_are_as_even_as_can_be_and_hold_every_window_once() -> None:
    for count in (1, 5, 16, 17, 64):
        for most in (1, 4, 6, 64):
            parts = np.asarray(in_parts(np.arange(count, dtype=np.int32), most))  # pyright: ignore[reportArgumentType]
            assert parts.shape[1] <= most
            assert parts.size - count < len(parts)
            assert parts[parts >= 0].tolist() == list(range(count))


def test_each_part_drops_entries_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same window in two parts of a batch is not dropped alike, or a batch would train on less than it says."""
    monkeypatch.setattr(recipe_module, "CACHED_SEQUENCES", SENSORS)
    prepared = prepared_of(wavy(sensors=SENSORS))
    engine, state = engine_of(prepared, settings(batch_size=2), dropout=0.5)
    once, twice = (jax.device_put(np.array([prepared.split.train[9], other], np.int32)) for other in (-1, prepared.split.train[9]))
    sums = [np.asarray(gradients_of(engine.recipe, state.parameters, engine.series, ends, jax.random.key(1))[0]) for ends in (once, twice)]
    assert sums[1] != pytest.approx(2 * sums[0], rel=1e-3)


def test_the_memory_of_a_step_does_not_grow_with_its_batch() -> None:
    sizes = {}
    for batch in (128, 512):
        prepared = prepared_of(wavy(1_200, 8), lookback=24)
        engine, state = engine_of(prepared, settings(batch_size=batch))
        assert engine.recipe.batch_size == batch
        order = engine.functions.order(state.key, state.life_epoch, jax.device_put(prepared.split.train))
        bounds = [jax.device_put(each) for each in (np.float32(1), np.int32(0), np.int32(1))]
        lowered = engine.functions.segment.lower(copied(state), engine.series, order, *bounds)  # pyright: ignore[reportFunctionMemberAccess]
        sizes[batch] = lowered.compile().memory_analysis().temp_size_in_bytes
    assert sizes[512] < 1.25 * sizes[128]
