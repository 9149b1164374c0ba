"""Pooling by distance on four detectors, worked out by hand."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from traffic.config_social import Aggregation, Kernel
from traffic.errors import TrafficError
from traffic.model.social.distance import aggregate, kernel_weights
from traffic.neighbours import Neighbours

NEIGHBOURS = Neighbours(
    np.array([[1, 2], [0, 2], [1, 0], [2, 1]], np.int32),
    np.array([[1000.0, 3000.0], [1000.0, 2000.0], [2000.0, 3000.0], [9000.0, 9500.0]]),
    np.array([[True, False], [True, True], [True, False], [False, False]]),
)
"""Detectors in a row at 0, 1, 3 and 12 km, of which 2.5 km are near."""
STATES = jnp.asarray([[[1.0, -1.0], [2.0, -8.0], [4.0, -4.0], [50.0, 70.0]]])


@pytest.mark.parametrize(
    ("kernel", "near", "far"),
    [
        ("gaussian", np.exp(-0.125), np.exp(-0.5)),
        ("exponential", np.exp(-0.5), np.exp(-1.0)),
        ("linear", 0.6, 0.2),
        ("inverse", 2 / 3, 0.5),
    ],
)
def test_a_kernel_weighs_one_and_two_kilometres_as_by_hand(kernel: Kernel, near: float, far: float) -> None:
    found = kernel_weights(NEIGHBOURS, kernel, scale=2000.0, radius=2500.0)
    np.testing.assert_allclose(found, [[near, 0], [near, far], [far, 0], [0, 0]], rtol=1e-12)


def test_the_linear_kernel_is_never_negative_and_needs_a_radius() -> None:
    wide = Neighbours(NEIGHBOURS.index, NEIGHBOURS.distance, np.ones((4, 2), bool))
    assert kernel_weights(wide, "linear", scale=1.0, radius=2500.0).min() == 0
    with pytest.raises(TrafficError) as caught:
        kernel_weights(NEIGHBOURS, "linear", scale=1.0, radius=None)
    assert caught.value.code == "MODEL_SHAPE"


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("weighted_sum", [[1.2, -4.8], [0.6 + 0.8, -0.6 - 0.8], [0.4, -1.6], [0, 0]]),
        ("weighted_mean", [[2, -8], [(0.6 + 0.8) / 0.8, -(0.6 + 0.8) / 0.8], [2, -8], [0, 0]]),
        ("mean", [[2, -8], [2.5, -2.5], [2, -8], [0, 0]]),
        ("max", [[2, -8], [4, -1], [2, -8], [0, 0]]),
    ],
)
def test_an_aggregation_gives_what_is_worked_out_by_hand(aggregation: Aggregation, expected: list[list[float]]) -> None:
    weights = kernel_weights(NEIGHBOURS, "linear", scale=1.0, radius=2500.0)
    np.testing.assert_allclose(aggregate(STATES, NEIGHBOURS, weights, aggregation)[0], expected, rtol=1e-6)


def test_the_maximum_of_negative_states_is_negative_because_padding_is_no_neighbour() -> None:
    edges = Neighbours(np.array([[1, 0], [0, 1]], np.int32), np.zeros((2, 2)), np.array([[True, False], [True, False]]))
    found = aggregate(jnp.asarray([[[-5.0], [-7.0]]]), edges, kernel_weights(edges, "gaussian", scale=1.0, radius=None), "max")
    np.testing.assert_array_equal(found[0, :, 0], [-7.0, -5.0])
