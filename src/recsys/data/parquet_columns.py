"""The columns of a Parquet file as the few types that a table of interactions has.

Numbers of any width become Int64 or Float64 (decimals too), durations seconds, times moments in UTC to the
microsecond, categories and times of day text, lists of plain values lists of text. Structures, lists of lists
and bytes have no meaning here and are left out. What a file calls text stays text, but for times and lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recsys.data.id_text import text_expr
from recsys.data.infer import epoch_unit, moments, read_texts, said_of_epoch
from recsys.data.reading import Reading

if TYPE_CHECKING:
    import polars as pl


def is_readable(dtype: pl.DataType) -> bool:
    """Whether a type has a meaning in a table of interactions."""
    import polars as pl

    if isinstance(dtype, pl.List | pl.Array):
        inner = dtype.inner
        return isinstance(inner, pl.DataType) and not inner.is_nested() and is_readable(inner)
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Unknown))


def as_text(column: str, dtype: pl.DataType) -> pl.Expr:
    """A column's values as text, by which another type may be read."""
    import polars as pl

    if isinstance(dtype, pl.List | pl.Array):
        return pl.lit("[") + _texts(column, dtype).list.join(", ") + pl.lit("]")
    return text_expr(pl.col(column), dtype)


def read_typed(rows: pl.LazyFrame, columns: Sequence[str]) -> dict[str, Reading]:
    """How typed columns are read. Categories are text already."""
    import polars as pl

    schema = rows.collect_schema()
    texts = [c for c in columns if schema[c] == pl.String]
    wholes = [c for c in columns if schema[c].is_integer()]
    readings = read_texts(rows, texts, ("time", "list"))
    asked = [
        getattr(pl.col(column), what)().cast(pl.Int128).alias(f"{place}.{what}")
        for place, column in enumerate(wholes)
        for what in ("min", "max")
    ]
    range_of = rows.select(asked).collect(engine="streaming").row(0, named=True) if asked else {}
    for place, column in enumerate(wholes):
        readings[column] = _whole(column, range_of[f"{place}.min"], range_of[f"{place}.max"])
    for column in columns:
        if column not in readings:
            readings[column] = _other(column, schema[column])
    return readings


def _whole(column: str, least: int | None, most: int | None) -> Reading:
    import polars as pl

    unit = epoch_unit(column, least, most)
    if unit is not None:
        return Reading("temporal", moments(pl.col(column).cast(pl.Int64), unit), said_of_epoch(column, unit))
    if most is not None and most >= 2**63:
        said = f'"{column}" is text: its numbers do not fit 64 bits with a sign.'
        return Reading("text", pl.col(column).cast(pl.String), said)
    return Reading("numeric", pl.col(column).cast(pl.Int64))


def _other(column: str, dtype: pl.DataType) -> Reading:
    import polars as pl

    values = pl.col(column)
    if dtype.is_float():
        return Reading("numeric", values.cast(pl.Float64).fill_nan(None))
    if dtype.is_decimal():
        return Reading("numeric", values.cast(pl.Float64), f'Decimals of "{column}" are read as numbers.')
    if dtype == pl.Boolean:
        return Reading("boolean", values)
    if isinstance(dtype, pl.Duration):
        seconds = values.cast(pl.Int64) / {"ms": 10**3, "us": 10**6, "ns": 10**9}[dtype.time_unit]
        return Reading("numeric", seconds, f'Durations of "{column}" are read as seconds.')
    if isinstance(dtype, pl.Datetime):
        zoned = values.dt.replace_time_zone("UTC") if dtype.time_zone is None else values
        return Reading("temporal", zoned.dt.convert_time_zone("UTC").dt.cast_time_unit("us"))
    if dtype == pl.Date:
        return Reading("temporal", values.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    if isinstance(dtype, pl.List | pl.Array):
        return Reading("list_text", _texts(column, dtype))
    return Reading("text", values.cast(pl.String))


def _texts(column: str, dtype: pl.List | pl.Array) -> pl.Expr:
    import polars as pl

    values = pl.col(column)
    lists = values.arr.to_list() if isinstance(dtype, pl.Array) else values
    return lists.list.eval(text_expr(pl.element(), dtype.inner))  # type: ignore[arg-type]
