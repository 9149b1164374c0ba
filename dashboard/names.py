"""What those who act are called: users, and browsers that chose a display name in Settings.

A name is a small file of its own in the home folder, written whole, so that two servers never lose each other's.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.artefacts import write_atomic
from workbench.people.records import clean

if TYPE_CHECKING:
    from dashboard.context import AppContext

_BROWSER = re.compile(r"browser:([0-9a-f]{16})")


def read_names(home: Path) -> dict[str, str]:
    """Every chosen display name, by actor."""
    folder = home / "names"
    if not folder.is_dir():
        return {}
    return {f"browser:{path.stem}": clean(path.read_text(encoding="utf-8")) for path in folder.glob("*.txt") if _is_browser(path.stem)}


def names_of(context: AppContext) -> dict[str, str]:
    """What everybody is called who acts or has acted here: users, and browsers that chose a name."""
    return {**read_names(context.settings.home), **context.workbench.people.display_names()}


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


def _is_browser(stem: str) -> bool:
    return _BROWSER.fullmatch(f"browser:{stem}") is not None
