"""What a run's report says of a model besides its metrics and figures."""

from __future__ import annotations

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.findings import findings
from rcmvae.simple.verdict import Verdict, share_text, verdict
from rcmvae.simple.words import TITLES
from workbench.reporting import ReportTable


def tables(bundle: DiagnosticsBundle) -> tuple[ReportTable, ...]:
    """What to notice, if anything, and the model beside simple methods, if they were computed."""
    seen = findings(bundle)
    rows = [(each.text, each.hint) for each in seen]
    told = (ReportTable("What to notice", "Beyond what chance explains.", ("What", "What may help"), rows),) if seen else ()
    found = verdict(bundle)
    return told if found is None else (*told, _beside(found))


def _beside(found: Verdict) -> ReportTable:
    """The model and each simple method, the best first."""
    rows = [("This model", share_text(found.accuracy), "")]
    answered = sorted(found.methods, key=lambda each: -(each.accuracy or 0.0))
    rows += [
        (TITLES.get(each.name, each.name), "–" if each.accuracy is None else share_text(each.accuracy), each.note) for each in answered
    ]
    return ReportTable("Beside simple methods", f"{found.words}.", ("Method", "Accuracy", "Note"), rows)
