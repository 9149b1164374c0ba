"""The commands of a page of the documentation."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent


@dataclass(frozen=True)
class Line:
    """One command: what stands behind `trellis`, and the file, or the variable by a path of jq, that its output goes to."""

    arguments: tuple[str, ...]
    into: str | None = None
    name: str | None = None
    path: str = ""

    def with_values(self, values: dict[str, str]) -> Line:
        """The same with shell variables in place."""
        found = tuple(values[word[1:]] if word.startswith("$") else word for word in self.arguments)
        return replace(self, arguments=found)

    def value(self, output: str) -> str:
        """What the command's variable gets of its JSON, by a path of jq such as `.[0].number`."""
        found = json.loads(output)
        for step in re.findall(r"\[(\d+)\]|\.(\w+)", self.path):
            found = found[int(step[0])] if step[0] else found[step[1]]
        return str(found)


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
        assigned = re.fullmatch(r"(\w+)=\$\(trellis (.*) \| jq '(.*)'\)", text)
        if assigned:
            name, command, path = assigned.groups()
            found.append(Line(tuple(shlex.split(command)), name=name, path=path))
            continue
        program, *words = shlex.split(text, comments=True)
        assert program == "trellis", text
        into = words[-1] if ">" in words else None
        found.append(Line(tuple(words[:-2] if into else words), into))
    return found
