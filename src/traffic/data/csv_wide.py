"""A table with one row a time and one column a detector, `.csv` or `.csv.gz`, and `sensors.csv` beside it with coordinates."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np

from traffic.data.clock import seconds_of
from traffic.data.contract import Source, TrafficData, interval_of
from traffic.data.csv_text import check_width, is_number, named_rows, number, text_rows, wrong_cell
from traffic.data.files import require_file
from traffic.data.limits import require_values
from traffic.errors import Place, TrafficError
from workbench.artefacts import sha256_of

FORM = "a CSV (or .csv.gz) whose first column is timestamp and every other a detector"
TIME = "timestamp"
SENSORS = "sensors.csv"
COLUMNS = ("sensor_id", "latitude", "longitude")


def read(path: Path, *, feature: str = "speed", unit: str = "mph", interval_s: int | None = None) -> TrafficData:
    """The table of `path`, every row of it; empty or `nan` is missing.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT if it is not text or gzip; DATA_LIMIT; DATA_CSV with line and column; what the contract raises.
    """
    require_file(path, FORM)
    with text_rows(path) as rows:
        header = next(rows, (0, []))[1]
        if not header or header[0] != TIME:
            raise _wrong_header(path, header)
        timestamps, values = array("q"), array("f")
        for line, row in rows:
            check_width(path, line, row, header)
            timestamps.append(_time(path, line, row[0]))
            values.extend(_numbers(path, line, row))
            require_values(path, "The table", (len(timestamps), len(header) - 1))
    ids = tuple(header[1:])
    coordinates = coordinates_in(path.with_name(SENSORS), ids)
    table = np.frombuffer(values, np.float32).reshape(len(timestamps), len(ids), 1)
    times = np.frombuffer(timestamps, np.int64)
    source = Source("csv_wide", str(path), sha256_of(path))
    return TrafficData(table, times, ids, coordinates, (feature,), (unit,), source, interval_s or interval_of(times, path))


def _wrong_header(path: Path, header: list[str]) -> TrafficError:
    """The error of a table that does not begin with times: what it looks like instead."""
    if set(COLUMNS) <= set(header):
        return wrong_cell(
            path, 1, 1, "this lists the places of detectors, not what they measured",
            f"Give the table of measurements, with this file beside it as {SENSORS}, or both in one .zip.",
        )  # fmt: skip
    first = (header or [""])[0]
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if mark in first:
            return wrong_cell(path, 1, 1, f"its columns are divided by {name}", "Divide them by commas, with a point in decimal numbers.")
    return wrong_cell(path, 1, 1, f"the first column is {first[:40]!r}", f"Call it {TIME}.")


def _time(path: Path, line: int, text: str) -> int:
    try:
        return seconds_of(text)
    except ValueError as error:
        raise wrong_cell(path, line, 1, str(error), "Write 2012-05-23T07:10 or 2012-05-23T07:10:00.") from error


def _numbers(path: Path, line: int, row: list[str]) -> list[float]:
    try:
        if any("_" in cell for cell in row):  # Python reads 1_0 as ten
            raise ValueError
        return [float(cell or "nan") for cell in row[1:]]
    except ValueError:
        column, cell = next((place, cell) for place, cell in enumerate(row[1:], 2) if not is_number(cell))
        raise wrong_cell(path, line, column, f"{cell[:40]!r} is not a number", "Leave it empty if it is missing.") from None


def coordinates_in(path: Path, ids: tuple[str, ...]) -> np.ndarray | None:
    """Latitude and longitude by detector, NaN for one that the list lacks; None without the list. Other columns do not matter."""
    if not path.is_file():
        return None
    found: dict[str, np.ndarray] = {}
    with named_rows(path, COLUMNS) as rows:
        for line, ((_, name), *degrees) in rows:
            if name in found:
                raise TrafficError(
                    "DATA_IDS", f"{path.name} lists the detector {name} twice.", hint="List each once.",
                    at=Place(file=str(path), line=line, sensor_id=name),
                )  # fmt: skip
            found[name] = np.array([number(path, line, column, cell, "Leave it empty if it is unknown.") for column, cell in degrees])
    return np.array([found.get(name, np.full(2, np.nan)) for name in ids], np.float64).reshape(len(ids), 2)
