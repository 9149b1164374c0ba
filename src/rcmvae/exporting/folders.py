"""Names of folders for classes, whatever the classes are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
"""Names that Windows keeps for devices."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_MOST_BYTES = 100


def folder_names(names: Sequence[str]) -> tuple[str, ...]:
    """A folder for each class: its name where every system takes that, else as near to it as can be; all different, case ignored."""
    taken: set[str] = set()
    found = []
    for number, name in enumerate(names):
        plain = _plain(name) or f"class {number}"
        if plain.casefold() in taken:
            plain = next(other for n in range(2, len(names) + 2) if (other := f"{plain} {n}").casefold() not in taken)
        taken.add(plain.casefold())
        found.append(plain)
    return tuple(found)


def _plain(name: str) -> str:
    text = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Cs", "Cc"))
    text = _FORBIDDEN.sub("_", text).strip()
    # a leading dot hides a folder, one at the end is lost on Windows
    text = re.sub(r"^\.+", lambda dots: "_" * len(dots[0]), text)
    text = text.encode()[:_MOST_BYTES].decode(errors="ignore").rstrip(" .")
    return f"{text}_" if text.split(".")[0].casefold() in _RESERVED else text
