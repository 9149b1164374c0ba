"""Edges between detectors: which lie next to which along roads, and how far from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from traffic.data.csv_text import named_rows, number, text_rows, wrong_cell
from traffic.data.files import require_file
from traffic.errors import Place, TrafficError

FILE = "edges.csv"
"""What a list of edges is called beside a file of data."""
COLUMNS = ("from", "to", "cost")
FORM = "a CSV with the columns from, to and cost (metres)"
ARRAYS = ("edge_from", "edge_to", "edge_cost")
"""What of edges is kept, by name."""


@dataclass(frozen=True, eq=False)
class Edges:
    """E edges, each of which joins two detectors in both directions.

    Attributes:
        start, end: text (E,), ids of detectors. cost: float64 (E,), metres, 0 or more.

    Raises:
        ValueError: for arrays of the wrong type or of different lengths.
    """

    start: np.ndarray
    end: np.ndarray
    cost: np.ndarray

    def __post_init__(self) -> None:
        kinds = (self.start.dtype.kind, self.end.dtype.kind, self.cost.dtype.kind)
        if kinds != ("U", "U", "f") or self.cost.ndim != 1 or not self.start.shape == self.end.shape == self.cost.shape:
            raise ValueError(f"edges are of types {kinds} and shapes {self.start.shape}, {self.end.shape}, {self.cost.shape}")
        if not ((self.cost >= 0) & np.isfinite(self.cost)).all():
            raise ValueError("a cost is no length")

    def __len__(self) -> int:
        return len(self.cost)

    def among(self, sensor_ids: Sequence[str]) -> Edges:
        """Those that join two different ones of some detectors."""
        known = np.isin(self.start, sensor_ids) & np.isin(self.end, sensor_ids) & (self.start != self.end)
        return Edges(self.start[known], self.end[known], self.cost[known])

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays, which `edges_of` reads."""
        return dict(zip(ARRAYS, (self.start, self.end, self.cost), strict=True))


def edges_of(arrays: Mapping[str, np.ndarray]) -> Edges | None:
    """The edges that arrays hold; None if they hold none. Raises ValueError for a part of them."""
    known = [arrays[name] for name in ARRAYS if name in arrays]
    if not known:
        return None
    if len(known) < len(ARRAYS):
        raise ValueError("a part of the edges is missing")
    return Edges(*known)


def read_edges(path: Path, sensor_ids: Sequence[str]) -> Edges:
    """The edges of a list between detectors of some data. Lines about others do not matter.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT; DATA_CSV with line and column; DATA_IDS if no line joins two of the detectors.
    """
    require_file(path, FORM)
    starts, ends, costs = [], [], []
    with named_rows(path, COLUMNS) as rows:
        for line, ((_, start), (_, end), (column, cell)) in rows:
            cost = number(path, line, column, cell, "Give metres.")
            if not 0 <= cost < np.inf:
                raise wrong_cell(path, line, column, f"{cell[:40]!r} is no length", "Give 0 metres or more.")
            starts.append(start.strip())
            ends.append(end.strip())
            costs.append(cost)
    found = Edges(np.array(starts, np.str_), np.array(ends, np.str_), np.array(costs, np.float64)).among(sensor_ids)
    if not len(found):
        raise TrafficError(
            "DATA_IDS", f"No line of {path.name} joins two of the {len(sensor_ids)} detectors.",
            hint=f"Name detectors as the data does, for instance {', '.join(sensor_ids[:3])}.", at=Place(key="data.neighbours", file=str(path)),
        )  # fmt: skip
    return found


def edges_beside(path: Path, sensor_ids: Sequence[str]) -> Edges | None:
    """The edges of the list that lies beside a file of data, if there is one: `edges.csv`, or `PEMS04.csv` beside `PEMS04.npz`. Raises as `read_edges`."""
    found = next((other for name in names_beside(path.name) if (other := path.with_name(name)).is_file() and _lists_edges(other)), None)
    return None if found is None else read_edges(found, sensor_ids)


def _lists_edges(path: Path) -> bool:
    """Whether a file is a list of edges by its name or its header: the same data may lie beside as another kind of file."""
    if path.name == FILE:
        return True
    try:
        with text_rows(path) as rows:
            return set(COLUMNS) <= {name.strip() for name in next(rows, (0, []))[1]}
    except TrafficError:
        return False


def names_beside(file: str) -> tuple[str, ...]:
    """What a list of edges may be called beside a file of data of that name."""
    stem = file.partition(".")[0]
    return (FILE,) if file.lower().endswith((".csv", ".csv.gz")) else (FILE, f"{stem}.csv")
