"""Every kind of command, and the role that takes a journal row back."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from workbench import commands
from workbench.commands.base import Command
from workbench.commands.records import RecordCommand
from workbench.families import all_families
from workbench.kinds import kind_of
from workbench.roles import ROLES, Role
from workbench.store.deltas import Deltas, LabelsDelta

_ELSEWHERE = ("workbench.listing.views", "workbench.sweeps.commands")
"""The core's commands that do not stand in `workbench.commands`."""


def all_commands() -> list[type[Command]]:
    """Every kind of command, the core's and the families'."""
    modules = [f"{commands.__name__}.{found.name}" for found in pkgutil.iter_modules(commands.__path__)]
    for name in (*modules, *_ELSEWHERE, *(name for family in all_families() for name in family.commands)):
        importlib.import_module(name)
    return sorted(_below(Command), key=lambda kind: (kind.__module__, kind.__qualname__))


def role_of_row(command: str, deltas: Deltas) -> Role:
    """The role that takes a row back or brings it again: that which its command needs.

    Args:
        command: its kind, as the journal names it; one that is not known any more counts as one that trains.
    """
    named = _by_name().get(command, ())
    if any(issubclass(kind, RecordCommand) for kind in named):
        return _highest([kind_of(delta.kind).role for delta in deltas if not isinstance(delta, LabelsDelta)])
    return _highest([kind.role for kind in named])


@cache
def _by_name() -> dict[str, tuple[type[Command], ...]]:
    found: dict[str, tuple[type[Command], ...]] = {}
    for kind in all_commands():
        found[kind.__name__] = (*found.get(kind.__name__, ()), kind)
    return found


def _below(kind: type[Command]) -> Iterator[type[Command]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _highest(roles: list[Role]) -> Role:
    return ROLES[max(map(ROLES.index, roles), default=ROLES.index("train"))]
