"""Tables as text, packed or not: their rows with the lines on which they end, and what is wrong with a cell."""

from __future__ import annotations

import csv
import gzip
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from traffic.data.files import malformed, reading
from traffic.data.limits import lines_of
from traffic.errors import Place, TrafficError

MISSING = frozenset({"", "-", "na", "n/a", "nan", "none", "null"})
"""What stands in a cell where nothing was measured, in small or capital letters."""


@contextmanager
def text_rows(path: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """(line, cells) of a `.csv` or `.csv.gz`; lines without anything are none.

    Raises:
        TrafficError: DATA_FORMAT if it is not text or gzip; DATA_LIMIT; DATA_CSV for a quote that does not end.
    """
    with reading(path, "The gzip stream" if path.suffix == ".gz" else "The text"), _text(path) as stream:
        reader = csv.reader(lines_of(path, stream), strict=True)

        def numbered() -> Iterator[tuple[int, list[str]]]:
            try:
                for row in reader:
                    if row:
                        yield reader.line_num, row
            except csv.Error as error:
                raise wrong_cell(path, reader.line_num, 1, str(error), "Correct the line.") from error
            except UnicodeDecodeError as error:
                after = f" after line {reader.line_num:,}" if reader.line_num else ""
                raise malformed(path, "The text", f"is not UTF-8{after}; save it as UTF-8") from error

        yield numbered()


@contextmanager
def named_rows(path: Path, columns: Sequence[str]) -> Iterator[Iterator[tuple[int, list[tuple[int, str]]]]]:
    """(line, (column, cell) of each of `columns`) of a table with a header; other columns do not matter.

    Raises:
        TrafficError: as `text_rows`; DATA_CSV if a column is not there or a line is longer or shorter than the header.
    """
    with text_rows(path) as rows:
        header = [name.strip() for name in next(rows, (0, []))[1]]
        missing = [name for name in columns if name not in header]
        if missing:
            raise wrong_cell(path, 1, 1, f"there is no column {missing[0]}", f"Name the columns {', '.join(columns)}.")
        places = [header.index(name) for name in columns]

        def chosen() -> Iterator[tuple[int, list[tuple[int, str]]]]:
            for line, row in rows:
                check_width(path, line, row, header)
                yield line, [(place + 1, row[place]) for place in places]

        yield chosen()


def check_width(path: Path, line: int, row: Sequence[str], header: Sequence[str]) -> None:
    """Raise TrafficError (DATA_CSV) unless a line has as many cells as the header."""
    if len(row) != len(header):
        raise wrong_cell(path, line, len(row), f"there are {len(row)} columns, the header has {len(header)}", "Correct the line.")


def value_of(cell: str) -> float:
    """The number in a cell, NaN for a word of `MISSING`. Raises ValueError for what is neither; Python itself reads 1_0 as ten."""
    try:
        if "_" in cell:
            raise ValueError
        return float(cell)
    except ValueError:
        if cell.strip().lower() in MISSING:
            return math.nan
        raise


def number(path: Path, line: int, column: int, cell: str, hint: str) -> float:
    """The number in a cell, NaN in an empty one. Raises TrafficError (DATA_CSV) for what is none."""
    try:
        return value_of(cell)
    except ValueError:
        raise wrong_cell(path, line, column, f"{cell[:40]!r} is not a number", hint) from None


def wrong_cell(path: Path, line: int, column: int, what: str, hint: str) -> TrafficError:
    """The error of a cell that is not as it must be."""
    at = Place(file=str(path), line=line, column=column)
    return TrafficError("DATA_CSV", f"{path.name}, line {line}, column {column}: {what}.", hint=hint, at=at)


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        stream = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
        with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:  # type: ignore[arg-type]
            yield text
