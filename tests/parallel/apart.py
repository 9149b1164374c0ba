"""How far two trees of numbers lie apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


def apart(first: Any, second: Any) -> dict[str, Any]:
    """The largest distance, as a share of an array's largest entry or of 1 if that is larger, with `where`, and how many arrays differ in a bit."""
    one, two = dict(_leaves(first)), dict(_leaves(second))
    assert one.keys() == two.keys()
    distances = {name: _distance(value, two[name]) for name, value in one.items()}
    where = max(distances, key=lambda name: distances[name])
    return {"distance": distances[where], "where": where, "differ": sum(distance > 0 for distance in distances.values())}


def _distance(one: np.ndarray, two: np.ndarray) -> float:
    assert one.shape == two.shape
    if not one.size:
        return 0.0
    if not np.array_equal(np.isnan(one), np.isnan(two)):
        return float("inf")
    return float(np.nanmax(np.abs(one - two), initial=0.0) / max(1.0, np.nanmax(np.abs(one), initial=0.0)))


def _leaves(tree: Any, name: str = "") -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _leaves(value, f"{name}/{key}")
    elif isinstance(tree, list | tuple):
        for place, value in enumerate(tree):
            yield from _leaves(value, f"{name}/{place}")
    elif tree is not None:
        yield name, np.asarray(tree, np.float64)
