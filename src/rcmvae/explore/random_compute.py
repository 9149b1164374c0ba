"""Computing what random labelling would reach. Trains: for a process that has the framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rcmvae.active.curve import rounds
from rcmvae.active.curve_files import SETTINGS, TABLE
from rcmvae.explore.random_curve import drop_older, home_name, plan_of
from rcmvae.label_curve import CurveProgress

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def compute(workbench: Workbench, model_id: str, draws: int, progress: Callable[[int, int, float], None]) -> None:
    """Train what is missing of a model's curve, and keep each round as it is done. Raises CommandError for a model that can have none.

    Args:
        progress: told trainings done, all of them, and what share of the one under way is done.
    """

    def told(now: CurveProgress) -> None:
        progress(now.done, now.total, now.fraction)

    plan = plan_of(workbench, model_id, draws)
    try:
        rounds(plan.settings, workbench.datasets.load(plan.settings.data), plan.folder, told)
        drop_older(plan.folder)
    finally:
        workbench.artefacts.keep_mirror(home_name(model_id), (SETTINGS, TABLE))
