"""The sales themselves (steps 8 to 11): who bought what, when, for how much, and how it was liked.

Arrays hold one entry a sale, ordered by customer and, within a customer, by time; a sale's number in that
order is its `sequence`. Times are drawn first and sorted within each customer, and products, money and
ratings are drawn for the sorted rows. As these depend on nothing but customer and time, it is the same as
drawing them before sorting, and no column has to be carried through a sort.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from recsys.data.inverse_cdf import InverseCdf
from recsys.data.retail_calendar import DAY_SECONDS, day_weights, hour_weights, month_of_day
from recsys.data.retail_customers import Customers
from recsys.data.retail_streams import Step, Streams, chunks, for_each_chunk
from recsys.data.retail_world import World

TIME_BITS = 27
"""Seconds since the first day take 26 bits; one more leaves room to look back 90 days."""
REVENUE_WINDOW = 90 * DAY_SECONDS


@dataclass(frozen=True)
class Sales:
    """R sales by (customer, time, sequence).

    Attributes:
        customer: int32 (R,). second: int32 (R,), since the first day. product: int32 (R,).
        quantity: int16 (R,). revenue_cents: int64 (R,), after discount.
        revenue_90d_cents: int64 (R,), the customer's revenue in the 90 days before, this second not included.
    """

    customer: np.ndarray
    second: np.ndarray
    product: np.ndarray
    quantity: np.ndarray
    revenue_cents: np.ndarray
    revenue_90d_cents: np.ndarray


def draw_sales(
    rows: int, world: World, customers: Customers, streams: Streams, pool: ThreadPoolExecutor
) -> Sales:
    """`rows` sales of the shop, drawn chunk by chunk on the pool's threads."""
    key = _customers_and_times(rows, customers, streams, pool)
    customer = (key >> TIME_BITS).astype(np.int32)
    second = (key & ((1 << TIME_BITS) - 1)).astype(np.int32)
    product = _products(customer, second, world, customers, streams, pool)
    quantity, revenue_cents = _money(product, world, streams, pool)
    before = revenue_before(key, revenue_cents, pool)
    return Sales(customer, second, product, quantity, revenue_cents, before)


def _customers_and_times(
    rows: int, customers: Customers, streams: Streams, pool: ThreadPoolExecutor
) -> np.ndarray:
    """Int64 (R,), ascending: the customer in the high bits, seconds since the first day in the low ones."""
    counts = streams.whole(Step.TIMES).multinomial(rows, customers.activity)
    key = np.repeat(np.arange(len(counts), dtype=np.int64) << TIME_BITS, counts)
    day_of = InverseCdf.of(day_weights()[None])
    hour_of = InverseCdf.of(hour_weights()[None])

    def draw(chunk: int, where: slice) -> None:
        random = streams.chunk(Step.TIMES, chunk)
        size = where.stop - where.start
        only = np.zeros(size, np.int64)
        time = day_of.draw(only, random.random(size)) * np.int64(DAY_SECONDS)
        time += hour_of.draw(only, random.random(size)) * np.int64(3_600)
        time += random.integers(3_600, size=size, dtype=np.uint16)
        key[where] += time

    for_each_chunk(pool, rows, draw)
    # cut where customers change: then each piece sorted is the whole sorted
    starts = np.concatenate([[0], np.cumsum(counts)])
    cuts = np.unique(starts[np.searchsorted(starts, [where.start for _, where in chunks(rows)])])
    list(pool.map(np.ndarray.sort, np.split(key, cuts[1:])))
    return key


def _products(
    customer: np.ndarray,
    second: np.ndarray,
    world: World,
    customers: Customers,
    streams: Streams,
    pool: ThreadPoolExecutor,
) -> np.ndarray:
    """Int32 (R,): a taste group of the customer, then a product of that group in that month."""
    groups, months, products = world.choice.shape
    group_of = InverseCdf.of(customers.tastes)
    product_of = InverseCdf.of(world.choice.reshape(groups * months, products))
    month = month_of_day()
    product = np.empty(len(customer), np.int32)

    def draw(chunk: int, where: slice) -> None:
        random = streams.chunk(Step.PRODUCTS, chunk)
        size = where.stop - where.start
        group = group_of.draw(customer[where], random.random(size))
        row = group * months + month[second[where] // DAY_SECONDS]
        product[where] = product_of.draw(row, random.random(size))

    for_each_chunk(pool, len(customer), draw)
    return product


def _money(
    product: np.ndarray, world: World, streams: Streams, pool: ThreadPoolExecutor
) -> tuple[np.ndarray, np.ndarray]:
    """Quantity and revenue in cents of each sale."""
    quantity = np.empty(len(product), np.int16)
    revenue_cents = np.empty(len(product), np.int64)

    def draw(chunk: int, where: slice) -> None:
        random = streams.chunk(Step.MONEY, chunk)
        size = where.stop - where.start
        quantity[where] = 1 + random.poisson(0.4, size)
        # one uniform number decides both: below 0.8 no discount, above it the discount's place in its range
        place = (random.random(size) - 0.8) / 0.2
        discount = np.where(place < 0, 0.0, 0.05 + 0.25 * place)
        revenue_cents[where] = np.rint(world.price_cents[product[where]] * quantity[where] * (1 - discount))

    for_each_chunk(pool, len(product), draw)
    return quantity, revenue_cents


def revenue_before(key: np.ndarray, revenue_cents: np.ndarray, pool: ThreadPoolExecutor) -> np.ndarray:
    """Int64 (R,): cents that the customer spent in [t - 90 days, t), in exact integers.

    Args:
        key: int64 (R,), ascending: the customer above `TIME_BITS` bits of seconds since the first day.
        revenue_cents: int64 (R,).
    """
    before = np.empty(len(key), np.int64)
    spent = np.zeros(len(key) + 1, np.int64)
    np.cumsum(revenue_cents, out=spent[1:])

    def add_up(chunk: int, where: slice) -> None:
        del chunk
        here = key[where]
        # a chunk may begin in the middle of a customer, so look from 90 days before its first sale on
        start = int(np.searchsorted(key, here[0] - REVENUE_WINDOW))
        near = key[start : where.stop]
        oldest = start + np.searchsorted(near, here - REVENUE_WINDOW)
        now = start + np.searchsorted(near, here)
        before[where] = spent[now] - spent[oldest]

    for_each_chunk(pool, len(key), add_up)
    return before
