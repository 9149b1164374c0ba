"""`trellis doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import dataclasses
import textwrap

import typer
from rich.text import Text

from workbench.cli.output import FAILED, AsJson, console, print_json, shown
from workbench.doctor import Finding, Level, examine
from workbench.settings import Settings

_STYLE: dict[Level, str] = {"ok": "green", "warning": "yellow", "fault": "bold red"}
_WIDE = 24
"""Columns before a sentence: what was looked at, and how it stands."""


def doctor(as_json: AsJson = False) -> None:
    """Say what is wrong with this installation and what to do about it. Changes nothing; exits with 1 if there is a fault."""
    settings = Settings.load()
    found: list[Finding] = []
    for finding in examine(settings):
        found.append(finding)
        if not as_json:
            _print(finding)
    faults, warnings = (sum(each.level == level for each in found) for level in ("fault", "warning"))
    if as_json:
        print_json([dataclasses.asdict(each) for each in found])
    else:
        console().print(Text(f"{_count(faults, 'fault')}, {_count(warnings, 'warning').lower()}."))
    if faults:
        raise typer.Exit(FAILED)


def _print(finding: Finding) -> None:
    out = console()
    words = [shown(finding.what), *([f"→ {shown(finding.todo)}"] if finding.todo else [])]
    width = max(40, out.width - _WIDE)
    lines = [line for each in words for line in textwrap.wrap(each, width, break_long_words=False, break_on_hyphens=False)]
    head = Text.assemble((f"{finding.level:<9}", _STYLE[finding.level]), f"{finding.check:<{_WIDE - 9}}")
    for number, line in enumerate(lines):
        out.print(Text.assemble(head if number == 0 else Text(" " * _WIDE), line), soft_wrap=True)


def _count(number: int, word: str) -> str:
    return f"{number or 'No'} {word}{'' if number == 1 else 's'}"
