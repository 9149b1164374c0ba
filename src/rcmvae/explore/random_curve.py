"""What random labelling would reach with a model's own configuration: what there is to compute, what is kept of it, and what it says.

A round trains the configuration from scratch on the labels that the model began with and others drawn at random, and measures the held-out
images. Rounds lie with the model, in a folder for each configuration, data and step.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.active import curve_files as files
from rcmvae.active.curve_summary import YARDSTICK, lines
from rcmvae.data.about import UNKNOWN, about_of
from rcmvae.explore.effort import MORE, Trained
from rcmvae.explore.pictures import dataset_of
from rcmvae.family import RCMVAE
from rcmvae.holding import RunPayload, held
from rcmvae.label_curve import CurveError, CurveRow, CurveSettings, configuration_of
from workbench.commands.base import CommandError
from workbench.commands.rules import find_model
from workbench.services.lengths import length_of
from workbench.state import DatasetManifest, ModelRecord
from workbench.values import stored_value

if TYPE_CHECKING:
    from workbench.workbench import Workbench

DRAWS = (2, 3, 5)
"""Label draws that may be asked for."""
STEPS = 4
"""Numbers of labels at most past the first."""
KEPT = 4
"""Curves of a model that stay on disk, the newest ones."""
STARTING, BESIDES = 15.0, 0.5
"""Seconds that a process takes before it trains, and a training besides its epochs."""
_NICE = (1, 2, 3, 5)
_LEAST_STEP = 5
_SHOWN = 3
"""Settings that are named of those that have changed."""


@dataclass(frozen=True)
class Point:
    """`labels`, the `mean` accuracy with so many in [0, 1], its `spread` (standard deviation over draws), and of how many `draws`."""

    labels: int
    mean: float
    spread: float
    draws: int


@dataclass(frozen=True)
class RandomCurve:
    """What is kept. `words`: a sentence that sets it beside the model's runs. `stale`: in what it is not of the model as it stands now, in
    words; else empty."""

    points: tuple[Point, ...]
    words: str
    stale: str


@dataclass(frozen=True)
class Plan:
    """What there is to compute.

    Attributes:
        settings: of the curve. folder: where it lies. trainings: all of them. left: those that are not done yet.
        seconds: that those may take, as the rounds that are done did, else the model's last run.
    """

    settings: CurveSettings
    folder: Path
    trainings: int
    left: int
    seconds: float

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of labels."""
        s = self.settings
        return tuple(range(s.start, s.budget + 1, s.step))


def plan_of(workbench: Workbench, model_id: str, draws: int) -> Plan:
    """What there is to compute for a model as it stands now. Raises CommandError that says why there is nothing."""
    if draws not in DRAWS:
        raise CommandError(f"There are {', '.join(map(str, DRAWS))} label draws to choose from (got {draws}).", "draws")
    model = find_model(workbench.state(), model_id)
    settings, sha256 = _settings(workbench, model, draws)
    each = _seconds_each(workbench, model)
    folder = _home(workbench, model) / _key(settings, sha256)
    rows = _rows(folder)
    if rows:
        each = sum(row.seconds for row in rows) / len(rows)
    known = {(row.seed, row.labels) for row in rows}
    trainings = settings.rounds * draws
    wanted = {(seed, labels) for seed in range(draws) for labels in range(settings.start, settings.budget + 1, settings.step)}
    left = len(wanted - known)
    return Plan(settings, folder, trainings, left, STARTING + left * each if left else 0.0)


def kept_curve(workbench: Workbench, model: ModelRecord, runs: Sequence[Trained]) -> RandomCurve | None:
    """What is kept with a model: of its present configuration and data if there is such, else the newest; None if nothing is.

    Args:
        runs: of the model, oldest first, to set beside it.
    """
    found = list(_kept(workbench, model))
    if not found:
        return None
    now = _now(workbench, model)
    judged = [(_changed(files.read_settings(folder), now), rows) for folder, rows in found]
    stale, rows = next(((stale, rows) for stale, rows in judged if not stale), judged[0])
    points = points_of(rows)
    return RandomCurve(points, compared(points, runs), stale)


