"""What a run's report says of a model besides its metrics and figures."""

from __future__ import annotations

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.simple.verdict import share_text, verdict
from rcmvae.simple.words import TITLES, TRY
from workbench.reporting import ReportTable


def tables(bundle: DiagnosticsBundle) -> tuple[ReportTable, ...]:
    """The model beside simple methods, if they were computed."""
    found = verdict(bundle)
    if found is None:
        return ()
    note = f"{found.words}. {TRY if found.lead < 0 else ''}".strip()
    rows = [("This model", share_text(found.accuracy), "")]
    answered = sorted(found.methods, key=lambda each: -(each.accuracy or 0.0))
    rows += [
        (TITLES.get(each.name, each.name), "–" if each.accuracy is None else share_text(each.accuracy), each.note) for each in answered
    ]
    return (ReportTable("Beside simple methods", note, ("Method", "Accuracy", "Note"), rows),)
