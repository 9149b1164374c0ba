"""Anneal factors and ramps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rcmvae.model.schedules import SHAPES, fall, ramp, rise


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_rises_monotonely_to_one_and_stays(shape: str) -> None:
    factors = [float(rise(shape, epoch, 10)) for epoch in range(15)]
    assert all(b >= a for a, b in itertools.pairwise(factors))
    assert factors[9:] == pytest.approx([1.0] * 6)
    if shape != "constant":
        assert factors[0] < 0.15
    else:
        assert factors[0] == 1.0


def test_the_linear_factor_is_epochs_over_length() -> None:
    assert [float(rise("linear", epoch, 4)) for epoch in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]


def test_shapes_differ_between_their_ends() -> None:
    middles = [round(float(rise(shape, 3, 10)), 3) for shape in SHAPES]
    assert len(set(middles)) == len(SHAPES)


def test_length_zero_means_full_weight_from_the_start() -> None:
    assert float(rise("linear", 0, 0)) == 1.0


def test_a_ramp_waits_then_rises_in_equal_steps() -> None:
    np.testing.assert_allclose([float(ramp(e, warmup=2, length=3)) for e in range(6)], [0, 0, 1 / 3, 2 / 3, 1, 1], rtol=1e-6)


@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "constant"])
def test_a_temperature_falls_monotonously_from_its_start_to_its_end(shape: str) -> None:
    found = [float(fall(shape, epoch, start=4.0, end=0.25, length=8)) for epoch in range(12)]
    assert found[0] == pytest.approx(4.0)
    assert found[8:] == pytest.approx([0.25] * 4)
    assert all(b < a for a, b in itertools.pairwise(found[:9]))


def test_an_exponential_temperature_falls_in_equal_ratios() -> None:
    found = [float(fall("exponential", epoch, start=4.0, end=0.25, length=4)) for epoch in range(5)]
    assert found == pytest.approx([4.0, 2.0, 1.0, 0.5, 0.25])


def test_a_constant_temperature_or_one_without_length_stays_at_its_start() -> None:
    assert float(fall("constant", 50, start=4.0, end=0.25, length=8)) == 4.0
    assert float(fall("linear", 50, start=4.0, end=0.25, length=0)) == 4.0
