"""Saving what is chosen as an experiment, and running it: the same commands as `trellis train FILE...`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.layered.judged import Judged
from workbench.commands.base import CommandError
from workbench.commands.confirming import require_confirmed
from workbench.fields.words import capitalised
from workbench.services.layered import create_model, find_dataset, model_name
from workbench.services.saved_experiments import save_experiment
from workbench.state import ModelRecord

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.workbench import Workbench


def create_all(workbench: Workbench, judged: Judged, *, actor: str) -> list[ModelRecord]:
    """Make a model for each variant and seed. Raises CommandError where the choice is no valid configuration, or its data is not there."""
    require_valid(judged)
    if judged.absent:
        raise CommandError(judged.absent[0], "data.dataset")
    return [create_model(workbench, config, actor=actor, name=model_name(config, None)) for config in judged.configs]


def start_all(workbench: Workbench, models: list[ModelRecord], *, actor: str, confirmed: bool) -> None:
    """Queue a run of each, once every start that needs a yes has one. Raises NeedsConfirmation, CommandError."""
    for model in models:
        require_confirmed(workbench.runs.doubt(model.id), confirmed=confirmed)
    for model in models:
        if workbench.state().active_run(model.id) is None:
            workbench.runs.start(actor=actor, model_id=model.id, confirmed=True)


def save(workbench: Workbench, judged: Judged, name: str, *, replace: bool) -> Path:
    """Write what is chosen into one's own configuration files. Raises CommandError; NameTaken without `replace`."""
    require_valid(judged)
    # of each variant its first seed: the file says how many there are
    configs = list({config.variant: config for config in reversed(judged.configs)}.values())[::-1]
    return save_experiment(
        workbench.settings.home, name, judged.files, configs, replace=replace,
        find_dataset=lambda entry, dataset: find_dataset(workbench, entry, dataset),
    )  # fmt: skip


def require_valid(judged: Judged) -> None:
    """Raises CommandError with the first thing that is wrong."""
    if judged.problems:
        first = judged.problems[0]
        raise CommandError(capitalised(first.message, first.key), first.key or "", first.hint)
