"""The report of a run: one self-contained `report.html` and a `REPORT.md`, the same for every family.

At the end of a run the worker calls::

    bundle = family.load_bundle.load()(path)
    report = Report(title, facts, summary.metrics, draw_figures(family.figures, bundle, job.resolved))
    write_report(folder, report)

All texts may hold what people typed: they are escaped here.
"""

from workbench.reporting.content import Report, ReportFigure, ReportTable, draw_figures
from workbench.reporting.write import HTML_NAME, MARKDOWN_NAME, write_report

__all__ = ["HTML_NAME", "MARKDOWN_NAME", "Report", "ReportFigure", "ReportTable", "draw_figures", "write_report"]
