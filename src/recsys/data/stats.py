"""Figures of a table for people to look at; nothing is ever trained with them.

They are over the rows that a loaded table has. Each column is passed over once. Numbers are described by those
that are finite, their spread is that of the population.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from recsys.data.column_pass import finite_of
from recsys.data.schema import ColumnInfo, DataType, Role
from recsys.data.shortening import shortened
from recsys.data.table import Table

if TYPE_CHECKING:
    import polars as pl

EXACT_TO = 1_000_000
"""Distinct values that are counted; more are estimated."""
TOP = 10
BINS = 20
QUANTILES = (0.01, 0.25, 0.50, 0.75, 0.99)
SAMPLE, MAX_SAMPLE = 10, 100
_MARGIN = 1.05
"""An estimate this far above the limit cannot come from a number below it."""
_SEED = 42
_PLACES = 33_554_393
"""Of hashes; prime, so that no pattern of their bits is preferred."""
_PIECE = 1_048_576
_KEPT = 8
_DAY_SECONDS = 86_400
_FIRST = 1_000
_EXACT = 2**52
"""Whole numbers up to which float64 also holds those that lie halfway between two."""


@dataclass(frozen=True)
class NumericFigures:
    """Of the finite numbers of a column; `edges` has one value more than `counts`.

    Attributes:
        values: where all are whole and few differ, these, in order: each has a bin of its own, whose edges lie halfway
            to its neighbours. Empty elsewhere, where the bins are equally wide.
        quantiles: the 1st, 25th, 50th, 75th and 99th percentile, linear between neighbours.
    """

    minimum: float
    maximum: float
    mean: float
    std: float
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    values: tuple[int, ...] = ()


@dataclass(frozen=True)
class TextFigures:
    """The most frequent values with their counts, equal counts in the order of text, long ones shortened; the longest in characters."""

    top: tuple[tuple[str, int], ...]
    longest: int


@dataclass(frozen=True)
class TemporalFigures:
    """First and last moment in UTC as ISO 8601, and the days between them."""

    first: str
    last: str
    days: float


@dataclass(frozen=True)
class ColumnStatistics:
    """Figures of one column.

    Attributes:
        nulls: how many values are missing. null_percent: of all rows.
        not_finite: how many numbers are NaN or infinite; no other figure counts them.
        cardinality: distinct values that are there; None for lists. estimated: whether it is one, to 2 %.
        numeric, text, temporal: by the column's type; all None for a column without such values, and for lists.
    """

    column: str
    storage_type: str
    data_type: DataType
    role: Role
    nulls: int
    null_percent: float
    not_finite: int
    cardinality: int | None
    estimated: bool = False
    numeric: NumericFigures | None = None
    text: TextFigures | None = None
    temporal: TemporalFigures | None = None


def column_statistics(series: pl.Series, info: ColumnInfo, *, exact_to: int = EXACT_TO) -> ColumnStatistics:
    """Figures of a column's values."""
    there = series.drop_nulls()
    present = finite_of(there)
    rows, nulls = len(series), series.null_count()
    cardinality, estimated = None, False
    if info.data_type != "list_text":
        cardinality, estimated = _cardinality(present, exact_to)
    describe: dict[DataType, Callable[[pl.Series], dict[str, Any]]] = {
        "numeric": lambda values: {"numeric": _numeric(values)},
        "text": lambda values: {"text": _text(values)},
        "boolean": lambda values: {"text": _text(values)},
        "temporal": lambda values: {"temporal": _temporal(values)},
        "list_text": lambda values: {},
    }
    figures = describe[info.data_type](present) if len(present) else {}
    percent = 100 * nulls / rows if rows else 0.0
    return ColumnStatistics(
        info.column,
        info.storage_type,
        info.data_type,
        info.role,
        nulls,
        percent,
        len(there) - len(present),
        cardinality,
        estimated,
        **figures,
    )


def statistics_of(table: Table) -> tuple[ColumnStatistics, ...]:
    """Figures of every column, kept by the table's fingerprint and its roles."""
    key = (table.manifest.content_sha256, table.schema)
    if key not in _kept:
        found = tuple(column_statistics(table.frame[info.column], info) for info in table.schema.columns)
        while len(_kept) >= _KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = found
    return _kept[key]


_kept: dict[tuple[Any, ...], tuple[ColumnStatistics, ...]] = {}


@dataclass(frozen=True)
class Popularity:
    """How unequally items are taken: the `items[k]` most popular ones have `share[k]` of all rows."""

    items: tuple[int, ...]
    share: tuple[float, ...]


def popularity_curve(table: Table, points: int = 100) -> Popularity:
    """The curve at no more than `points` numbers of items, dense where few items are. Raises DatasetError."""
    data = table.interactions
    counts = np.sort(np.bincount(data.item, minlength=len(data.item_ids)))[::-1]
    places = np.unique(np.rint(np.geomspace(1, max(len(counts), 1), points)).astype(np.int64))
    share = np.cumsum(counts) / max(counts.sum(), 1)
    places = places[places <= len(counts)]
    return Popularity(tuple(places.tolist()), tuple(share[places - 1].tolist()))


@dataclass(frozen=True)
class EventsPerDay:
    """Rows by day in UTC: `counts[k]` from `first` + k * `step` days on, for `step` days."""

    first: str
    step: int
    counts: tuple[int, ...]


