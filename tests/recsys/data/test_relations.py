from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.relations import cold_share, correlation, determination, gives_away, varying_items

RNG = np.random.default_rng(0)
ITEMS = RNG.integers(0, 20, 400)
NOISE = RNG.normal(size=400)
CODES = st.lists(st.integers(0, 4), min_size=1, max_size=30)


@pytest.mark.parametrize("scale", [1.0, 1e-150, 1e150])
def test_correlation_is_pearsons_over_rows_with_both_values(scale: float) -> None:
    x, y = NOISE.copy(), 0.5 * NOISE + RNG.normal(size=400)
    expected = np.corrcoef(x[2:], y[2:])[0, 1]
    x[0] = y[1] = np.nan
    assert correlation(x * scale, y) == pytest.approx(expected, abs=1e-12)


def test_a_constant_has_no_correlation() -> None:
    assert correlation(np.ones(5), np.arange(5.0)) is None
    assert correlation(np.array([1.0, np.nan, np.inf]), np.arange(3.0)) is None


@settings(max_examples=60, deadline=None)
@given(CODES, st.integers(0, 10))
def test_determination_is_the_share_of_rows_guessed_right_by_the_most_frequent_partner(
    a: list, seed: int
) -> None:
    b = np.random.default_rng(seed).integers(0, 3, len(a))
    partners: dict[int, Counter] = defaultdict(Counter)
    for one, other in zip(a, b.tolist(), strict=True):
        partners[one][other] += 1
    right = sum(counter.most_common(1)[0][1] for counter in partners.values())
    assert determination(np.array(a), b) == pytest.approx(right / len(a))


@settings(max_examples=60, deadline=None)
@given(CODES, st.integers(0, 10))
def test_items_vary_when_they_have_two_values(items: list, seed: int) -> None:
    codes = np.random.default_rng(seed).integers(0, 3, len(items))
    values: dict[int, set] = defaultdict(set)
    for item, code in zip(items, codes.tolist(), strict=True):
        values[item].add(code)
    assert varying_items(np.array(items), codes) == sum(len(found) > 1 for found in values.values())


def test_a_column_that_follows_the_target_gives_it_away() -> None:
    assert gives_away(numbers=NOISE * -3 + 1, target=NOISE) == "follows the target (correlation -1.000)"
    assert gives_away(numbers=NOISE + RNG.normal(size=400), target=NOISE) is None


def test_a_column_that_stands_for_the_ratings_gives_them_away_whatever_their_order() -> None:
    target = RNG.integers(1, 6, 400).astype(float)
    codes = np.array([3, 0, 4, 1, 2])[target.astype(int) - 1]
    assert gives_away(codes=codes, numbers=codes.astype(float), target=target) == (
        "stands for the target's values, one for one"
    )
    target[:10] = np.nan
    assert gives_away(codes=codes, target=target) is not None
    assert gives_away(codes=codes // 2, target=target) is None


def test_a_buyers_column_that_stands_for_the_product_gives_it_away() -> None:
    revenue = ITEMS * 7 + 3
    assert gives_away(codes=revenue, items=ITEMS) == "stands for the product, one for one"
    nearly = np.where(np.arange(400) < 2, revenue + 1000, revenue)
    assert gives_away(codes=nearly, items=ITEMS) is not None
    assert gives_away(codes=ITEMS // 2, items=ITEMS) is None
    assert gives_away(codes=revenue) is None


def test_values_that_never_repeat_give_nothing_away_by_chance() -> None:
    rows = np.arange(400)
    assert gives_away(codes=rows, target=NOISE) is None
    assert gives_away(codes=rows, items=rows[::-1]) is None
    assert gives_away(codes=rows, items=ITEMS) is None


def test_a_row_is_cold_when_its_user_or_item_is_new() -> None:
    users, items = np.array([1, 2]), np.array([5, 6])
    assert cold_share(users, items, np.array([1, 1, 3, 2]), np.array([5, 7, 5, 6])) == 0.5
    assert cold_share(users, items, np.array([], int), np.array([], int)) is None


def test_empty_columns_depend_on_nothing() -> None:
    none = np.array([], int)
    assert determination(none, none) == 0
    assert varying_items(none, none) == 0
    assert gives_away(codes=none, items=none) is None
