"""The stream of labelled images: all classes evenly, and all images of a class equally often.

The stream is a pure function of the seed and of how many images were drawn before, so that a resumed or a second run
goes on where the first stopped.
"""

from __future__ import annotations

import numpy as np

_CLASS_ORDER = 0
_ITEM_ORDER = 1


def draw(labels: np.ndarray, start: int, count: int, seed: int) -> np.ndarray:
    """Positions in `labels` (n,) of draws `start` .. `start + count` of the stream, int32 (count,).

    Draws come in rounds that hold every present class once, in an order of their own. Each class goes through its
    images in rounds of its own, shuffled anew each time.

    Raises:
        ValueError: without any label.
    """
    classes = np.unique(labels)
    if not len(classes):
        raise ValueError("there are no labelled images to draw from")
    numbers = np.arange(start, start + count, dtype=np.int64)
    rounds, slots = np.divmod(numbers, len(classes))
    first = int(rounds[0]) if count else 0
    orders = _orders(len(classes), first, int(rounds[-1]) if count else 0, (seed, _CLASS_ORDER))
    chosen = orders[rounds - first, slots]
    out = np.zeros(count, np.int32)
    for which, label in enumerate(classes):
        members = np.flatnonzero(labels == label)
        mine = chosen == which
        if not mine.any():
            continue
        cycles, places = np.divmod(rounds[mine], len(members))
        orders_of_items = _orders(len(members), int(cycles[0]), int(cycles[-1]), (seed, _ITEM_ORDER, int(label)))
        out[mine] = members[orders_of_items[cycles - cycles[0], places]]
    return out


def _orders(size: int, first: int, last: int, seed: tuple[int, ...]) -> np.ndarray:
    """Permutations of `size` items, one for each round from `first` to `last`, int64 (rounds, size)."""
    if size == 1:
        return np.zeros((last - first + 1, 1), np.int64)
    return np.stack([np.random.default_rng((*seed, number)).permutation(size) for number in range(first, last + 1)])
