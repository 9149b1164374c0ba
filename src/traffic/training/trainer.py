"""Trains one run: data and checkpoints in, reports and files out. Knows neither the store nor the process it runs in."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from parallel.choosing import Chosen, changed_words, chosen
from parallel.crew import agreed, in_step
from parallel.machine import machine
from traffic.counting import operations_per_epoch
from traffic.metrics_declared import BASELINES
from traffic.model.network import create
from traffic.parameter_shapes import parameter_shapes
from traffic.training.calibrating import calibration_if_any
from traffic.training.checkpoint import Saved, load, load_weights
from traffic.training.checkpoint_content import Identity, model_type_of
from traffic.training.engine import Engine
from traffic.training.errors import NonFiniteError
from traffic.training.fit import Fit
from traffic.training.keeping import keeper_of
from traffic.training.network import forward_of
from traffic.training.recipe import Recipe
from traffic.training.record import RunRecord
from traffic.training.results import results
from traffic.training.series import Reading, on_device, series_of
from traffic.training.state import TrainState, fresh_state
from traffic.training.summary import Metrics, headline, metrics_of, units_of, verdict, write_files
from traffic.training.task import Task
from traffic.training.validating import NAME as HORIZONS
from traffic.training.validating import ValidationErrors, validation_errors
from traffic.windows.windows import spread
from workbench.cleaning.sizes import bytes_words
from workbench.families.metrics import UNITS
from workbench.runs.endings import COMPUTE_THEM
from workbench.runs.failures import sentence
from workbench.runs.job import Job, Reporter, Summary
from workbench.runs.keeping import BEST_FILE, Keeper

TELLING_SECONDS = 1.0
"""A shorter training says more about its start than about its rate."""

LONGEST_UNSAVED_S = 60.0
"""Training that a killed process may lose, if its epochs are shorter, however seldom checkpoints are asked for."""


def train(job: Job | Task, reporter: Reporter) -> Summary:
    """Train the run that `job` describes, one of the run machinery or of a plain script, and return its summary.

    Raises:
        CheckpointError: a checkpoint cannot be read, belongs to another model or data, or cannot be written.
        NonFiniteError: the loss or its gradient became NaN or infinite; the step was not applied.
        TrafficError: the data and the model do not go together.
        TrainingError: the loss and the model do not go together.
    """
    task, reporter = job if isinstance(job, Task) else Task.of(job), in_step(reporter)
    engine = engine_of(task)
    _log_start(task, engine, reporter)
    reporter.diagnostics(UNITS, units_of(task))
    saved = Saved(identity_of(task), task.prepared, neighbour_arrays(task))
    calibrated = partial(calibration_if_any, task.prepared, engine)
    keeper = keeper_of(task.folder / "checkpoints", saved, reporter, calibrated)
    state, record = _start_state(task, engine, saved.identity, keeper, reporter)
    record.devices = engine.recipe.devices
    if record.devices > 1:
        reporter.log(f"Each device holds {bytes_words(engine.bytes_held(state))} from step to step: weights, optimiser and series")
    total = task.training.epochs
    fit = Fit(
        engine, state, record, should_stop=reporter.should_stop,
        on_progress=lambda epoch, fraction: reporter.progress(epoch, total, fraction),
    )  # fmt: skip
    _run(fit, keeper, task, reporter)
    return _finish(fit, keeper, task, reporter)


def engine_of(task: Task) -> Engine:
    """The engine of a task's network on its series. Raises TrainingError for a loss that does not go with the model."""
    ready, split = task.prepared, task.prepared.split
    train_ends = spread(split.train, task.training.max_train_windows)
    forward = forward_of(task.architecture, task.shape)
    recipe = Recipe(
        forward=forward,
        shapes=parameter_shapes(task.architecture),
        settings=task.training,
        reading=Reading(split.size.lookback, split.size.horizon, task.shape.shared, task.use.mask_as_input),
        sensors=len(ready.sensor_ids),
        targets=len(ready.target_names),
        quantiles=tuple(task.architecture.quantiles),
        n_train=len(train_ends),
        n_validation=len(split.val),
    )
    _ = recipe.loss_name  # refused here rather than in the first step
    recipe = replace(recipe, devices=_devices(task, recipe).devices)
    return Engine(recipe, series_of(ready, task.use.time_features), train_ends, split.val, ready.sensor_ids)


