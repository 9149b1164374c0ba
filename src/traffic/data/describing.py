"""Datasets of traffic as one may choose them, and what lists show of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from traffic.config_data import DEFAULT_HORIZON, DEFAULT_LOOKBACK
from traffic.data.about import TrafficAbout, about_of
from traffic.facts import DAY_S, FEW_ZEROS, TrafficFacts
from workbench.families import DataSource
from workbench.looks import Table
from workbench.state import DatasetRecord

UNKNOWN = TrafficFacts()
"""Of a dataset whose manifest is damaged."""
_PLAIN = 8
"""So many detectors may be read as one wide input to start from; more share their weights."""


def describe(record: DatasetRecord, source: DataSource | None) -> DataSource:
    """A dataset as one may choose it, its facts brought up to what its manifest says."""
    try:
        about = about_of(record.manifest) if record.manifest is not None else None
    except ValidationError:
        about = None
    facts = None if about is None else facts_of(about)
    if source is not None:
        words = source.description if about is None or source.params is None else f"Simulated: {_words(about)}."
        return replace(source, id=record.id, name=record.name, description=words, facts=facts or source.facts)
    if about is None or facts is None:
        return DataSource(record.id, record.name, "What is in it is not known. Import it again.", None, UNKNOWN)
    origin = f", imported from {about.original}" if about.original else ""
    return DataSource(record.id, record.name, f"{_words(about)}{origin}.", None, facts, _sample(facts))


def facts_of(about: TrafficAbout) -> TrafficFacts:
    """What a manifest says, as validation knows it."""
    return TrafficFacts(
        steps=about.steps, n_sensors=len(about.sensor_ids), features=about.features, units=about.units, interval_s=about.interval_s,
        start=about.start, sensor_ids=about.default_order or about.sensor_ids, located=about.located, unplaced=about.unplaced, edges=about.edges,
        breaks=about.breaks, zero_speeds=about.zero_speeds, unmeasured=about.unmeasured, only_zeros=about.only_zeros, skipped_s=about.skipped_s,
        fillable=about.fillable, notices=about.notices,
    )  # fmt: skip


def row(facts: TrafficFacts) -> Mapping[str, Any]:
    """What lists, REST and the command line show of a dataset."""
    return {
        "steps": facts.steps,
        "detectors": facts.n_sensors,
        "features": list(facts.features),
        "units": list(facts.units),
        "interval_s": facts.interval_s,
        "days": _days(facts.steps * facts.interval_s),
        "measures": ", ".join(facts.features),
        "start": facts.start,
        "sensor_ids": list(facts.sensor_ids),
        "located": facts.located,
        "gaps": facts.breaks,
        "zero_speeds": facts.zero_speeds,
        "cautions": list(facts.notices),
    }


def _days(seconds: int) -> int | float:
    days = round(seconds / DAY_S, 2)
    return int(days) if days == int(days) else days


def tables(facts: TrafficFacts) -> tuple[Table, ...]:
    """Its features with their units, and what was told of it at import."""
    rows = tuple(zip(facts.features, facts.units, strict=True))
    cautions = tuple((sentence,) for sentence in facts.notices)
    found = (Table(title="Features", columns=("Feature", "Unit"), rows=rows), Table(title="To know", columns=("To know",), rows=cautions))
    return tuple(table for table in found if table.rows)


def _words(about: TrafficAbout) -> str:
    days = _days(about.steps * about.interval_s)
    features = ", ".join(about.features)
    return f"{len(about.sensor_ids):,} detector{'' if len(about.sensor_ids) == 1 else 's'}, {days:,} day{'' if days == 1 else 's'} from {about.start[:10]}{_skips(about)}, {features}"


def _skips(about: TrafficAbout) -> str:
    """That the clock skips days, if it does: the days with data alone would mislead."""
    return f" to {about.end[:10]} with {_days(about.skipped_s):,} days left out" if about.skipped_s >= DAY_S else ""


def _sample(facts: TrafficFacts) -> dict[str, Any]:
    """Settings of a sample to start from."""
    several = facts.n_sensors > 1
    return {
        "multi_vd_mode": several, "share_weights_across_vds": facts.n_sensors > _PLAIN, "gaps": _gaps(facts), "zeros_as_missing": _zeros(facts),
        "window.sequence_length": DEFAULT_LOOKBACK, "window.prediction_length": DEFAULT_HORIZON,
        "neighbours": _neighbours(facts) if several else "none",
    }  # fmt: skip


def _neighbours(facts: TrafficFacts) -> str:
    """Places, if all detectors have one or there is nothing else; else edges, if they came with the data."""
    if facts.located and not (facts.unplaced and facts.edges):
        return "coords"
    return "edges" if facts.edges else "none"


def _gaps(facts: TrafficFacts) -> str:
    if not facts.breaks:
        return "error"
    return "insert_nan" if facts.fillable else "keep"


def _zeros(facts: TrafficFacts) -> str:
    """Zeros of speeds that are too many to be cars that stand are missing values to start from, unless nothing else is there."""
    only = set(facts.only_zeros) - set(facts.unmeasured)
    return "both" if facts.zero_speeds > FEW_ZEROS and not only else "none"
