"""What people should know of traffic data before they train on it, and what a manifest keeps of its values."""

from __future__ import annotations

from typing import Any

import numpy as np

from traffic.config_data import DEFAULT_HORIZON, DEFAULT_LOOKBACK, DataUse
from traffic.data.contract import TrafficData
from traffic.data.gaps import fillable
from traffic.data.impossible import impossible
from traffic.facts import FEW_ZEROS, SPEED_UNITS
from traffic.sizes import rows_needed

SHOWN = 5
SPREAD_DEG = 10.0
"""Degrees between detectors beyond which they are on no common roads."""


def measured(data: TrafficData) -> dict[str, Any]:
    """What a manifest keeps of values and clock, see `TrafficAbout`."""
    per_feature = {name: data.values[..., column] for column, name in enumerate(data.features)}
    return {
        "zero_speeds": _zero_speeds(data),
        "unmeasured": tuple(name for name, values in per_feature.items() if np.isnan(values).all()),
        "only_zeros": tuple(name for name, values in per_feature.items() if not (np.nan_to_num(values) != 0).any()),
        "skipped_s": int((data.steps[data.steps != data.interval_s] - data.interval_s).sum()),
        "fillable": fillable(data),
    }


def notices(data: TrafficData) -> tuple[str, ...]:
    """Sentences, most serious first."""
    return tuple(sentence for sentence in (*data.remarks, *_rows(data), *_clock(data), *_values(data), *_places(data)) if sentence)


def _rows(data: TrafficData) -> list[str]:
    rows, needed = len(data.timestamps), rows_needed(DataUse(), DEFAULT_LOOKBACK, DEFAULT_HORIZON)
    if rows >= needed:
        return []
    return [
        f"It has {rows:,} {'row' if rows == 1 else 'rows'}; a model with the usual windows and shares needs {needed:,}. "
        "Import more rows, or shorten the windows."
    ]


def _clock(data: TrafficData) -> list[str]:
    if not len(data.breaks):
        return []
    gaps = "gap" if len(data.breaks) == 1 else "gaps"
    days = data.steps.max() / 86_400
    longest = f", the longest of {days:,.1f} days" if days >= 1 else ""
    rule = "Filled or Kept (gaps: insert_nan or keep)" if fillable(data) else "Kept (gaps: keep), as missing rows cannot fill them"
    return [f"Its clock has {len(data.breaks):,} {gaps}{longest}: a model on it needs Gaps in the clock {rule}."]


def _values(data: TrafficData) -> list[str]:
    found = []
    speeds, zeros = _zero_speeds(data), float((data.values == 0).mean())
    if speeds > FEW_ZEROS:
        found.append(
            f"{speeds:.1%} of its speeds are zero. If zeros mean that nothing was measured, import it with Zeros set to Missing "
            "(--zeros missing), or have a model take Zeros as missing Everywhere (zeros_as_missing: both): otherwise it learns and is judged by them."
        )
    elif zeros > FEW_ZEROS:
        found.append(
            f"{zeros:.1%} of its values are zero. If zeros mean that nothing was measured, say so by Zeros of a model (zeros_as_missing)."
        )
    found += [f"{each.words}, as far as {each.worst:.4g}: check column and unit." for each in impossible(data)]
    silent = [name for name, each in zip(data.sensor_ids, np.asarray(np.isnan(data.values).all((0, 2))), strict=True) if each]
    if silent:
        found.append(f"Nothing was ever measured by {', '.join(silent[:SHOWN])}{' and others' if len(silent) > SHOWN else ''}.")
    return found


def _places(data: TrafficData) -> list[str]:
    if data.coordinates is None:
        return []
    known = data.coordinates[np.isfinite(data.coordinates).all(1)]
    if not len(known):
        return ["None of its coordinates are known, so no detector is near another: social pooling by coordinates cannot be used."]
    found = []
    missing = len(data.coordinates) - len(known)
    if missing:
        found.append(f"{missing:,} of {len(data.coordinates):,} detectors {'has' if missing == 1 else 'have'} no coordinates.")
    nowhere = int((known == 0).all(1).sum())
    if nowhere:
        found.append(
            f"{nowhere:,} {'detector lies' if nowhere == 1 else 'detectors lie'} at latitude 0, longitude 0, in the sea: check coordinates."
        )
    if len(known) > 1 and (known == known[0]).all():
        found.append("All its detectors lie at one spot, so distances tell nothing: check coordinates.")
    elif not nowhere and (np.ptp(known, axis=0) > SPREAD_DEG).any():
        found.append(f"Its detectors lie more than {SPREAD_DEG:g} degrees apart: check coordinates.")
    return found


def _zero_speeds(data: TrafficData) -> float:
    columns = [column for column, unit in enumerate(data.units) if unit in SPEED_UNITS]
    return float((data.values[..., columns] == 0).mean()) if columns else 0.0
