"""Several processes, of one host or many, that train as one (`jax.distributed`).

Each runs the same programs in the same order on its own devices; sums go between them. So whatever decides which program comes next must be
the same in all of them: a stop, a clock, a host's memory. Where a process trains alone, every function here gives back what it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import jax
import numpy as np
from jax.experimental import multihost_utils

from workbench.runs.job import Reporter

ARRIVAL_SECONDS = 600
"""How long a process waits for the others; then it ends, and whoever started it may start it again."""
SILENT_SECONDS = 30
"""After so long without a sign of life a process counts as lost, and all others end."""
PARTING_SECONDS = 20
"""How long a process that is done waits for the others to be."""

_LENGTH = 128
"""Bytes of what one process tells all: names, no texts."""


class Crew:
    """This process's place among those that train as one. See `workbench.runs.crews.contract.Crew`."""

    def __init__(self, size: int, rank: int) -> None:
        self.size = size
        self.rank = rank

    def told(self, name: str) -> str:
        """What the first process says, of 128 bytes at most; what the others give is passed over."""
        given = np.zeros(_LENGTH, np.uint8)
        encoded = name.encode()[:_LENGTH]
        given[: len(encoded)] = np.frombuffer(encoded, np.uint8)
        found: Any = multihost_utils.broadcast_one_to_all(given)
        return np.asarray(found, np.uint8).tobytes().rstrip(b"\0").decode()

    def unready(self, ready: bool) -> tuple[int, ...]:
        """Who is not ready, by rank."""
        every: Any = multihost_utils.process_allgather(np.array(ready))
        return tuple(int(rank) for rank in np.flatnonzero(~np.asarray(every).reshape(-1)))

    def lost(self, error: BaseException) -> bool:
        """Whether an error says that another process is gone, rather than that something is wrong with the run."""
        return isinstance(error, jax.errors.JaxRuntimeError)

    def part(self) -> None:
        """Leave, once all others do, too."""
        jax.distributed.shutdown()


def join(coordinator: str, size: int, rank: int) -> Crew:
    """Become one of `size` processes, once all are there; `coordinator` is where the first one listens, `host:port`.

    Nothing may have been computed before. Raises RuntimeError if the others do not come, or somebody else has this rank.
    """
    jax.distributed.initialize(
        coordinator,
        size,
        rank,
        initialization_timeout=ARRIVAL_SECONDS,
        heartbeat_timeout_seconds=SILENT_SECONDS,
        shutdown_timeout_seconds=PARTING_SECONDS,
    )
    return Crew(size, rank)


def agreed(value: float) -> float:
    """The first process's value."""
    if jax.process_count() == 1:
        return value
    found: Any = multihost_utils.broadcast_one_to_all(_bits(value))
    return float(_numbers(found)[0])


def least(value: float) -> float:
    """The smallest value of all processes."""
    if jax.process_count() == 1:
        return value
    every: Any = multihost_utils.process_allgather(_bits(value))
    return float(_numbers(every).min())


def most(value: float) -> float:
    """The largest value of all processes."""
    return -least(-value)


def _bits(value: float) -> np.ndarray:
    """A double as two words, since devices have none."""
    return np.array([value], np.float64).view(np.uint32)


def _numbers(words: Any) -> np.ndarray:
    return np.ascontiguousarray(words, np.uint32).reshape(-1).view(np.float64)


class _InStep:
    """A reporter that has all stop where any process is to."""

    def __init__(self, told: Reporter) -> None:
        self._told = told

    def log(self, message: str, level: Literal["info", "warning", "error"] = "info") -> None:
        self._told.log(message, level)

    def progress(self, epoch: int, total: int, fraction: float) -> None:
        self._told.progress(epoch, total, fraction)

    def epoch(self, epoch: int, total: int, metrics: Mapping[str, float | None], life_epoch: int) -> None:
        self._told.epoch(epoch, total, metrics, life_epoch)

    def diagnostics(self, name: str, values: Mapping[str, Any]) -> None:
        self._told.diagnostics(name, values)

    def checkpoint(self, path: Path, kind: Literal["best", "last"], epoch: int) -> None:
        self._told.checkpoint(path, kind, epoch)

    def finishing(self) -> None:
        self._told.finishing()

    def should_stop(self) -> bool:
        return most(self._told.should_stop()) > 0


def in_step(reporter: Reporter) -> Reporter:
    """A reporter that has every process stop where any is to."""
    return reporter if jax.process_count() == 1 else _InStep(reporter)
