"""Actors as people read them, and the display names that browsers choose in Settings.

A name is a small file of its own in the home folder, written whole, so that two servers never lose each other's.
"""

from __future__ import annotations

import re
from pathlib import Path

from workbench.artefacts import write_atomic

MOST_CHARACTERS = 40
_BROWSER = re.compile(r"browser:([0-9a-f]{16})")


def read_names(home: Path) -> dict[str, str]:
    """Every chosen display name, by actor."""
    folder = home / "names"
    if not folder.is_dir():
        return {}
    return {f"browser:{path.stem}": clean(path.read_text(encoding="utf-8")) for path in folder.glob("*.txt") if _is_browser(path.stem)}


def choose_name(home: Path, actor: str, name: str) -> str:
    """Give a browser its display name, or take it away with an empty one; returns the name as kept.

    Raises ValueError for an actor that is no browser.
    """
    found = _BROWSER.fullmatch(actor)
    if found is None:
        raise ValueError(f"only a browser has a display name to choose, {actor} is none")
    path = home / "names" / f"{found.group(1)}.txt"
    kept = clean(name)
    if not kept:
        path.unlink(missing_ok=True)
        return ""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_atomic(path, kept.encode())
    return kept


def clean(name: str) -> str:
    """A name without control characters and double spaces, at most 40 characters."""
    printable = "".join(c if c.isprintable() else " " for c in name)
    return " ".join(printable.split())[:MOST_CHARACTERS]


def _is_browser(stem: str) -> bool:
    return _BROWSER.fullmatch(f"browser:{stem}") is not None