def _devices(task: Task, recipe: Recipe) -> Chosen:
    """What trains: devices share the parts of a step, or the windows of the only one."""
    whole = recipe.parts == 1
    return chosen(task.training.devices, recipe.batch_size if whole else recipe.parts, machine(), uneven=not whole)


def identity_of(task: Task) -> Identity:
    """What the task's checkpoints belong to."""
    return Identity(
        model_type=model_type_of(task.architecture),
        architecture=task.architecture,
        training=task.training,
        resolved=task.resolved,
        fingerprint=task.fingerprint,
        dataset_sha256=task.dataset_sha256,
        use=task.use.model_dump(mode="json"),
        sensor_ids=task.prepared.sensor_ids,
        target_names=task.prepared.target_names,
        features=task.data.features,
        units=task.data.units,
    )


def neighbour_arrays(task: Task) -> dict[str, np.ndarray]:
    """The neighbours that pooling reads, by name; empty without pooling."""
    return {} if task.shape.neighbours is None else asdict(task.shape.neighbours)


def _start_state(
    task: Task, engine: Engine, identity: Identity, keeper: Keeper[TrainState], reporter: Reporter
) -> tuple[TrainState, RunRecord]:  # fmt: skip
    """Where the run begins: in the middle (resume), from kept weights, or fresh."""
    recipe = engine.recipe
    if task.resume_from is not None:
        restored = load(task.resume_from, recipe, identity)
        record = RunRecord.of(restored.record)
        keeper.adopt(task.resume_from, restored.record.get(BEST_FILE), record.best_epoch)
        reporter.log(f"Resumed after epoch {int(restored.state.epoch)}")
        changed = changed_words(record.devices, recipe.devices)
        if changed is not None:
            reporter.log(changed, "warning")
        return restored.state, record
    if task.start_from is not None:
        parameters, optimiser, life = load_weights(task.start_from, recipe, identity)
        kept = None if task.reset_optimizer else optimiser
        reporter.log(f"Training goes on from life epoch {life}")
        if kept is None and not task.reset_optimizer:
            reporter.log("Another optimiser trained these weights: this one starts afresh")
        return fresh_state(recipe, parameters, optimiser=kept, life_epoch=life), RunRecord()
    return start(task, engine), RunRecord()


def start(task: Task, engine: Engine) -> TrainState:
    """The state of a network that was never trained."""
    parameters: Any = on_device(create(task.architecture, task.shape, seed=task.training.seed))
    return fresh_state(engine.recipe, parameters)


def _run(fit: Fit, keeper: Keeper[TrainState], task: Task, reporter: Reporter) -> None:
    """The epochs, each reported, and saved when due."""
    every = task.training.save_checkpoint_every
    unsaved_best, written = False, time.monotonic()
    errors = validation_errors(task, reporter)
    if errors is not None and not fit.record.metrics:
        _tell_baselines(errors, reporter)
    try:
        for report in fit.epochs():
            unsaved_best = unsaved_best or report.improved
            reporter.epoch(report.epoch, report.total, report.metrics, report.life_epoch)
            if errors is not None:
                reporter.diagnostics(HORIZONS, errors.beside(report.by_horizon))
            for words in report.words:
                reporter.log(f"Epoch {report.epoch}: {words}")
            due = report.epoch % every == 0 if every else report.improved
            if due or report.last or agreed(time.monotonic() - written) > LONGEST_UNSAVED_S:
                _save(fit, keeper, unsaved_best)
                unsaved_best, written = False, time.monotonic()
    except NonFiniteError as error:
        if fit.record.metrics:
            _save(fit, keeper, unsaved_best)
        reporter.log(str(error), "error")
        raise
    if fit.outcome == "stopped":
        if unsaved_best and fit.best is not None:
            keeper.write_best(fit.best, fit.record)
        # as it stands, in the middle of an epoch too: going on from here must give what no interruption would have given
        keeper.write_last(fit.state, fit.record)


def _tell_baselines(errors: ValidationErrors, reporter: Reporter) -> None:
    """What there is to beat, before the first epoch."""
    reporter.diagnostics(HORIZONS, errors.beside())
    means = ", ".join(f"{BASELINES[name].lower()} {value:.3g}" for name, value in errors.words().items())
    if means:
        reporter.log(f"Simple forecasts of the validation windows, mean absolute error of {errors.of}: {means}")


def _save(fit: Fit, keeper: Keeper[TrainState], unsaved_best: bool) -> None:
    if unsaved_best and fit.best is not None:
        keeper.write_best(fit.best, fit.record)
        if fit.best is fit.completed:
            keeper.same(fit.completed)
            return
    keeper.write_last(fit.completed, fit.record)


