"""Names of features and their units: one name for each idea, and conversions that are asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from traffic.data.contract import TrafficData
from traffic.errors import Place, TrafficError

ALIASES = {"avg_speed": "speed", "total_volume": "flow", "avg_occupancy": "occupancy"}
"""Other names of features, and ours. A name that is not here stays as it is."""

FACTORS = {("mph", "km/h"): 1.609344, ("veh/5min", "veh/h"): 12.0}
"""How many of the second unit make one of the first."""


def normal_name(name: str) -> str:
    """The feature's one name."""
    return ALIASES.get(name, name)


def converted(data: TrafficData, wanted: Mapping[str, str]) -> TrafficData:
    """Data with some features in other units: {feature: unit}. Nothing else ever converts.

    Raises:
        TrafficError: DATA_FEATURE for an unknown feature; DATA_UNIT where no conversion leads to the unit.
    """
    factors, units = np.ones(len(data.features)), list(data.units)
    for name, unit in wanted.items():
        (column,) = data.feature_index([name], "data.convert_units")
        factors[column] = _factor(name, data.units[column], unit)
        units[column] = unit
    return dataclasses.replace(data, values=(data.values * factors).astype(np.float32), units=tuple(units))


def _factor(name: str, old: str, new: str) -> float:
    if old == new:
        return 1.0
    if (old, new) in FACTORS:
        return FACTORS[old, new]
    if (new, old) in FACTORS:
        return 1.0 / FACTORS[new, old]
    known = sorted({unit for pair in FACTORS for unit in pair if old in pair} - {old})
    raise TrafficError(
        "DATA_UNIT", f"{name} is in {old}, which cannot become {new}.", hint=f"Possible: {', '.join(known) or 'no other unit'}.",
        at=Place(key="data.convert_units"), expected=new, found=old,
    )  # fmt: skip
