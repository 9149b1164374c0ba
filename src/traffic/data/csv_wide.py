"""A table with one row a time and one column a detector, `.csv` or `.csv.gz`, and `sensors.csv` beside it with coordinates."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np

from traffic.data.clock import Clock
from traffic.data.contract import Source, TrafficData, interval_of
from traffic.data.csv_text import check_width, named_rows, number, text_rows, wrong_cell
from traffic.data.files import require_file
from traffic.data.limits import require_values
from traffic.errors import Place, TrafficError
from workbench.artefacts import sha256_of

FORM = "a CSV (or .csv.gz) whose first column is timestamp and every other a detector"
TIME = "timestamp"
SENSORS = "sensors.csv"
COLUMNS = ("sensor_id", "latitude", "longitude")


def read(path: Path, *, feature: str = "speed", unit: str = "mph", interval_s: int | None = None) -> TrafficData:
    """The table of `path`, every row of it; what `MISSING` lists is missing. Times with offsets are all put on the clock of the first.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT if it is not text or gzip; DATA_LIMIT; DATA_CSV with line and column; what the contract raises.
    """
    require_file(path, FORM)
    clock = Clock()
    with text_rows(path) as rows:
        header = [name.strip() for name in next(rows, (0, []))[1]]
        if not header or header[0] != TIME:
            raise _wrong_header(path, header)
        timestamps, values = array("q"), array("f")
        for line, row in rows:
            check_width(path, line, row, header)
            timestamps.append(_time(path, line, row[0], clock))
            values.extend(_numbers(path, line, row))
            require_values(path, "The table", (len(timestamps), len(header) - 1))
    ids = tuple(header[1:])
    coordinates = coordinates_in(path.with_name(SENSORS), ids)
    table = np.frombuffer(values, np.float32).reshape(len(timestamps), len(ids), 1)
    times = np.frombuffer(timestamps, np.int64)
    source = Source("csv_wide", str(path), sha256_of(path))
    interval = interval_s or interval_of(times, path)
    return TrafficData(table, times, ids, coordinates, (feature,), (unit,), source, interval, remarks=clock.remarks)


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


def _time(path: Path, line: int, text: str, clock: Clock) -> int:
    try:
        return clock.seconds(text.strip())
    except ValueError as error:
        raise wrong_cell(
            path, line, 1, str(error), "Write 2012-05-23T07:10, or all of them with an offset from UTC: 2012-05-23T07:10-07:00."
        ) from error


def _numbers(path: Path, line: int, row: list[str]) -> list[float]:
    try:
        if any("_" in cell for cell in row):  # Python reads 1_0 as ten
            raise ValueError
        return [float(cell or "nan") for cell in row[1:]]
    except ValueError:
        return [number(path, line, column, cell, "Leave it empty if it is missing.") for column, cell in enumerate(row[1:], 2)]


def coordinates_in(path: Path, ids: tuple[str, ...]) -> np.ndarray | None:
    """Latitude and longitude by detector, NaN for one that the list lacks; None without the list. Other columns do not matter."""
    if not path.is_file():
        return None
    found: dict[str, np.ndarray] = {}
    with named_rows(path, COLUMNS) as rows:
        for line, ((_, written), *degrees) in rows:
            name = written.strip()
            if name in found:
                raise TrafficError(
                    "DATA_IDS", f"{path.name} lists the detector {name} twice.", hint="List each once.",
                    at=Place(file=str(path), line=line, sensor_id=name),
                )  # fmt: skip
            found[name] = np.array([number(path, line, column, cell, "Leave it empty if it is unknown.") for column, cell in degrees])
    return np.array([found.get(name, np.full(2, np.nan)) for name in ids], np.float64).reshape(len(ids), 2)
