"""What a person chooses about a simulated shop, as settings of a source of datasets."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from recsys.data.retail_settings import RANGES, RetailSettings, SizeName
from workbench.fields import ConfigModel, Structural, field

BUILT_IN = "retail"
SIMULATOR = "retail_simulator"

_SECTION = "Simulated shop"


def _number(name: str, label: str, help: str, *, open_below: bool = False, advanced: bool = True) -> Any:
    low, high = RANGES[name]
    return field(
        getattr(RetailSettings(), name),
        label=label,
        section=_SECTION,
        help=help,
        ge=None if open_below else low,
        gt=low if open_below else None,
        le=high,
        advanced=advanced,
    )


ROWS_A_SECOND = 250_000
"""Sales that are simulated and looked at in a second, on two busy processors."""
_START_SECONDS = 1.0


def expected_seconds(settings: RetailSettings) -> float:
    """About how long it takes to make a shop: rows by the usual rate, and the start."""
    return _START_SECONDS + settings.row_count / ROWS_A_SECOND


class RetailParams(ConfigModel):
    """What a person chooses about a simulated shop; see `RetailSettings`."""

    size: Structural[SizeName] = field(
        "small", label="Size", section=_SECTION, help="How many customers, products and sales there are.",
        choices=(
            ("small", "Small", "1,000 customers, 500 products, 60,000 sales."),
            ("medium", "Medium", "10,000 customers, 2,000 products, 1,000,000 sales."),
            ("large", "Large", "200,000 customers, 20,000 products, 10,000,000 sales."),
        ),
    )  # fmt: skip
    seed: Structural[int] = _number("seed", "Seed", "Equal settings give an equal table.", advanced=False)
    rows: Structural[int | None] = _number(
        "rows", "Sales", "Number of rows in place of the size's own.", advanced=False
    )
    rating_rate: Structural[float] = _number(
        "rating_rate", "Share of rated sales", "How many of the sales carry a rating.", open_below=True
    )
    taste_strength: Structural[float] = _number(
        "taste_strength",
        "Strength of tastes",
        "How far tastes bend what is bought; 0 leaves popularity alone.",
    )
    taste_concentration: Structural[float] = _number(
        "taste_concentration", "Mixing of tastes", "How many tastes one customer mixes; small: nearly one."
    )
    zipf_exponent: Structural[float] = _number(
        "zipf_exponent", "Inequality of products", "How unequal popularity is; 0 makes products equal."
    )
    season_amplitude: Structural[float] = _number(
        "season_amplitude", "Strength of seasons", "Largest amplitude of a category's yearly wave."
    )

    def settings(self) -> RetailSettings:
        """The same for the simulator."""
        return RetailSettings(**{entry.name: getattr(self, entry.name) for entry in fields(RetailSettings)})
