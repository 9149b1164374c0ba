"""Writes a report into a run's folder."""

from __future__ import annotations

from pathlib import Path

from workbench.artefacts import write_atomic
from workbench.reporting import markdown, page
from workbench.reporting.content import Report

HTML_NAME = "report.html"
MARKDOWN_NAME = "REPORT.md"


def write_report(folder: Path, report: Report) -> tuple[Path, Path]:
    """Write `report.html` and `REPORT.md` into `folder`, each whole or not at all; returns their paths.

    Raises workbench.artefacts.ArtefactError if the folder cannot be written or the disk is full.
    """
    html, text = folder / HTML_NAME, folder / MARKDOWN_NAME
    write_atomic(text, markdown.render(report).encode())
    write_atomic(html, page.render(report).encode())
    return html, text
