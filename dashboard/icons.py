"""The icons that pages use, as one style sheet with its font in it: made from the installed Bootstrap Icons, of which it is a twentieth.

Whatever stands between quotes in the source of pages and scripts and is the name of an icon counts as used, so names must be written
out: `icon("sort-up")`, never a name put together from parts.
"""

from __future__ import annotations

import io
import logging
import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

from dashboard.static import bootstrap_folder

_SOURCE = {".py", ".js"}
_NAME = re.compile(rb"(?:bi-|[\"'`])([a-z0-9]+(?:-[a-z0-9]+)*)(?=[\"'` ])")
_RULE = re.compile(r"\.bi-([a-z0-9-]+)::before\{content:\"\\([0-9a-f]+)\"\}")
_FONTS = re.compile(r"src:url\([^}]*")


class Icons:
    """Bootstrap Icons as installed, and those that the files below some folders name."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

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
        shown = set(used)
        font = with_icons(bootstrap_folder() / "font" / "fonts" / "bootstrap-icons.woff", [self.all[name] for name in used])
        address = f'src:url("data:font/woff;base64,{b64encode(font).decode()}") format("woff")'
        rules = _RULE.sub(lambda rule: rule[0] if rule[1] in shown else "", self._installed)
        return _FONTS.sub(lambda _: address, rules, count=1)


def with_icons(font: Path, codes: Collection[int]) -> bytes:
    """A font as WOFF with the glyphs of these code points alone. Raises fontTools' `SubsettingError` where it lacks one."""
    # loading it takes longer than its work, and only who is asked for a page needs it
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = Options(hinting=False, layout_features=[], ignore_missing_unicodes=False)
    subsetter, packed = Subsetter(options), io.BytesIO()
    subsetter.populate(unicodes=codes)
    with TTFont(font) as file:
        subsetter.subset(file)
        file.flavor = "woff"
        file.save(packed)
    return packed.getvalue()
