"""Benchmarks of recommenders are chosen by name, and a setting changes one thing at a time."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

from bench import recsys_answers, recsys_memory, recsys_pages, recsys_quality, recsys_scaling, recsys_speed
from bench.recsys_trials import SHUFFLED_ROWS, shuffled_shop
from recsys.data.retail import simulate
from recsys.data.retail_settings import RetailSettings

SCRIPTS = [recsys_answers, recsys_memory, recsys_pages, recsys_quality, recsys_scaling, recsys_speed]


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_unknown_name_is_refused_with_the_known_ones(script, capsys):
    known = getattr(script, "SETTINGS", None) or script.PARTS
    assert script.main(["nothing"]) == 2
    message = capsys.readouterr().err
    assert all(name in message for name in ("nothing", *known))


def test_stages_are_those_that_were_told_last():
    told = [
        {"name": "stages", "values": {"stages": [{"stage": "split", "seconds": 0.0}]}},
        {"name": "stages", "values": {"stages": [{"stage": "split", "seconds": 0.5}, {"stage": "train", "seconds": 2.0}]}},
        {"name": "other", "values": {}},
    ]
    assert recsys_speed._stages(told) == {"split": 0.5, "train": 2.0}
    assert recsys_speed._stages([]) == {}


def test_sales_dealt_by_chance_keep_customers_products_and_their_attributes():
    dealt = shuffled_shop(7).frame
    sold = simulate(RetailSettings(rows=SHUFFLED_ROWS, seed=7)).frame
    products = ["product_id", "category", "sub_category", "brand", "unit_price"]
    assert dealt.select(products).sort(products).equals(sold.select(products).sort(products))
    assert dealt.drop(products).equals(sold.drop(products))
    assert np.mean((dealt["product_id"] != sold["product_id"]).to_numpy()) > 0.9


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks of memory are read from Linux's /proc")
def test_a_peak_counts_memory_that_was_given_back():
    before = recsys_memory.resident()
    with mmap.mmap(-1, 64 * recsys_memory.MIB) as held:
        for page in range(0, len(held), mmap.PAGESIZE):
            held[page] = 1
    assert 60 * recsys_memory.MIB < recsys_memory.peak_above(before) < 100 * recsys_memory.MIB
    assert recsys_memory.resident() - before < 30 * recsys_memory.MIB
