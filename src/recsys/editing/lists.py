"""Edits of a list of entries by their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.commands.base import CommandError


def moved(entries: Sequence[Any], place: int, to: int) -> list[Any]:
    """The entries with one of them taken out and put in again, so that it stands at `to`.

    Raises:
        CommandError: for a place that the list does not have.
    """
    require_place(entries, place)
    kept = [entry for at, entry in enumerate(entries) if at != place]
    to = max(0, min(to, len(kept)))
    return [*kept[:to], entries[place], *kept[to:]]


def inserted(entries: Sequence[Any], place: int, entry: Any) -> list[Any]:
    """The entries with one more at `place`; places beyond the ends mean the ends."""
    place = max(0, min(place, len(entries)))
    return [*entries[:place], entry, *entries[place:]]


def removed(entries: Sequence[Any], place: int) -> list[Any]:
    """The entries without one. Raises CommandError for a place that the list does not have."""
    require_place(entries, place)
    return [entry for at, entry in enumerate(entries) if at != place]


def replaced(entries: Sequence[Any], place: int, entry: Any) -> list[Any]:
    """The entries with another in one's place. Raises CommandError for a place that the list does not have."""
    require_place(entries, place)
    return [entry if at == place else other for at, other in enumerate(entries)]


def require_place(entries: Sequence[Any], place: int) -> None:
    """Raises CommandError where a list has no such place: it was changed since the gesture began."""
    if not 0 <= place < len(entries):
        raise CommandError(
            "That entry is no longer there.", hint="Look at the list as it is now and try again."
        )
