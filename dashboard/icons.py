"""The icons that pages use, as one style sheet with its font in it: made from the installed Bootstrap Icons, of which it is a twentieth.

Whatever stands between quotes in the source of pages and scripts and is the name of an icon counts as used, so names must be written
out: `icon("sort-up")`, never a name put together from parts.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from dashboard.static import bootstrap_folder
from workbench.artefacts import ArtefactError, write_atomic

_SOURCE = {".py", ".js"}
_NAME = re.compile(rb"(?:bi-|[\"'`])([a-z0-9]+(?:-[a-z0-9]+)*)(?=[\"'` ])")
_RULE = re.compile(r"\.bi-([a-z0-9-]+)::before\{content:\"\\([0-9a-f]+)\"\}")
_FONTS = re.compile(r"src:url\([^}]*")


class Icons:
    """Bootstrap Icons as installed, and those that the files below some folders name.

    Cutting the font takes as long as the rest of a server's start, so the sheet is kept in the file `kept` for the next one.
    """

    def __init__(self, *folders: Path, kept: Path | None = None) -> None:
        self._folders = folders
        self._kept = kept

    @cached_property
    def _installed(self) -> str:
        return (bootstrap_folder() / "font" / "bootstrap-icons.min.css").read_text("utf-8")

    @cached_property
    def all(self) -> Mapping[str, int]:
        """Every icon's name and code point."""
        return {name: int(code, 16) for name, code in _RULE.findall(self._installed)}

    def used(self) -> list[str]:
        """The names of those that the sources name now."""
        said: set[bytes] = set()
        for folder in self._folders:
            for path in folder.rglob("*"):
                if path.suffix in _SOURCE:
                    said.update(_NAME.findall(path.read_bytes()))
        return sorted(self.all.keys() & {name.decode() for name in said})

    def stylesheet(self) -> str:
        """The rules of those icons and the font that draws them."""
        used = self.used()
        font = bootstrap_folder() / "font" / "fonts" / "bootstrap-icons.woff"
        if self._kept is None:
            return self._made(used, font)
        of = _digest(f"{used} {self._installed} {font.stat().st_size} {font.stat().st_mtime_ns}")
        if (text := _kept(self._kept, of)) is None:
            text = self._made(used, font)
            # A folder that cannot be written costs the next start its time, and no more.
            with suppress(ArtefactError):
                write_atomic(self._kept, f"{_head(of, text)}{text}".encode())
        return text

    def _made(self, used: Collection[str], whole: Path) -> str:
        shown = set(used)
        font = with_icons(whole, [self.all[name] for name in used])
        address = f'src:url("data:font/woff;base64,{b64encode(font).decode()}") format("woff")'
        rules = _RULE.sub(lambda rule: rule[0] if rule[1] in shown else "", self._installed)
        return _FONTS.sub(lambda _: address, rules, count=1)


def _kept(path: Path, of: str) -> str | None:
    """The sheet in a file, if it was made of these things and has not been damaged since."""
    try:
        head, line, text = path.read_text("utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return text if head + line == _head(of, text) else None


def _head(of: str, text: str) -> str:
    """The first line of a kept sheet: what it was made of, and what it says."""
    return f"/* {of} {_digest(text)} */\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def with_icons(font: Path, codes: Collection[int]) -> bytes:
    """A font as WOFF with the glyphs of these code points alone. Raises fontTools' `SubsettingError` where it lacks one."""
    # loading it takes longer than its work, and only who is asked for a page needs it
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = Options(hinting=False, layout_features=[], ignore_missing_unicodes=False)
    subsetter, packed = Subsetter(options), io.BytesIO()
    subsetter.populate(unicodes=codes)
    # The same icons are the same bytes: several processes serve them under an address that names what they say.
    with TTFont(font, recalcTimestamp=False) as file:
        subsetter.subset(file)
        file.flavor = "woff"
        file.save(packed)
    return packed.getvalue()
