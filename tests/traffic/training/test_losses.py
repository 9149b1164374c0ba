"""Losses of forecasts, against NumPy in float64."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.training.standin import engine_of, prepared_of, settings, wavy
from traffic.intervals.pinball import pinball
from traffic.training.errors import TrainingError
from traffic.training.losses import loss_sums, mean_loss, pointwise, unscaled
from traffic.training.series import gather, series_of
from traffic.windows.windows import target_rows

QUANTILES = (0.1, 0.5, 0.9)


def numpy_loss(name: str, error: np.ndarray) -> np.ndarray:
    """The loss of errors truth - forecast in deviations."""
    if name == "mse":
        return error**2
    if name == "huber":
        return np.where(np.abs(error) <= 0.7, error**2 / 2, 0.7 * (np.abs(error) - 0.35))
    if name == "pinball":
        return np.mean([pinball(error[..., place], level) for place, level in enumerate(QUANTILES)], axis=0)
    return np.abs(error)


@pytest.mark.parametrize("name", ["masked_mae", "mse", "huber", "pinball"])
@pytest.mark.parametrize("per_sensor", [True, False])
def test_a_loss_is_that_of_measured_targets_in_deviations_averaged_over_targets(name: str, per_sensor: bool) -> None:
    prepared = prepared_of(wavy(missing=0.4, features=("speed", "flow")), per_sensor=per_sensor)
    engine, _ = engine_of(prepared, settings(), quantiles=QUANTILES if name == "pinball" else ())
    ends = prepared.split.train[:7]
    windows = gather(engine.series, jax.device_put(ends), engine.recipe.reading)
    output = np.random.default_rng(0).normal(0, 1, (7, *engine.recipe.output_shape())).astype(np.float32)
    loss = pointwise(name, huber_delta=0.7, quantiles=QUANTILES)
    sums, counts = loss_sums(jnp.asarray(output), windows, engine.series, loss)

    rows = target_rows(ends, prepared.split.size)
    scale, offset = (np.atleast_2d(part)[:, list(prepared.target_columns)] for part in (prepared.scaler.scale, prepared.scaler.offset))
    quantiles = output.ndim == 5
    spread = (lambda part: part[..., None]) if quantiles else (lambda part: part)
    error = (spread(prepared.targets[rows].astype(np.float64)) - (output * spread(scale) + spread(offset))) / spread(prepared.target_sd)
    each = np.where(prepared.target_mask[rows], numpy_loss(name, error), 0.0)
    expected, measured = each.sum((0, 1, 2)), prepared.target_mask[rows].sum((0, 1, 2))
    assert np.allclose(sums, expected, rtol=2e-4)
    assert np.array_equal(counts, measured)
    assert float(mean_loss(sums, counts)) == pytest.approx(np.mean(expected / measured), rel=2e-4)


def test_missing_targets_change_nothing_but_the_mask_however_they_are_missing() -> None:
    """NaN targets, and zeros that metrics leave out, give the loss of the targets that remain."""
    data = wavy(missing=0.0)
    hole = np.random.default_rng(1).random(data.values.shape) < 0.3
    as_nan = replace(data, values=np.where(hole, np.float32(np.nan), data.values))
    as_zero = replace(data, values=np.where(hole, np.float32(0), data.values))
    found = []
    for each, zeros in ((as_nan, "none"), (as_zero, "metrics")):
        prepared = prepared_of(each, zeros_as_missing=zeros)
        # the same inputs, scale and deviation for both: only what is missing differs
        base = prepared_of(data)
        prepared = replace(base, targets=prepared.targets, target_mask=prepared.target_mask)
        engine, state = engine_of(base, settings())
        series = series_of(prepared, ("tod", "dow"))
        windows = gather(series, jax.device_put(prepared.split.train[:20]), engine.recipe.reading)
        output = engine.recipe.forward(state.parameters, windows, None)
        found.append(loss_sums(output, windows, series, engine.recipe.loss))
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])


def test_without_a_measured_target_the_loss_is_0_and_so_is_its_gradient() -> None:
    prepared = prepared_of(wavy())
    prepared = replace(prepared, target_mask=np.zeros_like(prepared.target_mask), targets=np.full_like(prepared.targets, np.nan))
    engine, state = engine_of(prepared, settings())
    windows = gather(engine.series, jax.device_put(prepared.split.train[:5]), engine.recipe.reading)

    def loss(parameters):
        return mean_loss(*loss_sums(engine.recipe.forward(parameters, windows, None), windows, engine.series, engine.recipe.loss))

    value, gradients = jax.value_and_grad(loss)(state.parameters)
    assert float(value) == 0
    assert all(not np.asarray(gradient).any() for gradient in gradients.values())


def test_outputs_go_back_to_original_units_by_the_targets_scale() -> None:
    prepared = prepared_of(wavy(features=("speed", "flow")))
    engine, _ = engine_of(prepared, settings())
    scaled = prepared.inputs[5:6, None]
    assert np.allclose(unscaled(jnp.asarray(scaled), engine.series)[0, 0], prepared.filled[5], rtol=1e-4)


@pytest.mark.parametrize(("loss", "quantiles"), [("pinball", ()), ("masked_mae", QUANTILES)])
def test_a_loss_that_does_not_go_with_the_forecasts_is_refused(loss: str, quantiles: tuple[float, ...]) -> None:
    engine, _ = engine_of(prepared_of(wavy()), settings(loss=loss), quantiles=quantiles)
    with pytest.raises(TrainingError, match=f"loss={loss}"):
        _ = engine.recipe.loss_name
