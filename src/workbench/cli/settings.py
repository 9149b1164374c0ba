"""`trellis settings`: every setting, its value and where that comes from."""

from __future__ import annotations

import dataclasses

from workbench.cli.output import AsJson, print_json, print_table, say
from workbench.settings import Settings, unknown_variables


def settings(as_json: AsJson = False) -> None:
    """Show every setting, its value and where that comes from."""
    lines = Settings.load().describe()
    for sentence in unknown_variables():
        say(sentence)
    if as_json:
        print_json([dataclasses.asdict(line) for line in lines])
        return
    print_table(("Variable", "Value", "From", "What it is"), [(s.variable, s.value, s.source, s.help) for s in lines], "")
