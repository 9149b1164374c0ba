"""What the run machinery needs of processes that train as one. A framework's family names a function that joins them (`Runtime.crew`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from workbench.families import Runtime
from workbench.runs.starting import ExecutorError

EXIT_CREW = 5
"""How a process ends that cannot go on with the others, and wants to be started again with them."""


class Crew(Protocol):
    """This process's place among those that train as one.

    Attributes:
        size: how many there are. rank: which one this is, 0 for the first.
    """

    size: int
    rank: int

    def told(self, name: str) -> str:
        """What the first process says, of 128 bytes at most. Every process calls this; it returns when all have."""
        ...

    def unready(self, ready: bool) -> Sequence[int]:
        """The ranks of those that are not ready. Every process calls this; it returns when all have."""
        ...

    def lost(self, error: BaseException) -> bool:
        """Whether an error of the trainer says that another process is gone."""
        ...

    def part(self) -> None:
        """Leave when all do. Raises whatever the framework does where one does not come."""
        ...


def join(runtime: Runtime, framework: str, coordinator: str, size: int, rank: int) -> Crew:
    """Become one of the crew, once all are there. Raises ExecutorError."""
    if runtime.crew is None:
        raise ExecutorError(f"Runs of {framework} do not train over several processes.")
    try:
        return runtime.crew.load()(coordinator, size, rank)
    except Exception as error:  # a framework's own kinds
        raise ExecutorError(
            f"Process {rank} of {size} could not join the others at {coordinator}: {error}. "
            "All must be started, each with a rank of its own, and reach the first one's address."
        ) from error