def events_per_day(table: Table, most: int = 2_000) -> EventsPerDay | None:
    """Rows by day; by several days where more than `most` counts would come out. None without times."""
    facts = table.facts
    stamp = table.schema.only("timestamp")
    if stamp is None or facts.first_second is None or facts.last_second is None:
        return None
    day = table.frame[stamp].drop_nulls().dt.epoch("s").to_numpy() // _DAY_SECONDS
    first, last = facts.first_second // _DAY_SECONDS, facts.last_second // _DAY_SECONDS
    step = math.ceil((last - first + 1) / most)
    counts = np.bincount((day - first) // step, minlength=(last - first) // step + 1)
    return EventsPerDay(str(np.datetime64(first, "D")), step, tuple(counts.tolist()))


def sample_rows(table: Table, count: int = SAMPLE) -> tuple[dict[str, Any], ...]:
    """Some rows as JSON values, in the table's order and always the same ones.

    Times are ISO 8601, what is no finite number is text, long texts are shortened. Raises ValueError for more than 100 or less than 1.
    """
    if not 1 <= count <= MAX_SAMPLE:
        raise ValueError(f"{count} rows cannot be shown. Give a number from 1 to {MAX_SAMPLE}.")
    height = table.frame.height
    chosen = np.random.Generator(np.random.PCG64(_SEED)).permutation(height)[:count]
    rows = table.frame[np.sort(chosen)].rows(named=True)
    return tuple({name: _plain(value) for name, value in row.items()} for row in rows)


def as_json(figures: ColumnStatistics | Popularity | EventsPerDay) -> dict[str, Any]:
    """Figures as JSON values."""
    return asdict(figures)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return shortened(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _cardinality(present: pl.Series, exact_to: int) -> tuple[int, bool]:
    if len(present) > exact_to:
        estimate = estimated_distinct(present)
        if estimate > exact_to * _MARGIN:
            return estimate, True
    return present.n_unique(), False


def estimated_distinct(present: pl.Series) -> int:
    """About how many values differ, by linear counting (Whang et al., 1990): from the share of empty places
    among those that hashes fall on. With 20,000,000 rows its standard error is below 0.1 %.
    """
    places = np.zeros(_PLACES, bool)
    for start in range(0, len(present), _PIECE):
        places[present.slice(start, _PIECE).hash(seed=_SEED).to_numpy() % _PLACES] = True
    return round(-_PLACES * math.log1p(-int(places.sum()) / _PLACES))


def _numeric(values: pl.Series) -> NumericFigures:
    import polars as pl

    finite = values.cast(pl.Float64).to_numpy()
    low, high = float(finite.min()), float(finite.max())
    own = _few_whole(finite)
    edges, counts = _equal_bins(finite, low, high) if own is None else (_between(own[0]), own[1])
    scale = max(abs(low), abs(high), 1.0)
    return NumericFigures(
        minimum=low,
        maximum=high,
        mean=float((finite / scale).mean() * scale),
        std=float((finite / scale).std() * scale),
        quantiles=tuple(np.quantile(finite, QUANTILES).tolist()),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        values=() if own is None else tuple(int(value) for value in own[0]),
    )


def _equal_bins(finite: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """(edges, counts) of bins that are equally wide."""
    # halves, as the whole width of what float64 holds is more than it holds
    width = high / 2 - low / 2
    place = np.zeros(finite.size, np.int64) if width == 0 else (finite / 2 - low / 2) / width * BINS
    counts = np.bincount(np.minimum(place.astype(np.int64), BINS - 1), minlength=BINS)
    steps = np.arange(BINS + 1) / BINS
    return low * (1 - steps) + high * steps, counts


def _few_whole(finite: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """(values, counts) where all numbers are whole and no more than `BINS` differ; None elsewhere."""
    # the first ones settle it for most columns, without sorting all
    if len(np.unique(finite[:_FIRST])) > BINS or np.abs(finite).max() > _EXACT:
        return None
    found, counts = np.unique(finite, return_counts=True)
    return (found, counts) if len(found) <= BINS and (found == np.rint(found)).all() else None


def _between(values: np.ndarray) -> np.ndarray:
    """Edges halfway between values; half a unit beyond the first and the last."""
    return np.concatenate([[values[0] - 0.5], (values[:-1] + values[1:]) / 2, [values[-1] + 0.5]])


def _text(values: pl.Series) -> TextFigures:
    import polars as pl

    text = values.cast(pl.String).alias("value")
    counted = text.value_counts(name="n").sort("n", "value", descending=[True, False]).head(TOP)
    longest = text.str.len_chars().max()
    top = tuple((shortened(value), count) for value, count in counted.iter_rows())
    return TextFigures(top, int(longest))  # type: ignore[arg-type]


def _temporal(values: pl.Series) -> TemporalFigures:
    import polars as pl

    first, last = (cast("dt.datetime", end) for end in (values.min(), values.max()))
    span = (
        values.cast(pl.Datetime("us", values.dtype.time_zone))
        if isinstance(values.dtype, pl.Datetime)
        else values
    )
    ends = span.to_physical()
    days = float(ends.max() - ends.min()) / (1_000_000 * _DAY_SECONDS)  # type: ignore[operator]
    return TemporalFigures(first.isoformat(), last.isoformat(), days)
