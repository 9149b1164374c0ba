"""Streams are NumPy's spawned ones, and a later step moves none of them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.data.retail_streams import CHUNK, Step, Streams, chunks


@pytest.mark.parametrize("steps", [12, 13])
def test_streams_are_those_of_a_seed_sequence_that_spawns_a_child_a_step_and_of_it_one_a_chunk(
    steps: int,
) -> None:
    children = np.random.SeedSequence(42).spawn(steps)
    streams = Streams(42)
    for step in Step:
        child = children[step - 1]
        assert np.random.default_rng(child).random() == streams.whole(step).random()
        for number, grandchild in enumerate(child.spawn(3)):
            assert np.random.default_rng(grandchild).random() == streams.chunk(step, number).random()


def test_no_two_streams_begin_alike() -> None:
    streams = Streams(7)
    first = [streams.whole(step).random() for step in Step]
    first += [streams.chunk(step, number).random() for step in Step for number in range(5)]
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("rows", [1, CHUNK, CHUNK + 1, 3 * CHUNK - 1])
def test_chunks_cover_every_row_once(rows: int) -> None:
    covered = np.concatenate([np.arange(rows)[where] for _, where in chunks(rows)])
    np.testing.assert_array_equal(covered, np.arange(rows))
    assert [number for number, _ in chunks(rows)] == list(range(-(-rows // CHUNK)))
