"""What a person chooses about a simulated shop: its size, its seed and how strong each effect is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

SizeName = Literal["small", "medium", "large"]
MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class RetailSize:
    """How many of everything a shop of one size has; `rows` are its sales unless overridden."""

    customers: int
    products: int
    categories: int
    sub_categories: int
    cities: int
    rows: int


SIZES: Mapping[SizeName, RetailSize] = {
    "small": RetailSize(1_000, 500, 8, 24, 12, 60_000),
    "medium": RetailSize(10_000, 2_000, 12, 60, 40, 1_000_000),
    "large": RetailSize(200_000, 20_000, 20, 200, 120, 10_000_000),
}

RANGES: Mapping[str, tuple[float, float]] = {
    "seed": (0, MAX_SEED),
    "rows": (1_000, 20_000_000),
    "rating_rate": (0.0, 1.0),
    "taste_strength": (0.0, 20.0),
    "taste_concentration": (0.001, 10.0),
    "zipf_exponent": (0.0, 3.0),
    "season_amplitude": (0.0, 1.0),
}
"""Smallest and largest value of each number, both allowed; a rating rate of 0 is not."""

WHOLE = ("seed", "rows")


@dataclass(frozen=True)
class RetailSettings:
    """The settings of the retail simulator. Equal settings give an equal table, byte for byte.

    Attributes:
        size: how many customers, products and sales there are.
        seed: root of every random stream.
        rows: number of sales; None takes the size's own.
        rating_rate: share of sales that are rated, in (0, 1].
        taste_strength: how far tastes bend what is bought (beta); 0 leaves popularity and season alone.
        taste_concentration: how many tastes one customer mixes (kappa); small values mean nearly one.
        zipf_exponent: how unequal the products' popularity is (s); 0 makes them equal.
        season_amplitude: largest amplitude of a category's yearly wave.

    Raises:
        ValueError: if a value has the wrong type or lies outside its range; the message names both.
    """

    size: SizeName = "small"
    seed: int = 42
    rows: int | None = None
    rating_rate: float = 1.0
    taste_strength: float = 4.0
    taste_concentration: float = 0.05
    zipf_exponent: float = 1.0
    season_amplitude: float = 0.6

    def __post_init__(self) -> None:
        if self.size not in get_args(SizeName):
            raise ValueError(f"size is {self.size!r}. Choose one of {', '.join(get_args(SizeName))}.")
        for name in (field.name for field in fields(self) if field.name in RANGES):
            value = getattr(self, name)
            if name == "rows" and value is None:
                continue
            _check(name, value)

    @property
    def shape(self) -> RetailSize:
        """How many of everything there are."""
        return SIZES[self.size]

    @property
    def row_count(self) -> int:
        """Number of sales."""
        return self.shape.rows if self.rows is None else self.rows


def _check(name: str, value: object) -> None:
    low, high = RANGES[name]
    kind, types = ("a whole number", int) if name in WHOLE else ("a number", (int, float))
    if isinstance(value, bool) or not isinstance(value, types) or not math.isfinite(value):
        raise ValueError(f"{name} is {value!r}. Give {kind} from {low:,} to {high:,}.")
    if not low <= value <= high:
        raise ValueError(f"{name} is {value:,}. Give {kind} from {low:,} to {high:,}.")
    if name == "rating_rate" and value == 0:
        raise ValueError("rating_rate is 0, so no sale would have a rating. Give a number above 0, up to 1.")