def _finish(fit: Fit, keeper: Keeper[TrainState], task: Task, reporter: Reporter) -> Summary:
    """Restore the best epoch, set it beside simple forecasts, and sum up."""
    engine, record = fit.engine, fit.record
    parameters = None if fit.best is None else fit.best.parameters
    if parameters is None and keeper.best is not None:
        parameters, *_ = load_weights(keeper.best, engine.recipe, identity_of(task))
    if parameters is None:
        # stopped before the first epoch was complete, or nothing could be measured: where training stands is all there is
        parameters = fit.state.parameters
    kept = keeper.best or keeper.write_best(fit.state, record)
    reporter.finishing()
    reporter.log("Forecasting the test windows, and setting simple forecasts beside")
    bundle, metrics, numbers, shortfall = _diagnosed(task, engine, parameters, record, reporter)
    return Summary(
        outcome=fit.outcome,
        epochs=int(fit.state.epoch),
        kept=kept,
        headline=numbers,
        metrics=metrics,
        best_epoch=record.best_epoch,
        bundle=bundle,
        seconds=record.seconds,
        shortfall=shortfall,
        rate=reached_rate(task.resolved, engine.recipe.n_train, record),
    )


def _diagnosed(
    task: Task, engine: Engine, parameters: Any, record: RunRecord, reporter: Reporter
) -> tuple[Path | None, Metrics, dict[str, float | None], str]:  # fmt: skip
    """The results, or why there are none: what was trained is safe by now and stays, whatever goes wrong here."""
    try:
        bundle, metrics, numbers, beside = summed_up(task, engine, parameters, record)
    except Exception as error:
        logging.getLogger(__name__).exception("the diagnostics of %s failed", task.run_id)
        return None, {}, {}, f"Its diagnostics could not be computed ({sentence(error)}). {COMPUTE_THEM}"
    reporter.diagnostics("baselines", beside)
    return bundle, metrics, numbers, " ".join(f"{text}." for text, _ in beside["caveats"])


def summed_up(
    task: Task, engine: Engine, parameters: Any, record: RunRecord
) -> tuple[Path, Metrics, dict[str, float | None], dict[str, Any]]:  # fmt: skip
    """The results of weights, written into the task's folder: the bundle's path, metrics, headline, and what stands beside the baselines."""
    found = results(task, engine, parameters, record)
    protocol = task.prepared.split.protocol
    return write_files(task.folder, found), metrics_of(task, found, record), headline(found, record, protocol), verdict(found)


def reached_rate(resolved: Mapping[str, Any], n_train: int, record: RunRecord) -> float | None:
    """Operations a second that training reached; None for a run too short to tell."""
    # the first epoch compiles, which may take longer than all others together
    seconds = [float(metrics["epoch_seconds"] or 0) for metrics in record.metrics[1:]]
    if sum(seconds) < TELLING_SECONDS:
        return None
    return operations_per_epoch(resolved, n_train) / median(seconds)


def _log_start(task: Task, engine: Engine, reporter: Reporter) -> None:
    ready, recipe = task.prepared, engine.recipe
    unit = "windows" if recipe.parts == 1 else f"parts of {recipe.part_rows} window{'' if recipe.part_rows == 1 else 's'}"
    for words, level in _devices(task, recipe).words(unit):
        reporter.log(words, level)
    detectors = f"{len(ready.sensor_ids):,} detector{'' if len(ready.sensor_ids) == 1 else 's'}"
    left_out = "zeros and missing targets" if ready.null == "0" else "missing targets"
    reporter.log(f"{detectors}. Windows, {ready.split.describe(ready.timestamps)}. Errors leave out {left_out}.")
    if recipe.n_train < len(ready.split.train):
        reporter.log(f"Trains on {recipe.n_train:,} of {len(ready.split.train):,} training windows, spread evenly (max_train_windows)")
    if ready.silent:
        names = ", ".join(ready.silent[:5]) + (f" and {len(ready.silent) - 5} more" if len(ready.silent) > 5 else "")
        reporter.log(f"Detectors that measured nothing in the training rows are left out of errors: {names}", "warning")
    if not ready.target_mask[ready.split.target_rows("val")].any():
        reporter.log("Nothing was measured in the validation rows: no epoch can be chosen, and training cannot stop early", "warning")
    if ready.scaler.constant:
        reporter.log(f"Constant in the training rows, and only centred: {', '.join(ready.scaler.constant)}", "warning")
