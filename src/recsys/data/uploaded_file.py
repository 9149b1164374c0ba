"""A person's file, opened: its rows, not yet read, once it is known that they can be."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recsys.data.csv_scan import Structure, structure_of
from recsys.data.csv_text import as_utf8, delimiter_of, parse_error, require_divided
from recsys.data.limits import (
    MAX_CELL_BYTES,
    MAX_CSV_BYTES,
    MAX_PARQUET_BYTES,
    checked_names,
    require_rows,
    require_size,
    too_large,
)
from recsys.data.options import TableOptions
from recsys.data.parquet_columns import is_readable
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    import polars as pl

PARQUET_ENDINGS = (".parquet", ".pq")
_MAGIC = b"PAR1"


@dataclass(frozen=True)
class OpenedFile:
    """A file's rows.

    Attributes:
        rows: text from CSV, typed columns from Parquet. typed: which of the two. height: number of rows.
        left_out: columns that are not among them, each with its reason. as_it_is: whether the file's columns are
            these, under the same names.
    """

    rows: pl.LazyFrame
    typed: bool
    height: int
    left_out: tuple[str, ...] = ()
    as_it_is: bool = False


@contextmanager
def opened_file(path: Path, options: TableOptions) -> Iterator[OpenedFile]:
    """A CSV or Parquet file while the block runs.

    Raises:
        DatasetError: DS_TOO_LARGE, DS_TOO_SMALL, DS_PARSE or DS_COLUMNS.
    """
    import polars as pl

    if path.is_dir():
        raise DatasetError(f"{path.name} is a folder.", code="DS_PARSE", hint="Give a CSV or a Parquet file.")
    parquet = is_parquet(path)
    try:
        with (_parquet if parquet else _csv)(path, options) as opened:
            yield opened
    except pl.exceptions.PolarsError as error:
        raise DatasetError(
            f"{path.name} cannot be read: {str(error).splitlines()[0][:200]}.",
            code="DS_PARSE",
            where=path.name,
            hint="Save or copy it again.",
        ) from error


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its first bytes or its name."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC or path.suffix.lower() in PARQUET_ENDINGS


@contextmanager
def _csv(path: Path, options: TableOptions) -> Iterator[OpenedFile]:
    import polars as pl

    require_size(path, MAX_CSV_BYTES)
    with as_utf8(path, options) as text:
        delimiter = delimiter_of(text, options)
        require_divided(text, path.name, delimiter, options)
        structure = structure_of(text, delimiter)
        names = checked_names(_names(structure, delimiter))
        require_rows(structure.records)
        rows = pl.scan_csv(
            text, separator=delimiter, infer_schema=False, with_column_names=lambda _: names, glob=False
        )
        if structure.longest > MAX_CELL_BYTES:
            _require_cells(rows, names)
        if structure.empty:
            rows = rows.filter(~pl.all_horizontal(pl.all().is_null()))
        yield OpenedFile(rows, False, structure.records)


def _names(structure: Structure, delimiter: str) -> list[str]:
    """The fields of the first line."""
    try:
        lines = list(csv.reader(io.StringIO(structure.header.decode(), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise parse_error(f"the names cannot be read: {error}.", 1) from error
    if len(lines) > 1:
        raise parse_error("the names hold a line break without quotes.", 1)
    return lines[0] if lines else [""]


@contextmanager
def _parquet(path: Path, options: TableOptions) -> Iterator[OpenedFile]:
    import polars as pl

    for name in ("delimiter", "encoding"):
        if getattr(options, name) != "auto":
            raise DatasetError(f"A Parquet file has no {name}.", where=name, hint=f"Leave {name} out.")
    require_size(path, MAX_PARQUET_BYTES)
    rows = pl.scan_parquet(path, glob=False)
    schema = rows.collect_schema()
    given_names = schema.names()
    height = rows.select(pl.len()).collect().item()
    names = checked_names(given_names)
    require_rows(height)
    rows = rows.rename(dict(zip(given_names, names, strict=True)))
    out = {n: d for n, d in zip(names, schema.dtypes(), strict=True) if not is_readable(d)}
    texts = [n for n, d in zip(names, schema.dtypes(), strict=True) if d == pl.String]
    _require_cells(rows, texts)
    reasons = tuple(f"{name}: a column of {dtype} has no meaning here" for name, dtype in out.items())
    kept = [name for name in names if name not in out]
    categories = [n for n, d in zip(names, schema.dtypes(), strict=True) if d in (pl.Categorical, pl.Enum)]
    rows = rows.with_columns(pl.col(categories).cast(pl.String)).select(kept)
    yield OpenedFile(rows, True, height, reasons, as_it_is=kept == given_names and not categories)


def _require_cells(rows: pl.LazyFrame, texts: list[str]) -> None:
    """Raise DS_TOO_LARGE for a value of a column of text that is too long."""
    import polars as pl

    lengths = [pl.col(name).str.len_bytes().max().alias(str(place)) for place, name in enumerate(texts)]
    longest = rows.select(lengths).collect(engine="streaming").row(0) if texts else ()
    for column, size in zip(texts, longest, strict=True):
        if size is not None and size > MAX_CELL_BYTES:
            row = rows.select(pl.col(column).str.len_bytes().arg_max()).collect().item() + 1
            raise too_large(
                f'A value of "{column}", in row {row:,}, has',
                size,
                MAX_CELL_BYTES,
                "bytes",
                where=f"{column}, row {row}",
                hint="Shorten it, or leave the column out.",
            )
