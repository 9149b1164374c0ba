"""The simulated shop before anybody buys: its products and what each taste group likes in each month.

Steps 2 to 6 of the simulator, and the prices of step 10. G = 16 taste groups, D = 8 dimensions of taste, I
products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.retail_calendar import MONTHS
from recsys.data.retail_settings import RetailSettings
from recsys.data.retail_streams import Step, Streams

GROUPS = 16
DIMENSIONS = 8
BRANDS_PER_CATEGORY = 6
POPULARITY_OFFSET = 10
"""Added to the rank, so that the first few products do not sell everything."""


@dataclass(frozen=True)
class Hierarchy:
    """Where each product belongs, as indices.

    Attributes:
        category_of_sub: int64 (sub-categories,). sub_category, category: int64 (I,).
        brand: int64 (I,), 0 to 5 within the product's category.
    """

    category_of_sub: np.ndarray
    sub_category: np.ndarray
    category: np.ndarray
    brand: np.ndarray


@dataclass(frozen=True)
class World:
    """Products, prices and choices.

    Attributes:
        hierarchy: where each product belongs.
        price_cents: int64 (I,).
        popularity: float64 (I,), sums to 1.
        lift: float64 (G, I), mean 1 over the groups: how much more a group likes a product than others do.
        season: float64 (categories, 12), the yearly wave of each category.
        choice: float64 (G, 12, I), sums to 1 over the products: P(product | group, month).
    """

    hierarchy: Hierarchy
    price_cents: np.ndarray
    popularity: np.ndarray
    lift: np.ndarray
    season: np.ndarray
    choice: np.ndarray


def build_world(settings: RetailSettings, streams: Streams) -> World:
    """The shop that these settings and streams make."""
    hierarchy = _hierarchy(settings, streams.whole(Step.HIERARCHY))
    popularity = _popularity(settings, streams.whole(Step.POPULARITY))
    lift = _lift(settings, hierarchy, streams.whole(Step.TASTES))
    season = _season(settings, streams.whole(Step.SEASONS))
    choice = (popularity * lift)[:, None, :] * season.T[None, :, hierarchy.category]
    choice /= choice.sum(axis=2, keepdims=True)
    price_cents = _price_cents(settings, hierarchy, streams.whole(Step.MONEY))
    return World(hierarchy, price_cents, popularity, lift, season, choice)


def _hierarchy(settings: RetailSettings, random: np.random.Generator) -> Hierarchy:
    shape = settings.shape
    rest = random.integers(shape.categories, size=shape.sub_categories - shape.categories)
    category_of_sub = np.concatenate([np.arange(shape.categories), rest])
    weights = random.dirichlet(np.full(shape.sub_categories, 5.0))
    sub_category = random.choice(shape.sub_categories, size=shape.products, p=weights)
    brand = random.integers(BRANDS_PER_CATEGORY, size=shape.products)
    return Hierarchy(category_of_sub, sub_category, category_of_sub[sub_category], brand)


def _popularity(settings: RetailSettings, random: np.random.Generator) -> np.ndarray:
    rank = random.permutation(settings.shape.products)
    weight = (rank + float(POPULARITY_OFFSET)) ** -settings.zipf_exponent
    return weight / weight.sum()


def _lift(settings: RetailSettings, hierarchy: Hierarchy, random: np.random.Generator) -> np.ndarray:
    shape = settings.shape
    centre = random.standard_normal((shape.sub_categories, DIMENSIONS))
    own = random.standard_normal((shape.products, DIMENSIONS))
    group = random.standard_normal((GROUPS, DIMENSIONS))
    group /= np.linalg.norm(group, axis=1, keepdims=True)
    product = np.sqrt(0.7) * centre[hierarchy.sub_category] + np.sqrt(0.3) * own
    # einsum, not BLAS, whose sums may depend on its number of threads
    affinity = settings.taste_strength * np.einsum("gd,id->gi", group, product)
    lift = np.exp(affinity - affinity.max(axis=0))
    return lift / lift.mean(axis=0)


def _season(settings: RetailSettings, random: np.random.Generator) -> np.ndarray:
    categories = settings.shape.categories
    amplitude = random.random(categories) * settings.season_amplitude
    crest = random.random(categories) * MONTHS
    phase = 2 * np.pi * (np.arange(MONTHS) - crest[:, None]) / MONTHS
    return 1 + amplitude[:, None] * np.cos(phase)


def _price_cents(settings: RetailSettings, hierarchy: Hierarchy, random: np.random.Generator) -> np.ndarray:
    shape = settings.shape
    log_price = random.normal(2.7, 0.6, shape.sub_categories)[hierarchy.sub_category]
    price = np.exp(log_price + random.normal(0.0, 0.4, shape.products))
    return np.rint(np.maximum(price, 0.50) * 100).astype(np.int64)
