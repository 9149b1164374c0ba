"""Looks at a table: histograms beside the most frequent values."""

from __future__ import annotations

import numpy as np

from recsys.data.looks import bin_names, statistics
from tests.support.recommender_family import load_sales


def test_numbers_have_a_histogram_that_counts_every_row() -> None:
    table = load_sales()
    shown = {counts.title: counts.items for counts in statistics(table).counts}
    expected, edges = np.histogram(table.frame["price"].to_numpy(), bins=20)
    histogram = shown["price, histogram"]
    assert [n for _, n in histogram] == expected.tolist()
    assert histogram[0][0] == f"{edges[0]:.4g} to {edges[1]:.4g}"
    assert histogram[-1][0] == f"{edges[-2]:.4g} to {edges[-1]:.4g}"
    assert "category, most frequent" in shown
    assert not any(title.startswith("customer") for title in shown)


def test_a_column_of_one_number_has_one_bin() -> None:
    shown = {counts.title: counts.items for counts in statistics(load_sales()).counts}
    assert shown["constant, histogram"] == (("2", 120),)


def test_bins_are_told_apart_however_close_they_are() -> None:
    names = bin_names([1_000_000.25, 1_000_000.5, 1_000_001.0])
    assert names == ("1000000.2 to 1000000.5", "1000000.5 to 1000001")
    near = bin_names([1.0, float(np.nextafter(1, 2)), 2.0])
    assert len(set(near)) == 2
