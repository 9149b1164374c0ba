"""Samples keep whole users, or the exact share of rows."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest

from recsys.data.sampling import sampled
from recsys.data.split_settings import Sample
from tests.recsys.data.random_interactions import random_interactions

DATA = random_interactions(3, 20_000, users=2_000)


def test_a_sample_of_users_keeps_all_rows_of_a_user_or_none() -> None:
    keep = sampled(DATA, Sample(percent=30))
    kept = np.bincount(DATA.user[keep], minlength=2_000)
    assert set(kept[kept > 0] - np.bincount(DATA.user, minlength=2_000)[kept > 0]) == {0}
    assert (kept > 0).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 2_000))


def test_a_user_is_kept_by_a_hash_of_seed_and_id_alone() -> None:
    keep = sampled(DATA, Sample(percent=30, seed=5))
    for row in range(50):
        digest = hashlib.blake2b(f"5:{DATA.user_ids[DATA.user[row]]}".encode(), digest_size=8).digest()
        assert keep[row] == (int.from_bytes(digest, "big") / 2**64 < 0.3)
    few = dataclasses.replace(DATA, user=DATA.user[:99], item=DATA.item[:99], second=None)
    np.testing.assert_array_equal(sampled(few, Sample(percent=30, seed=5)), keep[:99])


@pytest.mark.parametrize("unit", ["users", "rows"])
def test_a_larger_sample_holds_the_smaller_and_another_seed_another_one(unit) -> None:
    small, large, other = (
        sampled(DATA, Sample(percent, unit, seed)) for percent, seed in ((10, 1), (60, 1), (10, 2))
    )
    assert (small <= large).all()
    assert (small != other).any()


@pytest.mark.parametrize(("percent", "rows"), [(1, 200), (37.5, 7_500), (100, 20_000)])
def test_a_sample_of_rows_has_the_exact_share(percent: float, rows: int) -> None:
    assert sampled(DATA, Sample(percent, "rows")).sum() == rows
