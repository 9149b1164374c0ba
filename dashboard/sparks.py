"""The points of sparklines: one metric over a run's epochs, few points, read once for a run that has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dashboard.components.spark import thin_out
from dashboard.context import AppContext
from dashboard.live.reader import feed_of
from workbench.families import family, is_registered

if TYPE_CHECKING:
    from workbench.workbench import Workbench

MOST_RUNS = 60
_KEPT = 4000


def sparks_of(context: AppContext, run_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Run id -> its points, whether they are final, and the metric's name and newest value in words; unknown runs are left out."""
    kept = context.memo.setdefault("sparks", {})
    answer = {}
    for run_id in run_ids[:MOST_RUNS]:
        if run_id not in kept:
            spark = _read(context.workbench, run_id)
            if spark is None:
                continue
            if not spark["final"]:
                answer[run_id] = spark
                continue
            if len(kept) > _KEPT:
                kept.clear()
            kept[run_id] = spark
        answer[run_id] = kept[run_id]
    return answer


def _read(workbench: Workbench, run_id: str) -> dict[str, Any] | None:
    run = workbench.state().runs.get(run_id)
    if run is None:
        return None
    if not is_registered(run.family):
        return {"points": [], "final": True, "name": "", "text": ""}
    declared = family(run.family)
    series = feed_of(workbench, run_id).series
    name = next((name for name in declared.watched or series if name in series), None)
    if name is None:
        return {"points": [], "final": False, "name": "", "text": ""}
    return {
        "points": thin_out(series[name].y),
        "final": run.state == "completed",
        "name": declared.measures.title(name),
        "text": declared.measures.text(name, series[name].last),
    }
