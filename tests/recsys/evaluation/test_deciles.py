from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from recsys.evaluation.deciles import popularity_deciles


def test_shares_are_counted_product_by_product() -> None:
    rng = np.random.default_rng(0)
    counts = rng.permutation(np.arange(1, 48))
    positions = rng.integers(-1, 47, (30, 10))
    found = popularity_deciles(counts, positions)
    assert found is not None
    falling = sorted(range(47), key=lambda product: -counts[product])
    lists = Counter(positions[positions >= 0].tolist())
    start = 0
    for place, size in enumerate(found.products):
        group = falling[start : start + size]
        start += size
        assert found.train[place] == pytest.approx(sum(counts[p] for p in group) / counts.sum())
        assert found.recommended[place] == pytest.approx(sum(lists[p] for p in group) / lists.total())
    assert start == 47
    assert max(found.products) - min(found.products) <= 1
    assert sum(found.train) == pytest.approx(1)
    assert sum(found.recommended) == pytest.approx(1)
    assert list(found.train) == sorted(found.train, reverse=True)


def test_fewer_products_than_ten_have_a_group_each() -> None:
    found = popularity_deciles(np.array([1, 3, 0]), np.array([[2, 1], [2, -1]]))
    assert found is not None
    assert found.products == (1, 1, 1)
    assert found.train == (0.75, 0.25, 0.0)
    assert found.recommended == pytest.approx((1 / 3, 0, 2 / 3))


def test_there_are_no_shares_of_nothing() -> None:
    assert popularity_deciles(np.array([1, 2]), np.full((3, 2), -1)) is None
    assert popularity_deciles(np.array([0, 0]), np.array([[0, 1]])) is None
