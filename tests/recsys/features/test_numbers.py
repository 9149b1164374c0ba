from __future__ import annotations

import numpy as np
import pytest

from recsys.features.numbers import Edges, Scale, fit_edges, fit_scale, quantiles, sorted_finite
from recsys.features.transforms import RANGES, Range

NAN, INF = np.nan, np.inf


def fitted(values: list[float], kind: Range) -> Scale:
    return fit_scale(sorted_finite(np.array(values, np.float64)), kind)


@pytest.mark.parametrize(
    ("kind", "expected", "null"),
    [
        ("[-1,1]", [-1.0, -0.5, 1.0, 1.0, -1.0], -1 / 6),
        ("[0,1]", [0.0, 0.25, 1.0, 1.0, 0.0], 5 / 12),
        ("z_score", [-5 / np.sqrt(26), -2 / np.sqrt(26), 7 / np.sqrt(26), 10.0, -10.0], 0.0),
    ],
)
def test_values_are_put_on_each_range_by_hand_and_null_is_where_the_mean_is(
    kind: Range, expected: list[float], null: float
) -> None:
    scale = fitted([0.0, 3.0, 12.0], kind)
    got = scale.apply(np.array([0.0, 3.0, 12.0, 1000.0, -1000.0, NAN]))
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, [*expected, null], rtol=1e-6)


@pytest.mark.parametrize("kind", RANGES)
@pytest.mark.parametrize("values", [[0.1] * 7, [5.0], [], [NAN, INF], [0.0, -0.0]])
def test_a_constant_column_gives_0_whatever_comes(kind: Range, values: list[float]) -> None:
    got = fitted(values, kind).apply(np.array([0.1, 5.0, NAN, INF, -INF, 1e300]))
    np.testing.assert_array_equal(got, np.zeros(6, np.float32))


@pytest.mark.parametrize("kind", RANGES)
def test_infinite_values_count_for_nothing_and_land_at_the_ends(kind: Range) -> None:
    scale = fitted([1.0, INF, 2.0, -INF, NAN, 6.0], kind)
    assert scale == fitted([1.0, 2.0, 6.0], kind)
    assert scale.apply(np.array([-INF, INF])).tolist() == list(scale.limits())


@pytest.mark.parametrize("kind", RANGES)
@pytest.mark.parametrize(
    "values",
    [[-1.7e308, 1.7e308, 0.0], [1e-320, 3e-320, 2e-320], [1e15, 1e15 + 1, 1e15 + 2], [1.0, 1 + 2**-52]],
)
def test_extreme_values_stay_finite_and_in_order(kind: Range, values: list[float]) -> None:
    scale = fitted(values, kind)
    got = scale.apply(np.sort(np.array([*values, NAN])))
    assert np.isfinite(got).all()
    assert np.all(np.diff(got[:-1]) >= 0)
    assert got[0] < got[-2]


def test_statistics_are_those_of_the_population_in_float64() -> None:
    values = np.random.default_rng(0).normal(1e9, 1, 10_001)
    scale = fit_scale(np.sort(values), "z_score")
    assert scale.mean == pytest.approx(values.mean(), rel=1e-15)
    assert scale.std == pytest.approx(values.std(), rel=1e-9)
    assert (scale.minimum, scale.maximum) == (values.min(), values.max())


@pytest.mark.parametrize("kind", RANGES)
def test_the_inverse_of_a_scale_is_exact(kind: Range) -> None:
    values = np.array([-3.0, 0.0, 1e-3, 7.5, 1e4])
    scale = fit_scale(values, kind)
    np.testing.assert_allclose(scale.inverse(scale.forward(values)), values, rtol=1e-9, atol=1e-9)
    constant = fit_scale(np.array([4.5, 4.5]), kind)
    np.testing.assert_array_equal(constant.inverse(np.array([0.0, 3.0, NAN])), [4.5, 4.5, NAN])


def test_quantiles_are_numpys_linear_ones() -> None:
    rng = np.random.default_rng(2)
    for size in (1, 2, 3, 10, 997):
        values = np.sort(rng.normal(size=size))
        shares = [(k, 100) for k in range(101)]
        np.testing.assert_allclose(
            quantiles(values, shares), np.quantile(values, np.arange(101) / 100), rtol=1e-12, atol=1e-15
        )


def test_edges_are_the_quantiles_between_buckets() -> None:
    edges = fit_edges(np.arange(9.0), 4)
    assert edges.edges == (2.0, 4.0, 6.0)
    assert edges.rows == 5
    got = edges.apply(np.array([-5.0, 0.0, 1.99, 2.0, 3.0, 4.0, 6.0, 99.0, INF, -INF, NAN]))
    assert got.tolist() == [0, 0, 0, 1, 1, 2, 3, 3, 3, 0, 4]
    assert got.dtype == np.int64


def test_equal_edges_are_merged() -> None:
    edges = fit_edges(np.sort(np.array([0.0] * 90 + [5.0] * 10)), 10)
    assert edges.edges == (0.0, 0.5)  # the ninth lies a tenth of the way between the last 0 and the first 5
    assert fit_edges(np.full(50, 3.0), 100) == Edges(edges=(3.0,))
    assert Edges(edges=(3.0,)).apply(np.array([2.0, 3.0, 4.0, NAN])).tolist() == [0, 1, 1, 2]


def test_no_value_leaves_one_bucket_and_the_one_of_null() -> None:
    edges = fit_edges(np.empty(0), 100)
    assert edges.rows == 2
    assert edges.apply(np.array([1.0, NAN])).tolist() == [0, 1]


@pytest.mark.parametrize("buckets", [2, 7, 100, 1000])
def test_buckets_count_the_edges_that_a_value_reaches(buckets: int) -> None:
    values = np.sort(np.random.default_rng(3).exponential(size=500).round(2))
    edges = fit_edges(values, buckets)
    probe = np.concatenate((values, np.array(edges.edges), [-1.0, 1e9]))
    expected = [sum(edge <= x for edge in edges.edges) for x in probe]
    assert edges.apply(probe).tolist() == expected


def test_the_order_of_rows_makes_no_difference_to_a_digit() -> None:
    values = np.random.default_rng(4).lognormal(3, 2, 5000)
    shuffled = np.random.default_rng(5).permutation(values)
    for kind in RANGES:
        assert fit_scale(sorted_finite(values), kind) == fit_scale(sorted_finite(shuffled), kind)
