"""Trains one run: data and checkpoints in, reports and files out. Knows neither the store nor the process it runs in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from parallel.choosing import changed_words, chosen
from parallel.crew import in_step
from parallel.machine import machine
from rcmvae.checks import unlabelled_words
from rcmvae.config import Architecture, Training
from rcmvae.counting import operations_per_epoch
from rcmvae.simple.verdict import Verdict
from rcmvae.training.arrays import RunData, run_data
from rcmvae.training.checkpoint import Identity, load
from rcmvae.training.compiling import check_precision
from rcmvae.training.curriculum import idle_words
from rcmvae.training.engine import Engine
from rcmvae.training.errors import CheckpointError, NonFiniteError, TrainingError
from rcmvae.training.fit import Fit, MixtureEpochReport
from rcmvae.training.keeping import keeper_of
from rcmvae.training.mixture_report import warnings
from rcmvae.training.recipe import Recipe, recipe_of
from rcmvae.training.record import RunRecord
from rcmvae.training.snapshots import Snapshots
from rcmvae.training.state import TrainState, begin_run, fresh_state
from rcmvae.training.step import metric_names
from rcmvae.training.summary import Metrics, diagnose, headline
from rcmvae.training.task import Task
from workbench.cleaning.sizes import bytes_words
from workbench.runs.endings import COMPUTE_THEM
from workbench.runs.failures import sentence
from workbench.runs.job import Job, Reporter, Summary
from workbench.runs.keeping import BEST_FILE, Keeper

TELLING_SECONDS = 5.0
"""A shorter training says more about its start than about its rate."""

SIGMA_WARNING_SHARE = 0.5


def train(job: Job | Task, reporter: Reporter) -> Summary:
    """Train the run that `job` describes, one of the run machinery or of a plain script, and return its summary.

    Raises:
        CheckpointError: a checkpoint cannot be read, belongs to another model or data, or cannot be written.
        NonFiniteError: a loss term became NaN or infinite; the state before is kept as a checkpoint.
        TrainingError: the config and the data do not go together.
    """
    job, reporter = job if isinstance(job, Task) else Task.of(job), in_step(reporter)
    data = data_of_job(job)
    recipe = recipe_of_job(job, data)
    devices = chosen(recipe.settings.devices, recipe.batch_size, machine())
    recipe = replace(recipe, devices=devices.devices)
    identity = Identity(job.architecture, job.training, job.resolved, job.fingerprint, job.dataset_sha256, job.class_names)
    for words, level in devices.words("images"):
        reporter.log(words, level)
    if recipe.labelled_rows % recipe.devices:
        what = f"labelled_batch_size={recipe.labelled_rows} does not divide evenly over {recipe.devices} devices"
        reporter.log(f"{what}: rows move between them in each step, which a multiple of {recipe.devices} saves", "warning")
    _log_start(job, recipe, data, reporter)
    engine = Engine(recipe, data)
    keeper = keeper_of(job.folder / "checkpoints", identity, reporter, labelled=recipe.labelled)
    state, record = _start_state(job, recipe, engine, identity, keeper, reporter)
    record.devices = recipe.devices
    if recipe.devices > 1:
        reporter.log(f"Each device holds {bytes_words(engine.bytes_held(state))} from step to step: weights, optimiser and images")
    idle = idle_words(state, engine.recipe)
    if idle is not None:
        reporter.log(idle, "warning")
    total = recipe.settings.max_epochs
    fit = Fit(
        engine,
        state,
        record,
        should_stop=reporter.should_stop,
        on_progress=lambda epoch, fraction: reporter.progress(epoch, total, fraction),
        exact_epochs=recipe.settings.checkpoint_every_epochs,
    )
    if fit.chosen_by:
        reporter.log(f"The best epoch is chosen {fit.chosen_by}")
    snapshots = Snapshots(job.folder, recipe, data)
    if job.resume_from is not None:
        snapshots.adopt(job.resume_from.parent.parent, len(record.epochs))
    _run(fit, keeper, snapshots, job, reporter)
    return _finish(fit, keeper, job, reporter)


def data_of_job(job: Task) -> RunData:
    """The arrays that a job trains and validates on."""
    return run_data(job.dataset.images, job.sample["train"], job.sample["validation"], job.labels)


def recipe_of_job(job: Task, data: RunData | None = None) -> Recipe:
    """What is static in a job. Raises TrainingError if labels or images do not fit."""
    data = data_of_job(job) if data is None else data
    classes = len(job.class_names)
    if data.labels.max(initial=-1) >= classes or data.validation_labels.max(initial=-1) >= classes:
        raise TrainingError(f"a label names class {int(data.labels.max(initial=-1))}, but the model has {classes} classes")
    check_precision(cast(Training, job.training))
    if not len(data.images):
        raise TrainingError("the sample holds no training image; create a model with a larger sample")
    return recipe_of(
        job.resolved,
        cast(Training, job.training),
        classes=classes,
        n_train=len(data.images),
        n_validation=len(data.validation_images),
        labelled=bool(len(data.labelled)),
        validation_labelled=bool((data.validation_labels >= 0).any()),
    )


def _start_state(
    job: Task, recipe: Recipe, engine: Engine, identity: Identity, keeper: Keeper[TrainState], reporter: Reporter
) -> tuple[TrainState, RunRecord]:
    """Where the run begins: in the middle (resume), from kept weights, or fresh."""
    settings = recipe.settings
    metrics = len(metric_names(recipe))
    if job.resume_from is not None:
        restored = load(job.resume_from, recipe.plan, identity)
        if restored.state.sums.metrics.shape != (metrics,):
            raise CheckpointError(f"The checkpoint {job.resume_from} was made under other settings; a resume needs the run's own.")
        record = RunRecord.of(restored.record)
        keeper.adopt(job.resume_from, restored.record.get(BEST_FILE), record.best_epoch)
        reporter.log(f"Resumed after epoch {int(restored.state.run_epoch)}")
        changed = changed_words(record.devices, recipe.devices)
        if changed is not None:
            reporter.log(changed, "warning")
        return engine.adopt(restored.state), record
    if job.start_from is not None:
        kept = load(job.start_from, recipe.plan, identity).state
        state = begin_run(kept, recipe, random_seed=settings.random_seed, metrics=metrics, reset_optimizer=job.reset_optimizer)
        reporter.log(f"Training goes on from life epoch {int(state.life_epoch)}")
    else:
        seed = cast(Architecture, job.architecture).init_seed
        state = fresh_state(recipe, init_seed=seed, random_seed=settings.random_seed, metrics=metrics)
    return engine.begin(state), RunRecord()


def _run(fit: Fit, keeper: Keeper[TrainState], snapshots: Snapshots, job: Task, reporter: Reporter) -> None:
    """The epochs, each reported, saved when due and now and then shown."""
    every = fit.engine.recipe.settings.checkpoint_every_epochs
    pending_best = False
    told: set[str] = set()
    try:
        for report in fit.epochs():
            pending_best = pending_best or report.improved
            _report(report, fit, job, reporter, told)
            if report.epoch % every == 0 or report.last:
                _save(fit, keeper, pending_best)
                pending_best = False
            unwritten = snapshots.after(fit.completed, report.epoch, fit.record.seconds)
            if unwritten is not None:
                reporter.log(unwritten, "warning")
    except NonFiniteError as error:
        if fit.record.epochs:
            _save(fit, keeper, pending_best)
        reporter.log(str(error), "error")
        raise
    if fit.outcome == "stopped":
        _save_best(fit, keeper, pending_best)
        # as it stands, counts included: going on from here must give what no interruption would have given
        keeper.write_last(fit.state, fit.record)


def _save(fit: Fit, keeper: Keeper[TrainState], pending_best: bool) -> None:
    if _save_best(fit, keeper, pending_best) is fit.completed:
        keeper.same(fit.completed)
    else:
        keeper.write_last(fit.completed, fit.record)


def _save_best(fit: Fit, keeper: Keeper[TrainState], pending: bool) -> TrainState | None:
    """Write the best state if it is new; what was written."""
    best = fit.settled() if pending else None
    if best is not None:
        keeper.write_best(best, fit.record)
    return best


def _report(report: MixtureEpochReport, fit: Fit, job: Task, reporter: Reporter, told: set[str]) -> None:
    reporter.epoch(report.epoch, report.total, report.metrics, report.life_epoch)
    lines = []
    if report.mixture is not None:
        reporter.diagnostics("mixture", report.mixture.plain(job.class_names))
        lines = warnings(report.mixture, fit.record.idle)
        if report.mixture.unlocked is not None:
            opened, count = report.mixture.unlocked, report.mixture.k_active
            reporter.log(f"Epoch {report.epoch}: component {opened} opened, {count} of {len(report.mixture.usage)} are open")
    at_bound = report.metrics.get("train/sigma_at_bound")
    if at_bound is not None and at_bound > SIGMA_WARNING_SHARE:
        lines.append("the noise level sits at sigma_min or sigma_max for most images; widen that range")
    for line in lines:
        if line not in told:
            told.add(line)
            reporter.log(f"Epoch {report.epoch}: {line}", "warning")


def _finish(fit: Fit, keeper: Keeper[TrainState], job: Task, reporter: Reporter) -> Summary:
    """Restore the best epoch, look at it once over all images, and sum up."""
    recipe, record = fit.engine.recipe, fit.record
    state = fit.best
    if state is None and keeper.best is not None:
        identity = Identity(job.architecture, job.training, job.resolved, job.fingerprint, job.dataset_sha256, job.class_names)
        state = load(keeper.best, recipe.plan, identity).state
    if state is None:
        # stopped before the first epoch was complete: where training stands is all there is
        state = fit.engine.recount(fit.state)
    kept = keeper.best or keeper.write_best(state, record)
    reporter.finishing()
    reporter.log("Computing diagnostics, and what simple methods reach with the same labels")
    bundle, metrics, found, shortfall = _diagnosed(recipe, state, record, job)
    if found is not None:
        reporter.diagnostics("simple", {"verdict": found.plain()})
        reporter.log(found.words)
    return Summary(
        outcome=fit.outcome,
        epochs=int(fit.state.run_epoch),
        kept=kept,
        headline=headline(metrics, record),
        metrics=metrics,
        best_epoch=record.best_epoch if fit.monitor is not None else None,
        best_by=fit.chosen_by,
        bundle=bundle,
        seconds=record.seconds,
        shortfall=shortfall,
        rate=reached_rate(job.resolved, recipe.n_train, record),
    )


def _diagnosed(recipe: Recipe, state: TrainState, record: RunRecord, job: Task) -> tuple[Path | None, Metrics, Verdict | None, str]:
    """The diagnostics, or why there are none: what was trained is safe by now and stays, whatever goes wrong here."""
    try:
        return *diagnose(recipe, state, record, job), ""
    except Exception as error:
        logging.getLogger(__name__).exception("the diagnostics of %s failed", job.run_id)
        return None, {}, None, f"Its diagnostics could not be computed ({sentence(error)}). {COMPUTE_THEM}"


def reached_rate(resolved: Mapping[str, Any], n_train: int, record: RunRecord) -> float | None:
    """Operations a second that training reached; None for a run too short to tell."""
    if record.seconds < TELLING_SECONDS:
        return None
    return operations_per_epoch(resolved, n_train) * len(record.epochs) / record.seconds


def _log_start(job: Task, recipe: Recipe, data: RunData, reporter: Reporter) -> None:
    labelled = len(data.labelled)
    reporter.log(f"{recipe.n_train:,} training images ({labelled:,} labelled), {recipe.n_validation:,} for validation")
    if recipe.batch_size < recipe.settings.batch_size:
        reporter.log(f"batch_size {recipe.settings.batch_size} is clipped to the {recipe.n_train} training images")
    if labelled and recipe.settings.label_weight == 0 and recipe.classifier == "head":
        reporter.log("label_weight is 0: labels have no effect on training", "warning")
    elif labelled and recipe.settings.label_weight == 0:
        reporter.log("label_weight is 0: labels only fill tau, training does not learn from them", "warning")
    unlabelled = [name for number, name in enumerate(job.class_names) if number not in data.labels]
    if labelled and unlabelled:
        reporter.log(f"no label for: {unlabelled_words(unlabelled)}", "warning")
    if not labelled and recipe.classifier is not None:
        reporter.log("No labels yet: the model learns from images alone")
    if not recipe.n_validation:
        reporter.log("No validation images: the last completed epoch is kept and a run never stops early")
        if recipe.settings.monitor_metric not in ("auto", "none"):
            reporter.log(f"monitor_metric={recipe.settings.monitor_metric} has no effect without validation images", "warning")
    elif recipe.settings.monitor_metric == "none":
        reporter.log("No metric chooses an epoch: the last completed one is kept")
