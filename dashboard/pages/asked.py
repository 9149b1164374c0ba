"""What an address asks for by name: one of what there is, or a page that says that it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from workbench.commands.base import CommandError
from workbench.fields import closest

T = TypeVar("T")
MOST = 12
"""Names that a hint lists."""


def named(known: Mapping[str, T], name: str, word: str, of: str = "") -> T:
    """What an address names. Raises CommandError not_found with the closest name for one that is not there.

    Args:
        word: what is named: "figure". of: what has them: "these runs".
    """
    if name not in known:
        guess = closest(name, known)
        hint = f"Did you mean {guess}?" if guess else f"There are: {', '.join(list(known)[:MOST])}." if known else None
        raise CommandError(f"There is no {word} {name[:80]!r}{f' of {of}' if of else ''}.", word, hint, code="not_found")
    return known[name]


def chosen(known: Mapping[str, T], query: Mapping[str, str], key: str, word: str = "") -> T | None:
    """The one that a query value names; None where the address does not say, or says nothing. Raises CommandError not_found."""
    return named(known, query[key], word or key) if query.get(key) else None
