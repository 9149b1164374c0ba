"""Configurations by id, number or name."""

from __future__ import annotations

from typing import Any

from recsys.records import FEATURES
from recsys.services.finding import number_of
from workbench.commands.base import CommandError
from workbench.fields import closest
from workbench.kinds import kind_of
from workbench.workbench import Workbench

GROUPS = {FEATURES: "features"}
"""Kind of record -> the group of commands that is about it, where it is not `recommenders`."""


def find_config(workbench: Workbench, kind: str, reference: str, *, deleted: bool = False) -> Any:
    """The configuration that a reference means: an id, a number (`5` or `#5`), or a name.

    Args:
        deleted: whether it is looked for among those that were deleted, and nowhere else.

    Raises:
        CommandError: not_found; conflict where several may be meant.
    """
    known = [r for r in workbench.state().of(kind).values() if (r.deleted_at is not None) == deleted]
    number = number_of(reference)
    numbered = [r for r in known if number is not None and r.number == number]
    named = [r for r in known if r.name.casefold() == reference.strip().casefold()]
    found = [r for r in known if r.id == reference]
    if not found:
        found = numbered if numbered and "#" in reference else [*numbered, *named]
    word, group = kind_of(kind).word, GROUPS.get(kind, "recommenders")
    if not found:
        guess = closest(reference, [r.name for r in known])
        hint = f"Did you mean {guess!r}?" if guess else f"See `trellis {group} list`."
        which = f"deleted {word}" if deleted else word
        raise CommandError(f"There is no {which} {reference!r}.", kind, hint, code="not_found")
    if len({r.id for r in found}) > 1:
        each = " or ".join(f"#{r.number}" for r in found)
        message = f"{reference!r} may be any of the {word}s {each}."
        raise CommandError(message, kind, f"Say {each}.", code="conflict")
    return found[0]
