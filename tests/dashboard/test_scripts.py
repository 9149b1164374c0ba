"""What the pages' scripts give one another: each name is given once, or the script that loads later takes it from the other."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ASSETS = Path(__file__).parent.parent.parent / "assets"
GIVEN = re.compile(r"window\.(trellis|dash_clientside\.trellis) = Object\.assign\(window\.\1 \|\| \{\}, \{(.*?)\n?\s*\}\);", re.DOTALL)
NAME = re.compile(r"^\s*(?:async )?(\w+)(?=[,:(]|$)")


def names_given(text: str) -> list[tuple[str, str]]:
    """(object, name) of everything that a script gives the others; bodies of functions and objects are left out."""
    found = []
    for place, body in GIVEN.findall(text):
        flat = re.sub(r"\([^()]*\) (?:=> )?\{.*?\n    \}", "", body, flags=re.DOTALL)
        while "{" in flat:
            flat, before = re.sub(r"\{[^{}]*\}", "", flat), flat
            if flat == before:
                break
        found += [(place, match.group(1)) for part in flat.split(",") if (match := NAME.match(part + ","))]
    return found


def test_no_two_scripts_give_the_same_name() -> None:
    given = [name for path in sorted(ASSETS.glob("*.js")) for name in names_given(path.read_text())]
    assert ("trellis", "send") in given
    assert ("dash_clientside.trellis", "page_shown") in given
    assert [name for name, count in Counter(given).items() if count > 1] == []
