"""Looks at tables of interactions, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from recsys.data.schema import ColumnStats
from recsys.data.stats import (
    ColumnStatistics,
    NumericFigures,
    popularity_curve,
    sample_rows,
    statistics_of,
)
from recsys.data.table import Table as Data
from workbench.looks import Counts, Look, Table

_SHOWN = 20
"""Rows of a preview."""
_HEAD_SHARES = (0.01, 0.1, 0.5)


def preview(table: Data) -> Look:
    """Some rows."""
    rows = sample_rows(table, _SHOWN)
    columns = tuple(table.frame.columns)
    shown = Table(
        title="Sample rows",
        columns=columns,
        rows=tuple(tuple(_cell(row[name]) for name in columns) for row in rows),
    )
    return Look(words=(f"{len(rows)} of {table.frame.height:,} rows.",), tables=(shown,))


def statistics(table: Data) -> Look:
    """Sizes, every column's figures, and how unequally items are taken."""
    facts = table.facts
    dates = facts.dates
    pairs = [("Rows", f"{facts.usable:,}")]
    pairs += [
        (name, f"{n:,}") for name, n in (("Users", facts.users), ("Items", facts.items)) if n is not None
    ]
    if facts.dropped:
        pairs.append(("Left out, without a user or an item", f"{facts.dropped:,}"))
    if dates is not None:
        pairs.append(("Dates", f"{dates[0]} to {dates[1]}"))
    if facts.users is not None and facts.items is not None:
        pairs += _concentration(table)
    found = statistics_of(table)
    columns = ("Column", "Type", "Role", "Missing", "Distinct", "Values")
    rows = tuple(
        (f.column, f.data_type, f.role, missing_words(f), distinct_words(f), value_words(f)) for f in found
    )
    counts = tuple(
        shown for f in found if f.role not in ("user_id", "ignore") and (shown := _counted(f)) is not None
    )
    return Look(
        facts=tuple(pairs),
        tables=(Table(title="Columns", columns=columns, rows=rows),),
        counts=counts,
        notices=tuple(notice.message for notice in facts.notices),
    )


def _concentration(table: Data) -> list[tuple[str, str]]:
    curve = popularity_curve(table)
    items = curve.items[-1] if curve.items else 0
    pairs = []
    for head in _HEAD_SHARES:
        known = [
            share for n, share in zip(curve.items, curve.share, strict=True) if n <= max(1, head * items)
        ]
        if known:
            pairs.append((f"Share of the {head:.0%} most popular items", f"{known[-1]:.1%}"))
    return pairs


def _counted(figures: ColumnStatistics) -> Counts | None:
    """A column's most frequent values, or its histogram; None for one that has neither."""
    if figures.text is not None:
        return Counts(title=f"{figures.column}, most frequent", items=figures.text.top)
    if figures.numeric is not None and sum(figures.numeric.counts):
        numbers = figures.numeric
        constant = numbers.minimum == numbers.maximum and not numbers.values
        names = (f"{numbers.minimum:.4g}",) if constant else value_names(numbers)
        bins = zip(names, (sum(numbers.counts),) if constant else numbers.counts, strict=True)
        return Counts(title=f"{figures.column}, histogram", items=tuple(bins))
    return None


def value_names(numbers: NumericFigures) -> tuple[str, ...]:
    """What a column's bins are called: by its values, or by their edges."""
    return tuple(f"{value:,}" for value in numbers.values) or bin_names(numbers.edges)


def bin_names(edges: Sequence[float]) -> tuple[str, ...]:
    """What the bins between edges are called: as few digits as tell them apart."""
    for digits in range(4, 18):
        texts = [f"{edge:.{digits}g}" for edge in edges]
        if len(set(texts)) == len(texts):
            break
    return tuple(f"{low} to {high}" for low, high in pairwise(texts))


def missing_words(figures: ColumnStatistics) -> str:
    """How many values of a column are missing."""
    return f"{figures.nulls:,} ({figures.null_percent:.1f} %)" if figures.nulls else "none"


def distinct_words(figures: ColumnStatistics) -> str:
    """How many different values it has; an estimate is marked."""
    if figures.cardinality is None:
        return ""
    return f"{'≈ ' if figures.estimated else ''}{figures.cardinality:,}"


def range_words(stats: ColumnStats) -> str:
    """The least and the greatest number of a column; "" where it has none."""
    if stats.minimum is None or stats.maximum is None:
        return ""
    return f"{stats.minimum:,.6g} to {stats.maximum:,.6g}"


def value_words(figures: ColumnStatistics) -> str:
    """Its range or its most frequent values."""
    odd = f", {figures.not_finite:,} not finite" if figures.not_finite else ""
    if figures.numeric is not None:
        numbers = figures.numeric
        return (
            f"{numbers.minimum:.6g} to {numbers.maximum:.6g}, mean {numbers.mean:.4g}, "
            f"median {numbers.quantiles[2]:.6g}{odd}"
        )
    if figures.temporal is not None:
        return f"{figures.temporal.first} to {figures.temporal.last}, {figures.temporal.days:,.1f} days"
    if figures.text is not None:
        return ", ".join(f"{value} ({n:,})" for value, n in figures.text.top[:3])
    return odd.removeprefix(", ")


def _cell(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
