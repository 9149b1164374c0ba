"""`trellis train FILE...`: the models of layered configuration files, made and trained like those of the pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbench.cli.comparison import Compared, table_of_groups, table_of_runs
from workbench.cli.following import Follower
from workbench.cli.opening import actor, opened
from workbench.cli.output import FAILED, INTERRUPTED, print_json, print_table, say
from workbench.cli.run_ends import run_values, told_of
from workbench.commands.confirming import NeedsConfirmation, require_confirmed
from workbench.layered.resolved import ResolvedConfig
from workbench.services.layered import create_model, group_name, model_name, planned, seed_of
from workbench.state import ModelRecord, RunRecord, RunState
from workbench.workbench import Workbench


def train_files(
    files: list[str], overrides: list[str], seeds: int | None, *, structural: bool = False, confirmed: bool, as_json: bool
) -> int:
    """Make a model for each variant and seed, train one after the other and compare them; returns the exit code.

    `structural`: overrides may change the architecture. Nothing is made before everything is checked, and nothing trained before every start that needs a yes has one.
    Raises LayeredError, CommandError.
    """
    with opened() as workbench:
        configs = planned(workbench, files, overrides, seeds, structural=structural)
        for warning in dict.fromkeys(warning for config in configs for warning in config.warnings):
            say(f"Note: {warning}")
        models = [create_model(workbench, config, actor=actor(), name=model_name(config, seeds)) for config in configs]
        _ask(workbench, models, confirmed=confirmed)
        runs, interrupted = _train(workbench, models, quiet=as_json)
        _tell(workbench, configs, models, runs, as_json=as_json)
    if interrupted:
        return INTERRUPTED
    return 0 if all(run.state in (RunState.COMPLETED, RunState.STOPPED) for run in runs) else FAILED


def _ask(workbench: Workbench, models: list[ModelRecord], *, confirmed: bool) -> None:
    """Raises NeedsConfirmation for the first model with a doubt that nobody said yes to, after saying how to go on."""
    try:
        for model in models:
            require_confirmed(workbench.runs.doubt(model.id), confirmed=confirmed)
    except NeedsConfirmation:
        say_untrained(models, " --yes")
        raise


def say_untrained(models: Iterable[ModelRecord], options: str = "") -> None:
    """Say of models that were made and not trained how to train them."""
    for model in models:
        say(f"Not trained: {model.name}. `trellis train --model {model.id}{options}` trains it.")


def _train(workbench: Workbench, models: list[ModelRecord], *, quiet: bool) -> tuple[list[RunRecord], bool]:
    """Runs of the models, one after the other: (the runs, whether somebody interrupted them)."""
    workbench.runs.keep_watch()
    runs: list[RunRecord] = []
    for model in models:
        run = workbench.runs.start(actor=actor(), model_id=model.id, confirmed=True)
        if not quiet:
            say(f"Run #{run.number} ({run.id}) of {model.name}")
        follower = Follower(workbench, run.id, quiet=quiet)
        try:
            follower.follow()
        except KeyboardInterrupt:
            say(f"Run #{run.number} goes on stopping by itself; `trellis runs show {run.number}` says how it ended.")
        runs.append(workbench.state().runs[run.id])
        if follower.interrupted:
            return runs, True
    return runs, False


def _tell(workbench: Workbench, configs: list[ResolvedConfig], models: list[ModelRecord], runs: list[RunRecord], *, as_json: bool) -> None:
    done = list(zip(configs, models, runs, strict=False))
    if as_json:
        print_json([_values(workbench, config, run) for config, _, run in done])
        return
    compared = [Compared(model.name, _group(config), seed_of(config), run, told_of(workbench, run)) for config, model, run in done]
    for table in [table_of_runs(compared), *([table_of_groups(compared)] if len({one.group for one in compared}) < len(compared) else [])]:
        print_table(table.columns, table.rows, "Nothing was trained.")
    for run in runs:
        if run.reason:
            say(f"Run #{run.number}: {run.reason}")
    say_untrained(models[len(runs) :])


def _values(workbench: Workbench, config: ResolvedConfig, run: RunRecord) -> dict[str, Any]:
    return {"variant": config.variant, "seed": seed_of(config), "config_fingerprint": config.sha256, **run_values(workbench, run)}


def _group(config: ResolvedConfig) -> str:
    return group_name(config) or config.entry.name
