"""Looks at traffic data, as plain values."""

from __future__ import annotations

import numpy as np

from traffic.data.about import about_of
from traffic.data.clock import clock_text
from traffic.data.contract import TrafficData
from traffic.data.loaded import TrafficDataset
from traffic.data.noticing import notices
from workbench.looks import Counts, Look, Table

ROWS, SHOWN_SENSORS = 24, 8
SLOW_SHARE = 0.6
"""Below this share of its 85th percentile a detector's speed counts as slow."""


def preview(dataset: TrafficDataset) -> Look:
    """The first rows of a few detectors, by the data's own order of choice."""
    data = dataset.data
    ids = (data.default_order or data.sensor_ids)[:SHOWN_SENSORS]
    columns = [data.sensor_ids.index(name) for name in ids]
    first = _first_full_row(data, columns)
    tables = tuple(
        Table(
            title=f"{feature} ({unit})",
            columns=("Time", *ids),
            rows=tuple(
                (clock_text(data.timestamps[row])[:16], *(_cell(value) for value in data.values[row, columns, number]))
                for row in range(first, min(first + ROWS, len(data.timestamps)))
            ),
        )
        for number, (feature, unit) in enumerate(zip(data.features, data.units, strict=True))
    )
    words = f"{len(ids)} of {len(data.sensor_ids):,} detectors, from {clock_text(data.timestamps[first])[:16]}."
    return Look(words=(words,), tables=tables, notices=about_of(dataset.manifest).notices)


def statistics(dataset: TrafficDataset) -> Look:
    """Sizes, what is missing, values of each feature, and detectors that stand out."""
    data = dataset.data
    missing = np.isnan(data.values)
    located = 0 if data.coordinates is None else int(np.isfinite(data.coordinates).all(1).sum())
    facts = (
        ("Detectors", f"{len(data.sensor_ids):,}"),
        ("Steps", f"{len(data.timestamps):,} of {data.interval_s} s"),
        ("From", clock_text(data.timestamps[0])[:16]),
        ("To", clock_text(data.timestamps[-1])[:16]),
        ("Not measured", f"{missing.mean():.2%}"),
        ("Zeros", f"{(data.values == 0).mean():.2%}"),
        ("Gaps in the clock", f"{len(data.breaks):,}"),
        ("Detectors with coordinates", f"{located:,}"),
    )
    values = Table(
        title="Values",
        columns=("Feature", "Unit", "Mean", "Spread", "Least", "Median", "Largest", "Not measured"),
        rows=tuple(_summary(data, number) for number in range(len(data.features))),
    )
    share = missing.mean((0, 2))
    order = np.argsort(-share)[:SHOWN_SENSORS]
    worst = Counts(
        title="Values that detectors miss most", items=tuple((data.sensor_ids[at], int(missing[:, at].sum())) for at in order if share[at] > 0),
    )  # fmt: skip
    return Look(facts=facts, tables=(values,), counts=(worst,) if worst.items else (), notices=_notices(dataset))


def _summary(data: TrafficData, number: int) -> tuple[str, ...]:
    values = data.values[..., number]
    seen = values[~np.isnan(values)].astype(np.float64)
    shown = (seen.mean(), seen.std(), seen.min(), float(np.median(seen)), seen.max()) if len(seen) else (np.nan,) * 5
    texts = (f"{value:.4g}" if np.isfinite(value) else "none" for value in shown)
    return (data.features[number], data.units[number], *texts, f"{1 - len(seen) / values.size:.2%}")


def _notices(dataset: TrafficDataset) -> tuple[str, ...]:
    """What is to know of the values, first what was told at import."""
    data, found = dataset.data, []
    if "speed" in data.features:
        speeds = data.values[..., data.features.index("speed")]
        with np.errstate(invalid="ignore"):
            limits = np.nanpercentile(np.where(np.isnan(speeds).all(0), 0, speeds), 85, axis=0)
            slow = float((speeds < SLOW_SHARE * limits).sum() / max(1, (~np.isnan(speeds)).sum()))
        if slow:
            found.append(f"{slow:.1%} of the speeds are below {SLOW_SHARE:.0%} of their detector's 85th percentile: these are the jams.")
    return (*found, *dict.fromkeys((*about_of(dataset.manifest).notices, *notices(data))))


def _first_full_row(data: TrafficData, columns: list[int]) -> int:
    """The first row at which most of some detectors measured anything."""
    seen = (~np.isnan(data.values[:, columns]).any(2)).mean(1) >= 0.5
    return int(np.argmax(seen)) if seen.any() else 0


def _cell(value: np.floating) -> str:
    return "" if np.isnan(value) else f"{value:.4g}"
