"""The sidecar: what it knows, where it is kept."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np

from recsys.data.retail import Retail
from recsys.data.retail_ratings import RatingModel
from recsys.data.retail_truth import RetailTruth, truth_rows


def test_a_saved_sidecar_is_read_back_bit_for_bit(small_shop: Retail, tmp_path: Path) -> None:
    path = tmp_path / "truth.npz"
    small_shop.truth.save(path)
    loaded = RetailTruth.load(path)
    np.testing.assert_array_equal(loaded.choice, small_shop.truth.choice)
    for field in fields(RatingModel):
        np.testing.assert_array_equal(
            getattr(loaded.rating, field.name), getattr(small_shop.truth.rating, field.name)
        )
    assert isinstance(loaded.rating.affinity_std, float)


def test_chances_are_the_mixture_of_the_groups_choices(small_shop: Retail) -> None:
    truth = small_shop.truth
    chances = truth.probabilities(np.array([17, 4]), 11)
    for row, customer in zip(chances, (17, 4), strict=True):
        mixed = sum(truth.tastes[customer, group] * truth.choice[group, 11] for group in range(16))
        np.testing.assert_allclose(row, mixed, rtol=1e-12)
        np.testing.assert_allclose(row.sum(), 1.0)


def test_rows_in_numbers_are_the_ids_and_months_of_the_table(small_shop: Retail) -> None:
    part = small_shop.frame.tail(500).reverse()
    rows = truth_rows(part)
    assert [f"C{number + 1:07}" for number in rows.customer] == part["customer_id"].to_list()
    assert [f"P{number + 1:06}" for number in rows.product] == part["product_id"].to_list()
    assert (rows.month + 1).tolist() == part["trans_date"].dt.month().to_list()
