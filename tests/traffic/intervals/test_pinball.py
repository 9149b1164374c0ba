"""The pinball loss: in both array libraries, where its least value lies, and its gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from traffic.intervals.pinball import pinball


@pytest.mark.parametrize(
    ("error", "quantile", "loss"), [(2.0, 0.9, 1.8), (-2.0, 0.9, 0.2), (3.0, 0.1, 0.3), (-3.0, 0.1, 2.7), (0.0, 0.3, 0.0)]
)
def test_an_error_costs_as_much_as_by_hand_in_either_library(error: float, quantile: float, loss: float) -> None:
    assert pinball(np.array([error]), quantile) == pytest.approx(loss)
    assert pinball(jnp.array([error]), quantile) == pytest.approx(loss)


def test_both_libraries_agree_over_many_quantiles_at_once() -> None:
    error = np.random.default_rng(0).standard_normal((5, 4, 1)).astype(np.float32)
    quantiles = np.array([0.1, 0.5, 0.9], np.float32)
    found = pinball(jnp.asarray(error), jnp.asarray(quantiles))
    assert found.shape == (5, 4, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, pinball(error, quantiles), rtol=1e-6)
    np.testing.assert_allclose(found[..., 1], np.abs(error[..., 0]) / 2, rtol=1e-6)


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.8])
def test_the_mean_loss_is_least_at_the_quantile_of_what_comes(quantile: float) -> None:
    truths = np.random.default_rng(1).exponential(10.0, 20_001)
    tried = np.linspace(0, 50, 2001)
    best = tried[np.argmin([pinball(truths - each, quantile).mean() for each in tried])]
    assert best == pytest.approx(np.quantile(truths, quantile), abs=0.03)


def test_the_gradient_pulls_up_by_the_quantile_and_down_by_the_rest() -> None:
    slope = jax.grad(lambda forecast: pinball(10.0 - forecast, 0.9))
    assert slope(8.0) == pytest.approx(-0.9)
    assert slope(12.0) == pytest.approx(0.1)
    assert np.isfinite(slope(10.0))