def points_of(rows: Sequence[CurveRow]) -> tuple[Point, ...]:
    """Means and spread over draws, fewest labels first."""
    line = next(line for line in lines(rows) if line.strategy == YARDSTICK)
    return tuple(
        Point(int(labels), float(mean), float(spread), int(draws))
        for labels, mean, spread, draws in zip(line.labels, line.mean, line.spread, line.seeds, strict=True)
    )


def compared(points: Sequence[Point], runs: Sequence[Trained]) -> str:
    """The newest run that the curve reaches, beside as many random labels (interpolated between points)."""
    last = points[-1]
    inside = [run for run in runs if points[0].labels < run.labels <= last.labels and math.isfinite(run.accuracy)]
    if not inside:
        return f"Random labelling reaches {_percent(last.mean)}{_spread(last.spread, last.draws)} with {last.labels:,} labels."
    run, at = inside[-1], [point.labels for point in points]
    mean = float(np.interp(run.labels, at, [point.mean for point in points]))
    spread = float(np.interp(run.labels, at, [point.spread for point in points]))
    draws = min(point.draws for point in points if point.labels >= run.labels)
    gain = 100 * (run.accuracy - mean)
    if draws > 1 and abs(gain) <= 100 * spread:
        verdict = "They differ by no more than draws do"
    else:
        verdict = f"Your labels stand {abs(gain):.1f} percentage points {'above' if gain >= 0 else 'below'}"
    return (
        f"Run #{run.number} with {run.labels:,} labels: {_percent(run.accuracy)}; "
        f"as many at random: {_percent(mean)}{_spread(spread, draws)}. {verdict}."
    )


def about(seconds: float) -> str:
    """A time to come in round words: "about 40 s", "about 4 min"."""
    if seconds < 90:
        return f"about {max(5, 5 * round(seconds / 5))} s"
    return f"about {round(seconds / 60):,} min" if seconds < 90 * 60 else f"about {seconds / 3600:.1f} h"


def drop_older(folder: Path) -> None:
    """Of the curves beside `folder`, it included, the newest stay."""
    beside = sorted((one for one in folder.parent.iterdir() if one.is_dir()), key=_changed_at, reverse=True)
    for one in beside[KEPT:]:
        shutil.rmtree(one, ignore_errors=True)


