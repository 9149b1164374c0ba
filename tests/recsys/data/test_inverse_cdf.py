"""Draws by inverse distribution functions, against NumPy's own search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recsys.data import inverse_cdf
from recsys.data.inverse_cdf import InverseCdf

WEIGHTS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=40),
    elements=st.one_of(st.just(0.0), st.floats(1e-9, 1e3)),
)


@settings(deadline=None, max_examples=40)
@given(WEIGHTS, st.integers(0, 2**32 - 1))
def test_a_draw_is_the_outcome_that_bisecting_the_distribution_function_finds(weights, seed) -> None:
    weights[:, 0] += weights.sum(axis=1) == 0
    random = np.random.default_rng(seed)
    distribution = random.integers(len(weights), size=200)
    inverse = InverseCdf.of(weights)
    uniform = random.random(200)
    # numbers on the steps themselves, where rounding would show
    uniform[:100] = inverse.cumulative[distribution, random.integers(weights.shape[1], size=200)][:100]
    uniform = np.minimum(uniform, np.nextafter(1, 0))
    drawn = inverse.draw(distribution, uniform)
    expected = [
        np.searchsorted(np.cumsum(weights[d]) / np.cumsum(weights[d])[-1], u, side="right")
        for d, u in zip(distribution, uniform, strict=True)
    ]
    assert drawn.tolist() == expected
    assert (weights[distribution, drawn] > 0).all()


def test_the_smallest_and_the_largest_uniform_number_find_an_outcome() -> None:
    inverse = InverseCdf.of(np.array([[0.0, 1.0, 2.0, 0.0]]))
    drawn = inverse.draw(np.zeros(2, np.int64), np.array([0.0, np.nextafter(1, 0)]))
    assert drawn.tolist() == [1, 2]


def test_a_guide_built_in_blocks_is_the_guide_built_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.random.default_rng(5).random((50, 9))
    whole = InverseCdf.of(weights).guide
    monkeypatch.setattr(inverse_cdf, "BLOCK", 100)
    np.testing.assert_array_equal(InverseCdf.of(weights).guide, whole)
