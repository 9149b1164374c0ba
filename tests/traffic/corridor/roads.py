"""Plain roads for tests of the cell transmission model."""

from __future__ import annotations

from typing import Any

import numpy as np

from traffic.corridor.cells import Conditions, Records, Traffic, simulate_cells
from traffic.corridor.diagram import FundamentalDiagram

CELL_KM = 0.3
STEP_H = 10 / 3600


def run(
    diagram: FundamentalDiagram,
    lanes: np.ndarray,
    *,
    demand: float,
    hours: float,
    cells: np.ndarray | None = None,
    factors: np.ndarray | None = None,
    dtype: Any = np.float32,
) -> tuple[Traffic, Records]:
    """A road without ramps, recorded at every sub-step and cell: `factors` (T, M) or (M,) of capacity, `cells` (M,) vehicles at first."""
    steps, count = round(hours / STEP_H), len(lanes)
    capacity = np.broadcast_to((1.0 if factors is None else factors) * lanes * diagram.capacity, (steps, count))
    nobody = np.zeros(count)
    conditions = Conditions(capacity, np.ones(steps), np.full(steps, demand), np.zeros((steps, count)), np.zeros((steps, count)))
    start = Traffic(nobody if cells is None else cells, np.zeros(()), nobody)
    return simulate_cells(
        conditions, start, lanes=lanes, diagram=diagram, cell_km=CELL_KM, watched=np.arange(count), substeps=1, dtype=dtype
    )


def free_density(diagram: FundamentalDiagram, flow: float) -> float:
    """Vehicles per km of a free lane with this flow."""
    a, b = diagram.free_speed * diagram.curvature / diagram.critical_density, diagram.free_speed
    return flow / b if a == 0 else (b - np.sqrt(b * b - 4 * a * flow)) / (2 * a)


def speed_of_front(density: np.ndarray, level: float, cells: range) -> float:
    """Speed in km/h at which a change of density (T, M) through `level` moves along cells; negative is upstream."""
    hours = []
    for cell in cells:
        after = density[:, cell] > level
        step = int(np.flatnonzero(after != after[0])[0])
        before, behind = density[step - 1, cell], density[step, cell]
        hours.append(STEP_H * (step - 1 + (level - before) / (behind - before)))
    return float(np.polyfit(hours, np.array(cells) * CELL_KM, 1)[0])
