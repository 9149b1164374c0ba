"""Rules across a forecasting model's settings and its data. Pure; what single fields refuse is said where they are defined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from traffic.architecture_checks import architecture_problems
from traffic.config_data import DataUse
from traffic.config_training import Training
from traffic.facts import FEW_ZEROS, SPEED_UNITS, TrafficFacts
from traffic.intervals.levels import intervals, scores_needed
from traffic.kinds import AnyArchitecture
from traffic.layered import RULES
from traffic.sizes import rows_needed, window_counts
from traffic.windows.size import RATIO_SUM_ERROR
from workbench.fields import AUTO, FieldProblem, closest

CROSS = "CFG_CROSS_FIELD"


def check(architecture: AnyArchitecture, training: Training, facts: Any) -> list[FieldProblem]:
    """What is wrong with a model across its settings, and with it on its data."""
    problems = architecture_problems(architecture) + _training(architecture, training)
    if isinstance(facts, TrafficFacts) and facts.use is not None:
        problems += _on_data(architecture, facts, facts.use)
    return problems


def check_sample(settings: Any, facts: Any) -> list[FieldProblem]:
    """What is wrong with how a model would use its data, as far as facts tell."""
    assert isinstance(settings, DataUse)
    problems = [*_modes(settings, facts.n_sensors if isinstance(facts, TrafficFacts) else 0), *_split(settings)]
    if isinstance(facts, TrafficFacts) and facts.features:
        problems += [*_sensors(settings, facts), *_features(settings, facts), *_clock(settings, facts), *_measured(settings, facts)]
    return problems


def _training(architecture: AnyArchitecture, training: Training) -> list[FieldProblem]:
    problems = []
    if training.loss == "pinball" and not architecture.quantiles:
        message = "the pinball loss needs quantiles, and the model forecasts none"
        problems.append(FieldProblem("loss", message, training.loss, "Leave the loss to the model, or give quantiles.", code=CROSS))
    elif architecture.quantiles and training.loss not in (AUTO, "pinball"):
        message = f"quantiles are trained by the pinball loss (got {training.loss})"
        problems.append(FieldProblem("loss", message, training.loss, "Leave the loss to the model.", code=CROSS))
    schedule, optimizer = training.schedule, training.optimizer
    if schedule.name != "constant" and schedule.min_lr > optimizer.learning_rate:
        message = f"must be at most the learning rate {optimizer.learning_rate:g} (got {schedule.min_lr:g})"
        problems.append(FieldProblem("schedule.min_lr", message, schedule.min_lr, "Lower it.", code=CROSS))
    return problems


def _on_data(architecture: AnyArchitecture, facts: TrafficFacts, use: DataUse) -> list[FieldProblem]:
    problems = []
    for rule in RULES:
        if rule.on_auto or not rule.speaks({}, facts):
            continue
        wanted, found = rule.compute({}, facts), getattr(architecture, rule.key)
        if found != wanted:
            message = f"must be {wanted}: {rule.words} (got {found})"
            problems.append(FieldProblem(rule.key, message, found, "Leave it out: it follows from the data.", code="CFG_DERIVED_CONFLICT"))
    problems += _calibration(architecture, facts, use)
    if use.zeros_as_missing == "none" and facts.zero_speeds > FEW_ZEROS:
        message = f"{facts.zero_speeds:.1%} of the data's speeds are zero, and zeros count as values. If they mean that nothing was measured, set it to both."
        problems.append(FieldProblem("zeros_as_missing", message, use.zeros_as_missing, warning=True))
    if architecture.sensor_embedding_dim not in (AUTO, 0) and not facts.shared:
        message = "has no effect without shared weights: one wide input has no place for a detector's own vector"
        problems.append(FieldProblem("sensor_embedding_dim", message, architecture.sensor_embedding_dim, warning=True))
    if architecture.social_pooling.enabled:
        problems += _neighbours(facts, use)
    lookback, horizon = architecture.sequence_length, architecture.prediction_length
    if facts.steps and not _split(use) and not all(window_counts(facts, use, lookback, horizon)):
        needed = rows_needed(use, lookback, horizon)
        message = f"{facts.steps:,} rows are too few for windows of {lookback} and {horizon} steps in three sets: {needed:,} are needed"
        problems.append(FieldProblem("sequence_length", message, lookback, "Use more days, or shorten data.window.", code="DATA_TOO_SHORT"))
    return problems


def _calibration(architecture: AnyArchitecture, facts: TrafficFacts, use: DataUse) -> Iterable[FieldProblem]:
    """Quantiles whose widest interval the validation windows cannot calibrate, even if nothing is missing."""
    widest = intervals(architecture.quantiles)[:1]
    if not widest or not facts.steps or _split(use):
        return
    needed = scores_needed(widest[0].miss)
    there = window_counts(facts, use, architecture.sequence_length, architecture.prediction_length)[1] * facts.sensors
    if 0 < there < needed:
        message = f"intervals will not be calibrated: {needed:,} measured values are needed in the validation windows, and there are {there:,} at most"
        yield FieldProblem(
            "quantiles", message, architecture.quantiles, "Use more days, a larger validation share, or narrower quantiles.", True
        )


def _neighbours(facts: TrafficFacts, use: DataUse) -> Iterable[FieldProblem]:
    hint = "Switch pooling off, or use data with coordinates or edges."
    if use.neighbours == "none":
        yield FieldProblem(
            "social_pooling.enabled", "needs to know which detectors are near, and data.neighbours is none", True, hint, code="DATA_COORDS",
        )  # fmt: skip
    elif use.neighbours == "edges" and not facts.edges:
        yield FieldProblem("social_pooling.enabled", "needs edges, and none come with the data", True, hint, code="DATA_COORDS")
    elif use.neighbours == "coords" and (missing := facts.without_place):
        message = f"needs coordinates, and {missing:,} of {facts.sensors:,} detectors have none"
        yield FieldProblem("social_pooling.enabled", message, True, hint, code="DATA_COORDS")


def _modes(use: DataUse, available: int) -> Iterable[FieldProblem]:
    named = use.num_vds or (len(use.vd_ids) if use.vd_ids is not None else None)
    if use.num_vds is not None and use.vd_ids is not None and use.num_vds != len(use.vd_ids):
        message = f"{use.num_vds} detectors are asked for, {len(use.vd_ids)} are named by vd_ids"
        yield FieldProblem("num_vds", message, use.num_vds, f"Set num_vds to {len(use.vd_ids)}.", code="DATA_NUM_VDS")
    if not use.multi_vd_mode and use.sensors_of(available) != 1:
        message = f"off means exactly one detector, and {'the data has' if named is None and available else 'the model takes'} {named or available or 'all'}"
        yield FieldProblem("multi_vd_mode", message, False, "Set num_vds to 1, or switch it on.", code=CROSS)
    if use.multi_vd_mode and named == 1:
        key = "vd_ids names one" if use.num_vds is None else "num_vds is 1"
        yield FieldProblem("multi_vd_mode", f"on means several detectors, and {key}", True, "Switch it off.", code=CROSS)


def _split(use: DataUse) -> list[FieldProblem]:
    if abs(sum(use.split) - 1) <= RATIO_SUM_ERROR:
        return []
    message = f"the shares {', '.join(f'{share:g}' for share in use.split)} sum to {sum(use.split):g} instead of 1"
    return [FieldProblem("split", message, use.split, "Give three shares that sum to 1.", code="DATA_SPLIT")]


def _sensors(use: DataUse, facts: TrafficFacts) -> Iterable[FieldProblem]:
    if use.vd_ids is None and use.num_vds is not None and use.num_vds > facts.n_sensors:
        message = f"{use.num_vds} detectors are asked for, {facts.n_sensors} are there"
        yield FieldProblem("num_vds", message, use.num_vds, f"Set num_vds to at most {facts.n_sensors}.", code="DATA_NUM_VDS")
    for place, name in enumerate(use.vd_ids or ()):
        if name in (use.vd_ids or ())[:place]:
            yield FieldProblem("vd_ids", f"names the detector {name} twice", name, "Name each once.", code="DATA_IDS")
        elif facts.sensor_ids and name not in facts.sensor_ids:
            guess = closest(name, facts.sensor_ids)
            hint = f"Did you mean {guess}?" if guess else f"There are {', '.join(facts.sensor_ids[:3])} and others."
            yield FieldProblem("vd_ids", f"there is no detector {name}", name, hint, code="DATA_IDS")


def _features(use: DataUse, facts: TrafficFacts) -> Iterable[FieldProblem]:
    known = set(use.features or ()) <= set(facts.features)
    for key, names in (("features", use.features), ("targets", use.targets)):
        for place, name in enumerate(names or ()):
            if name not in facts.features:
                guess = closest(name, facts.features)
                hint = f"Did you mean {guess}?" if guess else f"There are {', '.join(facts.features)}."
                yield FieldProblem(key, f"the data has no feature {name}", name, hint, code="DATA_FEATURE")
            elif name in (names or ())[:place]:
                yield FieldProblem(key, f"names {name} twice", name, "Name each once.", code="DATA_FEATURE")
            elif key == "targets" and known and name not in use.features_of(facts.features):
                yield FieldProblem(key, f"{name} is not among the features", name, "Targets are chosen from data.features.", code=CROSS)
    if use.convert_units is not None and not _speeds(use, facts):
        message = f"there is no speed that could become {use.convert_units}"
        yield FieldProblem("convert_units", message, use.convert_units, "Leave it out.", code="DATA_UNIT")


def _clock(use: DataUse, facts: TrafficFacts) -> Iterable[FieldProblem]:
    if facts.breaks and use.gaps == "error":
        message = f"the data's clock has {facts.breaks:,} gap{'' if facts.breaks == 1 else 's'}"
        hint = "Set gaps to insert_nan or keep." if facts.fillable else "Set gaps to keep: missing rows cannot fill them."
        yield FieldProblem("gaps", message, use.gaps, hint, code="DATA_GAP")
    elif use.gaps == "insert_nan" and not facts.fillable:
        message = "rows of missing values cannot fill the gaps: they are longer than a year, or no multiple of the interval"
        yield FieldProblem("gaps", message, use.gaps, "Set gaps to keep, or import data with other times.", code="DATA_GAP")


def _measured(use: DataUse, facts: TrafficFacts) -> Iterable[FieldProblem]:
    """Targets that hold nothing that could be forecast."""
    for name in use.targets_of(facts.features):
        if name in facts.unmeasured:
            yield FieldProblem(
                "targets", f"every value of {name} is missing", name, "Choose a target that was measured.", code="DATA_EMPTY"
            )
        elif name in facts.only_zeros and use.zeros_as_missing != "none":
            message = f"every value of {name} is zero or missing, and zeros count as missing"
            yield FieldProblem("zeros_as_missing", message, use.zeros_as_missing, "Choose a target with other values.", code="DATA_EMPTY")


def _speeds(use: DataUse, facts: TrafficFacts) -> Sequence[str]:
    units = dict(zip(facts.features, facts.units, strict=True))
    return [name for name in use.features_of(facts.features) if units.get(name) in SPEED_UNITS]
