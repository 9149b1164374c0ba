"""How simulated sales are rated (step 11), and what rating to expect of a customer for a product."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from recsys.data.retail_streams import Step, Streams, for_each_chunk

MEAN = 3.55
CUSTOMER_WEIGHT = 0.35
PRODUCT_WEIGHT = 0.35
AFFINITY_WEIGHT = 0.55
NOISE = 0.75
STANDARD_ROWS = 20_000
"""Sales on which the affinity is standardised."""
BLOCK = 8_192
"""Rows whose tastes and lifts are multiplied at a time: both fit in the processor's cache."""


@dataclass(frozen=True)
class RatingModel:
    """What a rating depends on, its noise apart.

    Attributes:
        tastes: float64 (U, G). lift: float64 (I, G).
        customer_effect: float64 (U,), how generous a customer is. product_effect: float64 (I,).
        affinity_mean, affinity_std: of ln(tastes . lift) on the standard rows.
    """

    tastes: np.ndarray
    lift: np.ndarray
    customer_effect: np.ndarray
    product_effect: np.ndarray
    affinity_mean: float
    affinity_std: float

    def latent(self, customer: np.ndarray, product: np.ndarray) -> np.ndarray:
        """Float64 (R,): the rating before noise, rounding and clipping, of each pair."""
        affinity = _affinity(self.tastes, self.lift, customer, product)
        latent = (affinity - self.affinity_mean) * (AFFINITY_WEIGHT / self.affinity_std)
        latent += CUSTOMER_WEIGHT * self.customer_effect[customer]
        latent += PRODUCT_WEIGHT * self.product_effect[product]
        return latent + MEAN

    def expected(self, customer: np.ndarray, product: np.ndarray) -> np.ndarray:
        """Float64 (R,): the expected rating, 1 plus the chance of passing each of 1.5, 2.5, 3.5 and 4.5."""
        latent = self.latent(customer, product)
        edges = np.array([1.5, 2.5, 3.5, 4.5])
        z = (latent[:, None] - edges) / (NOISE * math.sqrt(2))
        passed = 0.5 * (1 + np.fromiter(map(math.erf, z.ravel().tolist()), np.float64, z.size))
        return 1 + passed.reshape(z.shape).sum(axis=1)


def rating_model(
    tastes: np.ndarray, lift: np.ndarray, customer: np.ndarray, product: np.ndarray, streams: Streams
) -> RatingModel:
    """The rating model of a shop whose sales are (customer, product).

    Args:
        tastes: float64 (U, G). lift: float64 (G, I). customer, product: int32 (R,).
    """
    random = streams.whole(Step.RATINGS)
    customer_effect = random.standard_normal(len(tastes))
    product_effect = random.standard_normal(lift.shape[1])
    rows = random.choice(len(customer), size=min(STANDARD_ROWS, len(customer)), replace=False)
    by_product = np.ascontiguousarray(lift.T)
    affinity = _affinity(tastes, by_product, customer[rows], product[rows])
    # without tastes every affinity is the same, and its deviation may be rounding alone
    std = float(affinity.std())
    std = std if std > 1e-9 else 1.0
    return RatingModel(tastes, by_product, customer_effect, product_effect, float(affinity.mean()), std)


def draw_ratings(
    model: RatingModel,
    customer: np.ndarray,
    product: np.ndarray,
    rate: float,
    streams: Streams,
    pool: ThreadPoolExecutor,
) -> np.ndarray:
    """Uint8 (R,): ratings 1 to 5, and 0 where the customer gave none."""
    ratings = np.empty(len(customer), np.uint8)

    def draw(chunk: int, where: slice) -> None:
        random = streams.chunk(Step.RATINGS, chunk)
        noise = random.standard_normal(where.stop - where.start)
        rating = np.rint(model.latent(customer[where], product[where]) + NOISE * noise)
        given = random.random(len(rating)) < rate
        ratings[where] = np.clip(rating, 1, 5) * given

    for_each_chunk(pool, len(customer), draw)
    return ratings


def _affinity(tastes: np.ndarray, lift: np.ndarray, customer: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Float64 (R,): ln of the customer's mean lift of the product."""
    affinity = np.empty(len(customer))
    for start in range(0, len(customer), BLOCK):
        rows = slice(start, start + BLOCK)
        mixed = tastes.take(customer[rows], axis=0)
        mixed *= lift.take(product[rows], axis=0)
        affinity[rows] = mixed.sum(axis=1)
    return np.log(affinity, out=affinity)
