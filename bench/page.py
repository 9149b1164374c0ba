"""RESULTS.md, written from the sections' JSON files."""

from __future__ import annotations

from pathlib import Path

from bench.harness import RESULTS, Row, Section, load_section

PAGE = Path(__file__).parent / "RESULTS.md"
ORDER = ("digits_quality", "throughput", "convolution", "server", "commands", "live")
"""Sections in reading order; others follow by name."""

_HEAD = """# What was measured

Written by `make bench` (or `python -m bench NAME` for one section); do not edit. The ratio compares with the reference
measured in the same run; above 1 is better than the reference. "must" is a requirement, "goal" is where this should go.
"""


def write_page() -> None:
    """Write RESULTS.md from every result file."""
    sections = [load_section(path) for path in RESULTS.glob("*.json")]
    sections.sort(key=lambda s: (ORDER.index(s.name) if s.name in ORDER else len(ORDER), s.name))
    PAGE.write_text("\n".join([_HEAD, *(_section(s) for s in sections)]), encoding="utf-8")


def _section(section: Section) -> str:
    machine = ", ".join(f"{label} {value}" for label, value in section.machine.items())
    busy = " **The machine was busy with other work: read these as rough.**" if section.busy else ""
    load = (
        f"other work {section.other_before:.0%} of the processor before, {section.other_after:.0%} after, "
        f"load average {section.load_before:g} and {section.load_after:g}"
    )
    lines = [f"## {section.title}", "", section.about, ""]
    lines += ["| figure | value | reference | ratio | must | goal |", "|---|---|---|---|---|---|"]
    lines += [_row(row) for row in section.rows]
    lines += [""] + [f"- {row.name}: {row.note}." for row in section.rows if row.note]
    lines += ["", f"{section.at}, {section.seconds:g} s, {load}. {machine}.{busy}", ""]
    return "\n".join(lines)


def _row(row: Row) -> str:
    value = "not measured" if row.value is None else f"{_number(row.value)} {row.unit}{row.spread and f' ({row.spread})'}"
    reference = "" if row.reference is None else f"{_number(row.reference)} {row.unit} ({row.reference_name})"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}x"
    marks = {True: " ✓", False: " ✗", None: ""}
    must = "" if row.must is None else row.must.words(row.unit) + marks[row.passed]
    goal = "" if row.goal is None else row.goal.words(row.unit) + marks[row.goal_reached]
    return f"| {row.name} | {value} | {reference} | {ratio} | {must} | {goal} |"


def _number(value: float) -> str:
    """Three significant digits, with thousands separated."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
