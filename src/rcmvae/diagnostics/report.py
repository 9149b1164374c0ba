"""The report of a trained model outside the workbench: from a script or a notebook, with the family's own figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.metrics import compute
from rcmvae.diagnostics.tables import tables
from rcmvae.figures.registry import FIGURES
from rcmvae.metrics import GROUPS, METRICS
from workbench.families import Metrics
from workbench.reporting import Report, draw_figures
from workbench.reporting import write_report as write


def write_report(
    folder: Path,
    bundle: DiagnosticsBundle,
    resolved: Mapping[str, Any],
    *,
    title: str = "RCM-VAE",
    facts: Sequence[tuple[str, str]] = (),
) -> tuple[Path, Path]:
    """Write `report.html` and `REPORT.md` with every metric and figure of `bundle` into `folder`; returns their paths.

    Args:
        resolved: the model's values, autos replaced; they decide which figures apply.
        title, facts: what the report says at its top. Both are escaped.

    Raises:
        workbench.artefacts.ArtefactError: the folder cannot be written, or the disk is full.
    """
    settings = [(name, str(value)) for name, value in resolved.items()]
    report = Report(
        title, list(facts), compute(bundle), draw_figures(FIGURES, bundle, resolved, bundle.facts), settings,
        tables=tables(bundle), measures=Metrics(METRICS), groups=GROUPS,
    )  # fmt: skip
    return write(folder, report)
