"""A simulated shop: a table of sales whose true chances are known.

The process is a mixture of taste groups over a product hierarchy with Zipf popularity and seasons; see
`retail_world`, `retail_customers`, `retail_rows` and `retail_ratings` for its steps. Readings of what could
be read in two ways:

- popularity ranks count from 0, so the most popular product weighs 10^-s;
- `sequence` is a sale's place among its customer's sales in order of time; sales of one customer in one
  second are ordered by the order in which they were drawn, and are left out of each other's
  `customer_revenue_90d`;
- prices, and a customer's and a product's effect on ratings, are values of products and customers, so they
  come from the step's own stream, and only values of rows come from the streams of its chunks;
- the affinity of ratings is standardised on 20,000 different rows, or on all rows if there are fewer.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.data.retail_customers import draw_customers
from recsys.data.retail_frame import sales_frame
from recsys.data.retail_ratings import draw_ratings, rating_model
from recsys.data.retail_rows import draw_sales
from recsys.data.retail_settings import RetailSettings
from recsys.data.retail_streams import Streams
from recsys.data.retail_truth import RetailTruth
from recsys.data.retail_world import build_world

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Retail:
    """A simulated table, one row a sale, and the truth behind it, which only an evaluator may read."""

    frame: pl.DataFrame
    truth: RetailTruth


def simulate(settings: RetailSettings | None = None, *, threads: int | None = None) -> Retail:
    """Simulate a shop.

    Args:
        settings: what to simulate; the small shop with seed 42 if not given.
        threads: how many threads draw; as many as there are processors if not given. The result is the same.

    Example::

        shop = simulate(RetailSettings(size="small", seed=7))
        shop.frame["product_id"].n_unique()
    """
    settings = settings or RetailSettings()
    streams = Streams(settings.seed)
    world = build_world(settings, streams)
    customers = draw_customers(settings, streams)
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        sales = draw_sales(settings.row_count, world, customers, streams, pool)
        model = rating_model(customers.tastes, world.lift, sales.customer, sales.product, streams)
        ratings = draw_ratings(model, sales.customer, sales.product, settings.rating_rate, streams, pool)
        frame = sales_frame(settings.shape, world, customers, sales, ratings, pool)
    return Retail(frame, RetailTruth(world.choice, model))
