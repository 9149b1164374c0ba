"""Scripts share what they offer on one object, so no two may offer the same name."""

from __future__ import annotations

import re
from pathlib import Path

ASSETS = Path(__file__).parent.parent.parent / "assets"
_OFFERED = re.compile(
    r"window\.(?P<where>trellis|dash_clientside\.trellis) = Object\.assign\(window\.\S+ \|\| \{\}, \{(?P<names>[^}]*)\}\)"
)


def offered(text: str) -> list[str]:
    """Names that a script puts on the shared objects, each with its object."""
    return [
        f"{found['where']}.{name.split(':')[0].strip()}"
        for found in _OFFERED.finditer(text)
        for name in found["names"].split(",")
        if name.strip()
    ]


def test_no_two_scripts_offer_the_same_name() -> None:
    homes: dict[str, list[str]] = {}
    for script in sorted(ASSETS.glob("*.js")):
        for name in offered(script.read_text()):
            homes.setdefault(name, []).append(script.name)
    assert homes["trellis.ask"] == ["columns.js"]
    assert {name: scripts for name, scripts in homes.items() if len(scripts) > 1} == {}
