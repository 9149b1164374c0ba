"""What the rows of a label curve say: means and spread over seeds, and how many labels a strategy saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rcmvae.label_curve import CurveRow, Reached

YARDSTICK = "random"


@dataclass(frozen=True)
class Line:
    """One strategy's curve. `labels` int (R,); `mean` and `spread` (sample standard deviation over seeds, 0 with one seed) of the
    accuracy, float (R,); `seeds` int (R,), how many each is of."""

    strategy: str
    labels: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    seeds: np.ndarray


def lines(rows: Sequence[CurveRow]) -> tuple[Line, ...]:
    """The curves of the strategies, in the order in which the rows first name them."""
    found = []
    for strategy in dict.fromkeys(row.strategy for row in rows):
        of = [row for row in rows if row.strategy == strategy]
        labels = sorted({row.labels for row in of})
        groups = [np.array([row.accuracy for row in of if row.labels == count]) for count in labels]
        found.append(
            Line(
                strategy,
                np.array(labels),
                np.array([group.mean() for group in groups]),
                np.array([group.std(ddof=1) if len(group) > 1 else 0.0 for group in groups]),
                np.array([len(group) for group in groups]),
            )
        )
    return tuple(found)


def labels_to_reach(rows: Sequence[CurveRow]) -> tuple[Reached, ...]:
    """How many labels each strategy needs for the mean accuracy that random labels reach at the budget; nothing without random.

    The mean curve is interpolated linearly between rounds; the first time it gets there counts.
    """
    curves = {line.strategy: line for line in lines(rows)}
    if YARDSTICK not in curves:
        return ()
    yardstick = curves.pop(YARDSTICK)
    budget, target = int(yardstick.labels[-1]), float(yardstick.mean[-1])
    return tuple(_reached(line, target, budget) for line in curves.values())


def _reached(line: Line, target: float, budget: int) -> Reached:
    aim = f"the {100 * target:.1f} % that random labels reach with {budget}"
    there = np.flatnonzero(line.mean >= target)
    if not len(there):
        best = f"at best {100 * line.mean.max():.1f} %, with {int(line.labels[line.mean.argmax()])}"
        return Reached(line.strategy, None, f"{line.strategy} does not reach {aim} ({best})")
    first = int(there[0])
    if first == 0:
        needed = float(line.labels[0])
    else:
        low, high = line.mean[first - 1], line.mean[first]
        share = (target - low) / (high - low)
        needed = float(line.labels[first - 1] + share * (line.labels[first] - line.labels[first - 1]))
    return Reached(line.strategy, needed, f"{line.strategy} needs {needed:.0f} labels for {aim}")
