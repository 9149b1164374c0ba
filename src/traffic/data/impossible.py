"""Values that no detector can measure, by their unit."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from traffic.data.contract import TrafficData
from traffic.errors import Place, TrafficError

LIMITS = {"mph": 200.0, "km/h": 320.0, "%": 100.0, "veh/h": 30_000.0, "veh/5min": 2_500.0, "1": 1e9}
"""The largest possible value of a unit: faster than any car, more than ten lanes carry; of plain numbers, what float32 can reckon with."""
MOST_SHARE = 0.5
"""Of what a feature measured, so much may be impossible; beyond that column or unit are wrong."""


@dataclass(frozen=True)
class Impossible:
    """Values of one feature beyond what can be, on one side.

    Attributes:
        feature: its column. where: which values, bool (T, N). bound: beyond what, in words. worst: the farthest. name: of the feature.
    """

    feature: int
    where: np.ndarray
    bound: str
    worst: float
    name: str

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.where.sum())

    @property
    def words(self) -> str:
        """How many of them lie where: `2 values of speed are below 0`."""
        one = self.count == 1
        return f"{self.count:,} {'value' if one else 'values'} of {self.name} {'is' if one else 'are'} {self.bound}"


def impossible(data: TrafficData) -> tuple[Impossible, ...]:
    """Negative values of what counts or is driven, and values beyond what a road can show."""
    found = []
    for column, (name, unit) in enumerate(zip(data.features, data.units, strict=True)):
        values, limit = data.values[..., column], LIMITS[unit]
        plain = unit == "1"
        with np.errstate(invalid="ignore"):
            sides = (
                (values < (-limit if plain else 0), f"below {-limit if plain else 0:,.0f}", np.nanmin),
                (values > limit, f"above {limit:,.0f}{'' if plain else f' {unit}'}", np.nanmax),
            )
        found += [Impossible(column, where, bound, float(worst(values)), name) for where, bound, worst in sides if where.any()]
    return tuple(found)


def without_impossible(data: TrafficData) -> tuple[TrafficData, tuple[str, ...]]:
    """Data whose impossible values are missing, with a sentence for each kind of them.

    Raises:
        TrafficError: DATA_VALUE if more than half of what a feature measured is impossible.
    """
    found = impossible(data)
    if not found:
        return data, ()
    values = data.values.copy()
    for each in found:
        column = values[..., each.feature]
        measured = int((~np.isnan(data.values[..., each.feature])).sum())
        if sum(other.count for other in found if other.feature == each.feature) > MOST_SHARE * measured:
            raise TrafficError(
                "DATA_VALUE", f"{each.words}, as far as {each.worst:.4g}, of {measured:,} that were measured.",
                hint="Check that the column, Feature (feature) and Unit (unit) are right.", at=Place(key="unit", file=data.source.path),
                expected=LIMITS[data.units[each.feature]], found=each.worst,
            )  # fmt: skip
        column[each.where] = np.nan
    words = tuple(f"{each.words}, as far as {each.worst:.4g}, and taken as missing: check column and unit." for each in found)
    return dataclasses.replace(data, values=values), words
