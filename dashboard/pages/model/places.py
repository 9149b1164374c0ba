"""Whether a run has a figure, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.families import Figure, family
from workbench.services.diagnosis import bundle_path
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def why_no_figure(workbench: Workbench, run: RunRecord, figure: Figure) -> str | None:
    """Why a run has no such figure, in a sentence; None if it can be drawn."""
    if bundle_path(workbench, run) is None:
        return "This run is still going on: its figures appear when it ends." if run.state.active else "This run has no diagnostics."
    held = family(run.family).model(run.model_type).holds.run_payload.model_validate(run.payload)
    reason = figure.applies(workbench.models.resolved(run), held)
    return None if reason is None else f"It does not apply: {reason}."
