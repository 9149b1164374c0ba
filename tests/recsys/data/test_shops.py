"""Simulated shops as a source of data: small ones stay in memory, large ones do not."""

from __future__ import annotations

import gc
import weakref

import pytest

from recsys.data import shops
from recsys.data.shop_params import RetailParams


def test_a_small_shop_is_simulated_once() -> None:
    params = RetailParams(rows=2_000)
    assert shops.simulated(None, params) is shops.simulated(None, params)


def test_a_large_shop_leaves_memory_with_its_last_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shops, "KEPT_ROWS", 1_500)
    table = shops.simulated(None, RetailParams(rows=2_500))
    kept, fingerprint = weakref.ref(table), table.manifest.content_sha256
    del table
    gc.collect()
    assert kept() is None
    assert shops.simulated(None, RetailParams(rows=2_500)).manifest.content_sha256 == fingerprint
