"""A table with one row a time and one column a detector, `.csv` or `.csv.gz`, and `sensors.csv` beside it with coordinates."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import numpy as np

from traffic.data.clock import seconds_of
from traffic.data.contract import DEFAULT_INTERVAL_S, Source, TrafficData
from traffic.data.files import malformed, reading, require_file
from traffic.errors import Place, TrafficError
from workbench.artefacts import sha256_of

FORM = "a CSV (or .csv.gz) whose first column is timestamp and every other a detector"
TIME = "timestamp"
SENSORS = "sensors.csv"
COLUMNS = ("sensor_id", "latitude", "longitude")


def read(path: Path, *, feature: str = "speed", unit: str = "mph", interval_s: int = DEFAULT_INTERVAL_S) -> TrafficData:
    """The table of `path`, every row of it; empty or `nan` is missing.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT if it is not text or gzip; DATA_CSV with line and column; what the contract raises.
    """
    require_file(path, FORM)
    with _rows(path) as rows:
        header = next(rows, (0, []))[1]
        if not header or header[0] != TIME:
            raise _wrong(path, 1, 1, f"the first column is {(header or [''])[0][:40]!r}", f"Call it {TIME}.")
        timestamps: list[int] = []
        values: list[np.ndarray] = []
        for line, row in rows:
            if len(row) != len(header):
                raise _wrong(path, line, len(row), f"there are {len(row)} columns, the header has {len(header)}", "Correct the line.")
            timestamps.append(_time(path, line, row[0]))
            values.append(_numbers(path, line, row))
    ids = tuple(header[1:])
    coordinates = _coordinates(path.with_name(SENSORS), ids)
    table = np.array(values, np.float32).reshape(len(values), len(ids), 1)
    source = Source("csv_wide", str(path), sha256_of(path))
    return TrafficData(table, np.array(timestamps, np.int64), ids, coordinates, (feature,), (unit,), source, interval_s)


@contextmanager
def _rows(path: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """(line, cells) of a table; lines without anything are none."""
    with reading(path, "The gzip stream" if path.suffix == ".gz" else "The text"), _text(path) as stream:
        reader = csv.reader(stream, strict=True)

        def numbered() -> Iterator[tuple[int, list[str]]]:
            try:
                for row in reader:
                    if row:
                        yield reader.line_num, row
            except csv.Error as error:
                raise _wrong(path, reader.line_num, 1, str(error), "Correct the line.") from error
            except UnicodeDecodeError as error:
                raise malformed(path, "The text", f"is not UTF-8 after line {reader.line_num}") from error

        yield numbered()


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        stream = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
        with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:  # type: ignore[arg-type]
            yield text


def _time(path: Path, line: int, text: str) -> int:
    try:
        return seconds_of(text)
    except ValueError as error:
        raise _wrong(path, line, 1, str(error), "Write 2012-05-23T07:10 or 2012-05-23T07:10:00.") from error


def _numbers(path: Path, line: int, row: list[str]) -> np.ndarray:
    try:
        if any("_" in cell for cell in row):  # Python reads 1_0 as ten
            raise ValueError
        return np.array([float(cell or "nan") for cell in row[1:]], np.float32)
    except ValueError:
        column, cell = next((number, cell) for number, cell in enumerate(row[1:], 2) if not _is_number(cell))
        raise _wrong(path, line, column, f"{cell[:40]!r} is not a number", "Leave it empty if it is missing.") from None


def _is_number(cell: str) -> bool:
    try:
        return "_" not in cell and isinstance(float(cell or "nan"), float)
    except ValueError:
        return False


def _wrong(path: Path, line: int, column: int, what: str, hint: str) -> TrafficError:
    at = Place(file=str(path), line=line, column=column)
    return TrafficError("DATA_CSV", f"{path.name}, line {line}, column {column}: {what}.", hint=hint, at=at)


def _coordinates(path: Path, ids: tuple[str, ...]) -> np.ndarray | None:
    """Latitude and longitude by detector, NaN for one that the list lacks; None without the list. Other columns do not matter."""
    if not path.is_file():
        return None
    with _rows(path) as rows:
        header = next(rows, (0, []))[1]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise _wrong(path, 1, 1, f"there is no column {missing[0]}", f"Name the columns {', '.join(COLUMNS)}.")
        places = [header.index(name) for name in COLUMNS]
        found: dict[str, np.ndarray] = {}
        for line, row in rows:
            if len(row) != len(header):
                raise _wrong(path, line, len(row), f"there are {len(row)} columns, the header has {len(header)}", "Correct the line.")
            name = row[places[0]]
            if name in found:
                raise TrafficError(
                    "DATA_IDS", f"{path.name} lists the detector {name} twice.", hint="List each once.",
                    at=Place(file=str(path), line=line, sensor_id=name),
                )  # fmt: skip
            found[name] = np.array([_degrees(path, line, place + 1, row[place]) for place in places[1:]])
    return np.array([found.get(name, np.full(2, np.nan)) for name in ids], np.float64).reshape(len(ids), 2)


def _degrees(path: Path, line: int, column: int, cell: str) -> float:
    if not _is_number(cell):
        raise _wrong(path, line, column, f"{cell[:40]!r} is not a number", "Leave it empty if it is unknown.")
    return float(cell or "nan")
