"""Commands on one counter, for tests of the store itself, and a program that executes many of them in its own process.

`python -m tests.support.counting URL ACTOR TIMES [die]`: with `die`, the process ends abruptly between the last
command's append and its commit.
"""

from __future__ import annotations

import os
import sys
from typing import ClassVar

from workbench.commands.base import Changes, Command, CommandError, Env, Put, SetLabels
from workbench.roles import Role
from workbench.state import AppState, CounterRecord, Kind, LabelValue
from workbench.store.store import Store

ID = "counter_test"
MODEL = "model_0000000000000"


class SetCommand(Command):
    """Set the counter."""

    role: ClassVar[Role] = "train"
    undoable: ClassVar[bool] = True
    value: int
    id: str = ID

    def decide(self, state: AppState, env: Env) -> Changes:
        if self.value < 0:
            raise CommandError("The counter cannot be negative.", "value")
        return (Put(Kind.COUNTER, self.id, CounterRecord(id=self.id, value=self.value)),)


class AddOneCommand(Command):
    """Add one to the counter as it stands: an update is lost if two writers see the same state."""

    def decide(self, state: AppState, env: Env) -> Changes:
        value = state.counters[ID].value + 1 if ID in state.counters else 1
        return (Put(Kind.COUNTER, ID, CounterRecord(id=ID, value=value)),)


class PaintCommand(Command):
    """Set labels of a made-up model; None clears."""

    labels: dict[int, int | None]

    def decide(self, state: AppState, env: Env) -> Changes:
        values = {i: None if v is None else LabelValue(label=v, source="person") for i, v in self.labels.items()}
        return (SetLabels(MODEL, values),)


class MutatingCommand(Command):
    """Breaks the rule that `decide` is pure."""

    def decide(self, state: AppState, env: Env) -> Changes:
        object.__setattr__(state.counters[ID], "value", 99)
        return ()


def main(url: str, actor: str, times: int, die: bool = False) -> None:
    """Add one `times` times."""
    store = Store.open(url)
    for _ in range(times - 1 if die else times):
        store.execute(AddOneCommand(), actor=actor)
    if die:
        with store.transaction() as connection:
            store.execute(AddOneCommand(), actor=actor, connection=connection)
            assert connection.exec_driver_sql("SELECT max(seq) FROM journal").scalar() == times
            os._exit(9)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), "die" in sys.argv[4:])
