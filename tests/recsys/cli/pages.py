"""The commands of a page of the documentation."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True)
class Line:
    """One command: what stands behind `trellis`, and the file that its output goes to."""

    arguments: tuple[str, ...]
    into: str | None = None


def blocks(page: str, language: str) -> list[str]:
    """The contents of a page's blocks of one language; "" for those that name none."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        body for name, body in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S) if name == language
    ]


def lines_of(block: str) -> list[Line]:
    """The commands of a block."""
    found = []
    for text in block.splitlines():
        program, *words = shlex.split(text, comments=True)
        assert program == "trellis", text
        into = words[-1] if ">" in words else None
        found.append(Line(tuple(words[:-2] if into else words), into))
    return found
