"""The assignment problem: which row takes which column, so that what they come to together is the most.

SciPy solves it too, and importing that takes longer than all that a run's start computes.
"""

from __future__ import annotations

import math

import numpy as np


def assign(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows, ascending, and the column of each, (min(R, C),) both, that maximise the sum of `values` (R, C).

    The shortest augmenting path algorithm of Crouse (2016, "On implementing 2D rectangular assignment algorithms"), with
    the ties broken as `scipy.optimize.linear_sum_assignment` breaks them. Raises ValueError for values that are not finite.
    """
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).all():
        raise ValueError("only finite values can be assigned")
    tall = values.shape[0] > values.shape[1]
    columns = _columns(-(values.T if tall else values))
    rows = np.arange(len(columns))
    if not tall:
        return rows, columns
    order = np.argsort(columns)
    return columns[order], order


def _columns(costs: np.ndarray) -> np.ndarray:
    """The column of each row that minimise the sum of `costs` (R, C), R <= C."""
    count, places = costs.shape
    # lists, because Python reads them faster one by one than arrays
    table: list[list[float]] = costs.tolist()
    row_potentials, column_potentials = [0.0] * count, [0.0] * places
    column_of, row_of = [-1] * count, [-1] * places
    for row in range(count):
        path, shortest = [-1] * places, [math.inf] * places
        # from the last: constant costs give the identity
        remaining = list(range(places - 1, -1, -1))
        rows_seen, columns_seen = [row], []
        least, sink = 0.0, -1
        while sink < 0:
            current = rows_seen[-1]
            index, lowest = -1, math.inf
            for place, column in enumerate(remaining):
                cost = least + table[current][column] - row_potentials[current] - column_potentials[column]
                if cost < shortest[column]:
                    path[column], shortest[column] = current, cost
                if shortest[column] < lowest or (shortest[column] == lowest and row_of[column] < 0):
                    index, lowest = place, shortest[column]
            least, column = lowest, remaining[index]
            columns_seen.append(column)
            remaining[index] = remaining[-1]
            remaining.pop()
            if row_of[column] < 0:
                sink = column
            else:
                rows_seen.append(row_of[column])
        row_potentials[row] += least
        for seen in rows_seen[1:]:
            row_potentials[seen] += least - shortest[column_of[seen]]
        for seen in columns_seen:
            column_potentials[seen] -= least - shortest[seen]
        column = sink
        while column >= 0:
            owner = path[column]
            row_of[column] = owner
            column_of[owner], column = column, column_of[owner]
    return np.array(column_of)
