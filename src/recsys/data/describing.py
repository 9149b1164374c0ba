"""Datasets of interactions as one may choose them, and what lists show of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from recsys.data.facts import TableFacts
from workbench.datasets import DatasetError
from workbench.families import DataSource
from workbench.looks import Table
from workbench.state import DatasetRecord

UNKNOWN = TableFacts(columns=(), rows=0)
"""Of a dataset whose manifest is damaged, or that was never read."""


def describe(record: DatasetRecord, source: DataSource | None) -> DataSource:
    """A dataset as one may choose it, its facts brought up to what its manifest says."""
    try:
        facts = TableFacts.of(record.manifest) if record.manifest is not None else None
    except DatasetError:
        facts = None
    if source is not None:
        words = source.description if facts is None or source.params is None else f"{_words(facts)}."
        known = facts or source.facts or UNKNOWN
        return replace(source, id=record.id, name=record.name, description=words, facts=known)
    if facts is None:
        return DataSource(
            record.id, record.name, "What is in it is not known. Import it again.", None, UNKNOWN
        )
    origin = f", imported from {facts.original}" if facts.original else ""
    return DataSource(record.id, record.name, f"{_words(facts)}{origin}.", None, facts)


def row(facts: TableFacts) -> Mapping[str, Any]:
    """What lists, REST and the command line show of a dataset."""
    schema = facts.schema
    return {
        "rows": facts.usable,
        "users": facts.users,
        "items": facts.items,
        "dropped_rows": facts.dropped,
        "dates": " to ".join(facts.dates) if facts.dates else None,
        "user_column": schema.only("user_id"),
        "item_column": schema.only("item_id"),
        "timestamp_column": schema.only("timestamp"),
        "schema": [asdict(info) for info in facts.columns],
        "warnings": [asdict(notice) for notice in facts.notices],
    }


def tables(facts: TableFacts) -> tuple[Table, ...]:
    """Its columns with their types and roles; none of a dataset that was never read."""
    rows = tuple((info.column, info.data_type, info.role) for info in facts.columns)
    return (Table(title="Columns", columns=("Column", "Type", "Role"), rows=rows),) if rows else ()


def _words(facts: TableFacts) -> str:
    users = "" if facts.users is None else f" of {facts.users:,} users"
    items = "" if facts.items is None else f" with {facts.items:,} items"
    dates = "" if facts.dates is None else f", {facts.dates[0]} to {facts.dates[1]}"
    return f"{facts.usable:,} interactions{users}{items}{dates}"
