"""Which rows of a table are used at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from recsys.data.interactions import Interactions
from recsys.data.split_settings import Sample


def sampled(data: Interactions, sample: Sample) -> np.ndarray:
    """Bool (R,): the rows that the sample keeps.

    A user is kept by a hash of the seed and the id's text, whatever other users and rows there are. Of rows,
    the exact share is kept, by a seeded permutation of row numbers.
    """
    if sample.percent == 100:
        return np.ones(len(data), bool)
    if sample.unit == "users":
        return (_places(data.user_ids, sample.seed) < sample.percent / 100)[data.user]
    keep = np.zeros(len(data), bool)
    order = np.random.Generator(np.random.PCG64(sample.seed)).permutation(len(data))
    keep[order[: int(np.rint(len(data) * sample.percent / 100))]] = True
    return keep


def _places(ids: Sequence[str], seed: int) -> np.ndarray:
    """Float64: a place in [0, 1) for each id, by BLAKE2b."""
    start = hashlib.blake2b(f"{seed}:".encode(), digest_size=8)
    digests = bytearray()
    for text in ids:
        one = start.copy()
        one.update(text.encode())
        digests += one.digest()
    # the 53 highest bits, which a float64 holds exactly
    return (np.frombuffer(bytes(digests), ">u8") >> 11) / 2.0**53
