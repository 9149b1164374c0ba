"""Quotas and picks against what the words promise, for any counts."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rcmvae.data.stratify import balanced, pick, proportional

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=12).map(np.array)


@settings(deadline=None)
@given(COUNTS, st.data())
def test_proportional_quotas_sum_to_the_total_and_stay_within_one_of_their_share(counts: np.ndarray, data: st.DataObject) -> None:
    total = data.draw(st.integers(0, int(counts.sum())))
    quotas = proportional(counts, total)
    assert quotas.sum() == total
    assert (quotas <= counts).all()
    assert (np.abs(quotas - counts * total / max(1, counts.sum())) < 1).all()


@settings(deadline=None)
@given(COUNTS, st.data())
def test_bounds_of_quotas_hold_whatever_the_total(counts: np.ndarray, data: st.DataObject) -> None:
    total = data.draw(st.integers(0, int(counts.sum())))
    least = np.minimum(1, counts)
    quotas = proportional(counts, total, least=least)
    assert (quotas >= least).all()
    assert quotas.sum() == max(total, least.sum())
    most = np.maximum(counts - 1, 0)
    quotas = proportional(counts, total, most=most)
    assert (quotas <= most).all()
    assert quotas.sum() == min(total, most.sum())


@settings(deadline=None)
@given(COUNTS, st.integers(0, 800))
def test_balanced_quotas_differ_by_more_than_one_only_where_a_stratum_ran_out(counts: np.ndarray, total: int) -> None:
    order = np.random.default_rng(3).permutation(len(counts))
    quotas = balanced(counts, total, order)
    assert quotas.sum() == min(total, counts.sum())
    assert (quotas <= counts).all()
    unfinished = quotas[quotas < counts]
    if unfinished.size:
        assert quotas.max() <= unfinished.min() + 1


@settings(deadline=None)
@given(COUNTS, st.integers(0, 700))
def test_a_larger_total_never_lowers_a_balanced_quota(counts: np.ndarray, total: int) -> None:
    order = np.random.default_rng(5).permutation(len(counts))
    assert (balanced(counts, total, order) <= balanced(counts, total + 1, order)).all()


def test_balanced_quotas_give_what_is_left_over_in_the_given_order() -> None:
    assert balanced(np.array([9, 9, 9, 1]), 9, np.array([2, 0, 1, 3])).tolist() == [3, 2, 3, 1]


def test_picks_are_sorted_distinct_members_and_smaller_quotas_are_part_of_larger_ones() -> None:
    labels = np.array([1, 0, 1, -1, 0, 1, 1, -1, 0])
    strata = np.array([-1, 0, 1])
    small = pick(labels, strata, np.array([1, 1, 2]), (7,))
    large = pick(labels, strata, np.array([2, 2, 4]), (7,))
    assert labels[small].tolist().count(1) == 2
    assert np.all(np.diff(large) > 0)
    assert set(small.tolist()) <= set(large.tolist())
    assert pick(labels, strata, np.array([1, 1, 2]), (7,)).tolist() == small.tolist()
    assert pick(labels, strata[:0], np.array([], int), (7,)).size == 0


def test_another_seed_picks_others() -> None:
    labels = np.zeros(100, int)
    picks = {tuple(pick(labels, np.array([0]), np.array([10]), (seed,)).tolist()) for seed in range(5)}
    assert len(picks) == 5
