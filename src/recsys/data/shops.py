"""The simulated shop as a source of datasets: the built-in one, and one of a person's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from recsys.data.retail_settings import RetailSettings
from recsys.data.schema import Role
from recsys.data.shop_params import BUILT_IN, SIMULATOR, RetailParams
from recsys.data.table import Table, table_of

ROLES: Mapping[str, Role] = {
    "customer_id": "user_id",
    "product_id": "item_id",
    "category": "item_attribute",
    "sub_category": "item_attribute",
    "brand": "item_attribute",
    "unit_price": "item_attribute",
    "city": "user_attribute",
    "loyalty_tier": "user_attribute",
    "customer_age": "user_attribute",
    "customer_revenue_90d": "context",
    "trans_date": "timestamp",
    "quantity": "outcome",
    "revenue": "outcome",
    "total_amount": "outcome",
    "user_rating": "outcome",
}


KEPT_ROWS = 200_000
"""Shops of up to so many sales stay in memory; larger ones are simulated again, at a million sales a second."""


def load(settings: object = None) -> Table:
    """The built-in shop: small, seed 42. `settings` is not needed; every loader takes it."""
    del settings
    return _kept_shop(RetailSettings(), BUILT_IN)


def simulated(settings: object, params: RetailParams) -> Table:
    """A shop of somebody's own settings."""
    del settings
    chosen = params.settings()
    make = _kept_shop if chosen.row_count <= KEPT_ROWS else _shop
    return make(chosen, SIMULATOR)


def _shop(settings: RetailSettings, source: str) -> Table:
    from recsys.data.retail import simulate

    shop = simulate(settings)
    return table_of(shop.frame, ROLES, source=source, truth=shop.truth)


_kept_shop = lru_cache(maxsize=2)(_shop)
