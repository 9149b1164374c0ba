"""Products as points: the first two principal components of their embeddings (Pearson 1901)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

MOST_PRODUCTS = 5_000


class Projection(NamedTuple):
    """Coordinates float64 (C, 2), and the share of the variance that each of the two axes has."""

    coordinates: np.ndarray
    explained: tuple[float, float]


@dataclass(frozen=True, eq=False)
class ProductMap:
    """Some products as points.

    Attributes:
        coordinates: float32 (n, 2). items: ids as text (n,). values: an attribute's values as text (n,).
        counts: train rows int64 (n,). attribute: its column; "" if the data has none, and then values are "".
        explained: share of the variance on each axis. total: products that there are, at least n.
    """

    coordinates: np.ndarray
    items: np.ndarray
    values: np.ndarray
    counts: np.ndarray
    attribute: str
    explained: tuple[float, float]
    total: int


def first_two_components(vectors: np.ndarray) -> Projection:
    """The two directions of largest variance of vectors (C, d).

    An axis points where its largest loading is positive, so that equal vectors give equal signs. A direction that
    is not there (one dimension, or one point) has coordinates of 0.
    """
    values = np.asarray(vectors, np.float64)
    centred = values - values.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    chosen = axes[:, ::-1][:, :2]
    largest = chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])]
    coordinates = np.zeros((len(values), 2))
    coordinates[:, : chosen.shape[1]] = centred @ (chosen * np.where(largest < 0, -1.0, 1.0))
    total = float(np.square(centred).sum())
    shares = np.square(coordinates).sum(axis=0) / total if total > 0 else np.zeros(2)
    return Projection(coordinates, (float(shares[0]), float(shares[1])))


def product_map(
    vectors: np.ndarray,
    items: np.ndarray,
    counts: np.ndarray,
    attribute: str,
    values: np.ndarray,
    *,
    seed: int,
) -> ProductMap:
    """A map of products, of at most 5,000 that the seed draws; the axes are those of all.

    Args:
        vectors: (C, d). items, counts, values: (C,), of the same products.
    """
    found = first_two_components(vectors)
    rows = np.arange(len(items))
    if len(rows) > MOST_PRODUCTS:
        rows = np.sort(np.random.default_rng(seed).choice(len(items), MOST_PRODUCTS, replace=False))
    return ProductMap(
        coordinates=found.coordinates[rows].astype(np.float32),
        items=np.asarray(items, str)[rows],
        values=np.asarray(values, str)[rows],
        counts=np.asarray(counts, np.int64)[rows],
        attribute=attribute,
        explained=found.explained,
        total=len(items),
    )
