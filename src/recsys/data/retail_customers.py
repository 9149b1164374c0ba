"""The simulated shop's customers (step 7): where they live, what they like, how much they buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.retail_settings import RetailSettings
from recsys.data.retail_streams import Step, Streams
from recsys.data.retail_world import GROUPS

TIERS = ("bronze", "silver", "gold", "platinum")


@dataclass(frozen=True)
class Customers:
    """One entry, or row, for each of U customers.

    Attributes:
        city: int64 (U,), by descending weight. tastes: float64 (U, G), sums to 1.
        activity: float64 (U,), sums to 1: the customer's share of sales.
        age: int64 (U,), 18 to 85. tier: int64 (U,), the quartile of activity, 0 to 3.
    """

    city: np.ndarray
    tastes: np.ndarray
    activity: np.ndarray
    age: np.ndarray
    tier: np.ndarray


def draw_customers(settings: RetailSettings, streams: Streams) -> Customers:
    """The customers that these settings and streams make."""
    random = streams.whole(Step.CUSTOMERS)
    shape = settings.shape
    city_weight = np.arange(1, shape.cities + 1) ** -0.8
    city = random.choice(shape.cities, size=shape.customers, p=city_weight / city_weight.sum())
    city_tastes = random.dirichlet(np.ones(GROUPS), size=shape.cities)
    tastes = _dirichlet(settings.taste_concentration * GROUPS * city_tastes[city] + 0.001, random)
    activity = random.lognormal(0.0, 0.8, shape.customers)
    age = np.rint(random.normal(30 + 2.2 * tastes.argmax(axis=1), 8.0))
    quartiles = np.quantile(activity, [0.25, 0.5, 0.75])
    return Customers(
        city=city,
        tastes=tastes,
        activity=activity / activity.sum(),
        age=np.clip(age, 18, 85).astype(np.int64),
        tier=np.searchsorted(quartiles, activity, side="right"),
    )


def _dirichlet(alpha: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One Dirichlet draw for each row of `alpha`, float64 (U, G).

    Through logarithms, because gamma variates of shapes near 0.001 underflow: if X ~ Gamma(a + 1) and E ~
    Exp(1), then X exp(-E / a) ~ Gamma(a).
    """
    log_gamma = np.log(random.standard_gamma(alpha + 1)) - random.standard_exponential(alpha.shape) / alpha
    gamma = np.exp(log_gamma - log_gamma.max(axis=1, keepdims=True))
    return gamma / gamma.sum(axis=1, keepdims=True)
