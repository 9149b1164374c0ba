"""`REPORT.md`: the report as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.reporting.content import Report
from workbench.reporting.values import metric_text, source_text

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+|!~&$])")


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def render(report: Report) -> str:
    """The report as Markdown."""
    parts = [f"# {escape(report.title)}"]
    parts += [f"> {escape(note)}" for note in report.notes]
    parts.append(_table(("", ""), report.facts))
    for group, metrics in report.metrics.items():
        known = {name: report.metric(group, name) for name in metrics}
        rows = [(known[name].label, metric_text(one, known[name]), source_text(one)) for name, one in metrics.items()]
        parts.append(f"## {escape(report.group_title(group))}\n\n" + _table(("metric", "value", "computed on"), rows))
    for table in report.tables:
        parts.append(f"## {escape(table.title)}\n\n{escape(table.note)}\n\n" + _table(table.columns, table.rows))
    if report.figures:
        rows = [(f.title, f.state + (f": {f.reason}" if f.reason else ""), f.look_for) for f in report.figures]
        parts.append("## Figures\n\nThey are drawn in report.html.\n\n" + _table(("figure", "state", "what to look for"), rows))
    if report.settings:
        parts.append("## Settings\n\n" + _table(("setting", "value"), report.settings))
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *([escape(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
