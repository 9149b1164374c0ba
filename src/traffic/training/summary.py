"""A run's results as numbers by name: for its summary, its cards, its warnings and the files beside it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from traffic.bundle import MODEL
from traffic.metrics.bootstrap import no_interval, paired_difference
from traffic.metrics.evaluate import Evaluation
from traffic.metrics.files import metrics_json, per_sensor_csv
from traffic.metrics.scores import scores, shown_steps
from traffic.metrics.sums import METRICS
from traffic.metrics_declared import BASELINES, group_of, headline_key, metric_name
from traffic.training.record import RunRecord
from traffic.training.results import Intervals, Results
from traffic.training.task import Task
from traffic.warnings import caveats
from workbench.artefacts import write_atomic

Entry = dict[str, Any]
Metrics = dict[str, dict[str, Entry]]

BUNDLE_NAME = "diagnostics.npz"
IN_UNIT = ("mae", "rmse")
"""Errors in the unit of what is forecast."""
IN_UNITS = ("width", "score")
"""Beginnings of the names of an interval's figures that are in the unit of what is forecast."""


def write_files(folder: Path, found: Results) -> Path:
    """Write the bundle, `metrics.json` and `per_sensor.csv` into the folder; the bundle's path. Raises ArtefactError."""
    model, *baselines = found.evaluations
    named = scores(model) | {f"{each.name}/{name}": value for each in baselines for name, value in scores(each).items()}
    write_atomic(folder / "metrics.json", metrics_json(named).encode())
    write_atomic(folder / "per_sensor.csv", per_sensor_csv(model).encode())
    found.bundle.save(folder / BUNDLE_NAME)
    return folder / BUNDLE_NAME


def metrics_of(task: Task, found: Results, record: RunRecord) -> Metrics:
    """Every metric by group: of the model, of each baseline, how far it is ahead of them, intervals, and what the run took."""
    protocol = task.prepared.split.protocol
    windows = len(task.prepared.split.test)
    metrics: Metrics = {}
    for each in found.evaluations:
        group = group_of("test" if each.name == MODEL else each.name, protocol)
        metrics[group] = {
            name.removeprefix(f"{each.set}/"): {
                **_entry(value, each.set, windows, "no target of this horizon was measured"),
                **_in_unit(found, name.removeprefix(f"{each.set}/").split("/")[0]),
            }
            for name, value in scores(each).items()
        }
    metrics["beside"] = {}
    for name in BASELINES:
        lead = paired_difference(found.of(name), found.of(MODEL))
        ends = {name: lead.value, f"{name}_low": lead.low, f"{name}_high": lead.high}
        metrics["beside"] |= {
            key: {**_entry(value, "test", windows, no_interval(lead.days) if lead.days else "nothing was measured"), **_in_unit(found)}
            for key, value in ends.items()
        }
    if found.intervals is not None:
        entries = _interval_entries(found.intervals)
        metrics["intervals"] = {key: {**entry, **(_in_unit(found) if key.startswith(IN_UNITS) else {})} for key, entry in entries.items()}
    metrics["training"] = {
        "epochs": _entry(len(record.metrics), "", None), "best_epoch": _entry(record.best_epoch, "", None, "validation measured nothing"),
        "seconds": _entry(record.seconds, "", None), "windows": _entry(len(task.prepared.split.train), "train", None),
        "trained_windows": _entry(found.bundle.facts.trained_windows, "train", None),
        "silent": _entry(len(task.prepared.silent), "train", None),
    }  # fmt: skip
    return metrics


def headline(found: Results, record: RunRecord, protocol: str) -> dict[str, float | None]:
    """The few numbers for cards and lists: the mean absolute error first, then those of single horizons, and the validation loss."""
    model = found.of(MODEL)
    values, null = scores(model), model.null
    horizons = ("avg", *(f"h{step}" for step in shown_steps(found.bundle.horizon)))
    wanted = [metric_name("mae", null, horizon) for horizon in horizons]
    wanted += [metric_name(error, null, "avg") for error in METRICS if error != "mae"]
    numbers = {headline_key(name, protocol): _finite(values[f"{model.set}/{name}"]) for name in wanted}
    best = record.metrics[record.best_epoch - 1] if record.best_epoch else {}
    return {**numbers, "loss": best.get("validation/loss")}


def units_of(task: Task) -> dict[str, str]:
    """The units of what a run reports while it trains and in its headline, by metric key; none where targets do not share one."""
    ready = task.prepared
    units = {task.data.units[column] for column in ready.target_columns}
    if len(units) != 1 or not (unit := next(iter(units))):
        return {}
    horizons = ("avg", *(f"h{step}" for step in shown_steps(ready.split.size.horizon)))
    names = {
        error: [headline_key(metric_name(error, ready.null, horizon), ready.split.protocol) for horizon in horizons] for error in IN_UNIT
    }
    return {key: unit for error, keys in names.items() for key in (*keys, f"validation/masked_{error}")}


def verdict(found: Results) -> dict[str, Any]:
    """The model beside simple forecasts as plain values: mean absolute errors, the best of them by name, and how far the model is ahead
    of it with the ends of an interval of 95 % (None of too few of its whole days)."""
    errors = {each.name: _error(each) for each in found.evaluations}
    known = {name: error for name in BASELINES if (error := errors[name]) is not None}
    best = min(known, key=known.__getitem__) if known else next(iter(BASELINES))
    lead = paired_difference(found.of(best), found.of(MODEL))
    values: dict[str, Any] = {
        "errors": errors,
        "best": best,
        "lead": _finite(lead.value),
        "low": _finite(lead.low),
        "high": _finite(lead.high),
        "days": lead.days,
    }
    values["silent"] = list(found.bundle.facts.silent)
    values["caveats"] = [[each.text, each.hint] for each in caveats(found.bundle.facts)]
    if found.intervals is not None and len(found.bundle.coverage):
        entries = _interval_entries(found.intervals)
        values |= {"nominal": entries["nominal"]["value"], "coverage": entries["coverage"]["value"]}
    return values


def _in_unit(found: Results, target: str = "") -> Entry:
    """The unit of a target's errors as a part of an entry, or of all targets together if they share one; metrics in percent declare theirs."""
    facts = found.bundle.facts
    units = dict(zip(facts.target_names, facts.units, strict=True))
    unit = units.get(target) or (facts.units[0] if len(set(facts.units)) == 1 else "")
    return {"unit": unit} if unit else {}


def _error(evaluation: Evaluation) -> float | None:
    return _finite(scores(evaluation)[f"{evaluation.set}/{metric_name('mae', evaluation.null, 'avg')}"])


def _interval_entries(found: Intervals) -> dict[str, Entry]:
    """The widest interval over all horizons and targets."""
    if not len(found.after.count):
        return {}
    entries: dict[str, Entry] = {}
    for suffix, sums in (("", found.after), *((("_before", found.before),) if found.calibration else ())):
        whole = sums.over_horizons()
        count = int(whole.count[0].sum())
        values = {
            "coverage": whole.covered[0].sum() / max(1, count), "width": whole.mean_width[0].mean(), "score": whole.mean_score[0].mean(),
        }  # fmt: skip
        entries |= {f"{name}{suffix}": _entry(float(value), "test", count, "nothing was measured") for name, value in values.items()}
    return {"nominal": _entry(found.nominal, "", None), **entries}


def _entry(value: float | int | None, split: str, n: int | None, missing: str = "") -> Entry:
    if value is None or not math.isfinite(value):
        return {"value": None, "split": split, "n": n, "state": "skipped", "reason": missing}
    return {"value": value, "split": split, "n": n, "state": "success", "reason": None}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