def span(given: int, most: int, room: int) -> tuple[int, int, int]:
    """(start, step, budget): numbers of labels from those `given` to about `most`, in few round steps, with `room` labels at most."""
    wanted = (most if most > given else given + MORE) - given
    powers = (scale * nice for scale in (10**power for power in itertools.count()) for nice in _NICE)
    step = next(step for step in powers if step >= _LEAST_STEP and math.ceil(wanted / step) <= STEPS)
    if given + step > room:
        step = max(1, room - given)
    start = given or step
    return start, step, start + step * min(max(0, math.ceil((given + wanted - start) / step)), (room - start) // step)


def _settings(workbench: Workbench, model: ModelRecord, draws: int) -> tuple[CurveSettings, str]:
    sample = held(model).sample
    runs = [RunPayload.model_validate(run.payload).labels or 0 for run in workbench.state().runs_of(model.id)]
    dataset_id = workbench.state().dataset_of(model)
    record = workbench.state().datasets.get(dataset_id or "")
    if dataset_id is None or record is None or record.manifest is None or record.deleted_at is not None:
        raise CommandError("The data of this model is not there, so nothing can be trained on it.", "model", code="conflict")
    if not workbench.datasets.facts(dataset_id).has_labels:
        raise CommandError("Its data has no true labels, so nobody could answer for random images.", "model", code="conflict")
    if not sample.n_test:
        raise CommandError("Its data holds no images out for measuring.", "model", code="conflict")
    room = _room(workbench, model, record.manifest)
    if room <= sample.n_labelled:
        raise CommandError(
            "Every training image whose class is known was labelled from the start, so there is nothing to draw.", "model", code="conflict"
        )
    start, step, budget = span(sample.n_labelled, max([len(workbench.models.labels(model.id)), *runs]), room)
    return (
        CurveSettings(
            dataset_id,
            None,
            (YARDSTICK,),
            start=start,
            step=step,
            budget=budget,
            seeds=draws,
            fresh=True,
            configuration=configuration_of(model),
        ),
        record.manifest.content_sha256,
    )


def _room(workbench: Workbench, model: ModelRecord, manifest: DatasetManifest) -> int:
    """Training images of a model whose class its data knows."""
    about, sample = about_of(manifest), held(model).sample
    if about.n_known is not None and about.n_known >= about.n - (about.n_test or 0):
        return sample.n_train
    truth = dataset_of(workbench, model.id).true_labels
    return int((truth[workbench.models.read(model).train] != UNKNOWN).sum())


def _seconds_each(workbench: Workbench, model: ModelRecord) -> float:
    """What training takes with the model's configuration, as its newest run tells. Raises CommandError without one."""
    for run in workbench.state().runs_of(model.id):
        length = length_of(run)
        if run.state.active or not run.epochs_done or not run.duration_seconds or not length:
            continue
        epochs = [event.payload["metrics"].get("epoch_seconds") for event in workbench.runs.latest(run.id, ("epoch",))]
        # the last epoch compiles nothing; where it is not known any more, the whole run says more than it takes
        took = epochs[-1] * run.epochs_done + BESIDES if epochs and epochs[-1] else run.duration_seconds
        return took * _length(model) / length
    raise CommandError("Train the model first: its last run tells how long this would take.", "model", code="conflict")


def _length(model: ModelRecord) -> int:
    return int(stored_value(model.config, RCMVAE.length, RCMVAE.fields.defaults[RCMVAE.length]))


def _now(workbench: Workbench, model: ModelRecord) -> dict[str, Any] | str:
    """What a curve of the model as it stands would have written, or why there can be none."""
    try:
        return files.written(*_settings(workbench, model, DRAWS[0]))
    except CommandError as error:
        return str(error)


def _changed(found: dict[str, Any], now: dict[str, Any] | str) -> str:
    """In what a kept curve is not of the model as it stands, in words; the step may be another."""
    if isinstance(now, str):
        return f"Computed before: {now}"
    differences = [one for one in files.differing(found, now) if one[0] not in ("start", "step")]
    words = list(dict.fromkeys(_difference(*one) for one in differences))
    if not words:
        return ""
    more = f", and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return f"Computed before the model changed: {', '.join(words[:_SHOWN])}{more}."


def _difference(name: str, before: Any, now: Any) -> str:
    kind, _, rest = name.partition(".")
    if kind != "configuration":
        return "other data"
    if rest == "class_names":
        return f"{before} classes then, {now} now"
    if rest == "merged":
        return "classes were merged"
    spec = RCMVAE.fields.specs.get(rest.split(".", 2)[-1]) if rest.startswith("config.") else None
    title = spec.label if spec is not None else rest.rpartition(".")[2]
    short = all(isinstance(value, int | float | str) for value in (before, now))
    return f"{title} {before} then, {now} now" if short else f"other {title}"


def _home(workbench: Workbench, model: ModelRecord) -> Path:
    return workbench.artefacts.mirror(home_name(model.id))


def home_name(model_id: str) -> str:
    """The artefact name of the folder in which a model's curves lie."""
    return f"models/{model_id}/label-curves"


def _key(settings: CurveSettings, sha256: str) -> str:
    """Names a folder by what makes its rounds comparable."""
    said = {name: value for name, value in files.written(settings, sha256).items() if name not in files.EXTENDABLE}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:20]


def _kept(workbench: Workbench, model: ModelRecord) -> Iterator[tuple[Path, list[CurveRow]]]:
    """The folders that hold rounds, the newest first; damaged ones are left out."""
    home = _home(workbench, model)
    folders = [one for one in home.iterdir() if (one / files.TABLE).is_file()] if home.is_dir() else []
    for folder in sorted(folders, key=_changed_at, reverse=True):
        rows = _rows(folder)
        if rows:
            yield folder, rows


def _rows(folder: Path) -> list[CurveRow]:
    """The rounds that are done; none of a folder that is damaged."""
    try:
        return files.read_rows(folder) if (folder / files.SETTINGS).is_file() and files.read_settings(folder) else []
    except (CurveError, OSError):
        return []


def _changed_at(folder: Path) -> int:
    table = folder / files.TABLE
    return (table if table.is_file() else folder).stat().st_mtime_ns


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _spread(spread: float, draws: int) -> str:
    return f" ± {100 * spread:.1f} ({draws} draws)" if draws > 1 else " (1 draw)"
