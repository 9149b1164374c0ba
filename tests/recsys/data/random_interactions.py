"""Interactions with many ties, drawn for tests."""

from __future__ import annotations

import numpy as np

from recsys.data.interactions import NO_TIME, Interactions


def random_interactions(
    seed: int, rows: int, *, users: int = 6, items: int = 9, times: int = 20, missing: float = 0.0
) -> Interactions:
    """`rows` interactions whose times are few, so that many are equal, and a share of them missing."""
    random = np.random.default_rng(seed)
    second = random.integers(times, size=rows)
    second[random.random(rows) < missing] = NO_TIME
    return Interactions(
        random.integers(users, size=rows).astype(np.int32),
        random.integers(items, size=rows).astype(np.int32),
        second,
        [f"u{number:03}" for number in range(users)],
        [f"i{number:03}" for number in range(items)],
    )
