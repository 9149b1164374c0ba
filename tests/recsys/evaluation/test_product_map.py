from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from recsys.evaluation.product_map import MOST_PRODUCTS, first_two_components, product_map

RNG = np.random.default_rng(0)


def test_components_are_those_of_scikit_learn_up_to_their_signs() -> None:
    vectors = RNG.normal(size=(200, 6)) * [5, 1, 3, 1, 1, 1] + 10
    found, other = first_two_components(vectors), PCA(2).fit(vectors)
    wanted = other.transform(vectors)
    signs = np.sign((found.coordinates * wanted).sum(axis=0))
    assert found.coordinates == pytest.approx(wanted * signs)
    assert found.explained == pytest.approx(tuple(other.explained_variance_ratio_))


def test_an_axis_points_where_its_largest_loading_does() -> None:
    vectors = np.outer(np.arange(5.0), [-3, 1])
    assert (np.diff(first_two_components(vectors).coordinates[:, 0]) < 0).all()
    assert (np.diff(first_two_components(-vectors).coordinates[:, 0]) > 0).all()


@pytest.mark.parametrize("vectors", [np.ones((4, 3)), np.ones((1, 8))])
def test_equal_vectors_are_one_point(vectors: np.ndarray) -> None:
    found = first_two_components(vectors)
    assert (found.coordinates == 0).all()
    assert found.explained == (0, 0)


def test_one_dimension_is_a_line() -> None:
    found = first_two_components(np.array([[1.0], [2.0], [6.0]]))
    assert found.coordinates.tolist() == [[-2, 0], [-1, 0], [3, 0]]
    assert found.explained == (1, 0)


def test_a_large_catalogue_is_sampled_by_the_seed_on_the_axes_of_all() -> None:
    n = MOST_PRODUCTS + 500
    vectors, names = RNG.normal(size=(n, 3)), np.array([f"P{i}" for i in range(n)])
    made = [product_map(vectors, names, np.arange(n), "kind", names, seed=seed) for seed in (1, 1, 2)]
    assert made[0].items.tolist() == made[1].items.tolist() != made[2].items.tolist()
    assert len(set(made[0].items.tolist())) == MOST_PRODUCTS
    assert made[0].total == n
    rows = made[0].counts
    assert made[0].items.tolist() == [f"P{i}" for i in rows]
    assert made[0].coordinates == pytest.approx(first_two_components(vectors).coordinates[rows], abs=1e-5)
