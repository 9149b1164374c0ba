"""A family for tests that shares no field name and no idea with RCM-VAE.

Its data is a table with columns, read from CSV; its config is nested (sub-configs and a list of tagged entries); its length is
called `epochs`; it has no labels, no sample and no classes; its best metric is an error where lower is better; its framework
is the other one, which nothing imports. It brings the page, route, command and kind of record of `contributing_family`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from tests.support import contributing_family, nested_config
from workbench.artefacts import write_atomic
from workbench.commands.base import Changes, Command, Env
from workbench.commands.runs import queued_run
from workbench.diagnosis import Presented, Since
from workbench.families import (
    Column,
    DataSource,
    DataSupport,
    Dial,
    Family,
    Figure,
    ImportString,
    Layered,
    Looking,
    Metric,
    ModelType,
    Panel,
    Preset,
)
from workbench.plotting import new_figure
from workbench.runs.folder import BUNDLE
from workbench.runs.job import Job, Reporter, Summary
from workbench.state import AppState, DatasetManifest, DatasetRecord, RunRecord, Subject

NAME = "regression"
HERE = "tests.support.table_family"
CSV = "speed,load,grade,delay\n" + "".join(
    f"{40 + 7 * i % 50},{(3 * i) % 11},{(5 * i) % 7},{0.2 * (40 + 7 * i % 50) + 1.5 * ((3 * i) % 11):.2f}\n" for i in range(60)
)
TARGET = "delay"


@dataclass(frozen=True)
class Table:
    """Columns of equal length, and what they are made of."""

    columns: Mapping[str, Any]
    manifest: DatasetManifest


@dataclass(frozen=True)
class Facts:
    """What is known of a table without reading it: `n` columns to learn from, so many rows."""

    n: int
    rows: int


def load(_settings: Any) -> Table:
    """The timetable's delays."""
    rows = list(csv.DictReader(io.StringIO(CSV)))
    manifest = DatasetManifest(
        source="delays", loader_version=1, content_sha256=hashlib.sha256(CSV.encode()).hexdigest(),
        about={"columns": list(rows[0]), "rows": len(rows)},
    )  # fmt: skip
    return Table({name: np.array([float(row[name]) for row in rows]) for name in rows[0]}, manifest)


def describe(record: DatasetRecord, source: DataSource | None) -> DataSource:
    """A dataset as one may choose it."""
    assert source is not None
    return replace(source, id=record.id, name=record.name)


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """Autos replaced, everything missing at its default."""
    return nested_config.resolve({**MODEL_TYPE.fields.defaults, **values})


def train(job: Job, reporter: Reporter) -> Summary:
    """Linear regression on the table's columns by gradient steps; one epoch, one step."""
    total = job.configs["fit"].epochs  # pyright: ignore[reportAttributeAccessIssue]
    names = [name for name in job.dataset.columns if name != TARGET]
    x = np.stack([job.dataset.columns[name] for name in names], axis=1)
    x, y = (x - x.mean(axis=0)) / x.std(axis=0), job.dataset.columns[TARGET] - job.dataset.columns[TARGET].mean()
    found = {"fingerprint": job.fingerprint, "epoch": 0, "life": 0, "weights": [0.0] * len(names)}
    for given in (job.resume_from, job.start_from):
        if given is not None:
            found = json.loads(given.read_bytes()) | ({} if given is job.resume_from else {"epoch": 0})
            break
    begun, outcome, path = time.monotonic(), "completed", job.resume_from
    while found["epoch"] < total:
        if path is not None and reporter.should_stop():
            outcome = "stopped"
            break
        weights = np.array(found["weights"])
        weights -= 0.5 * x.T @ (x @ weights - y) / len(y)
        found |= {"weights": weights.tolist(), "epoch": found["epoch"] + 1, "life": found["life"] + 1}
        error = float(np.abs(x @ weights - y).mean())
        reporter.epoch(found["epoch"], total, {"train/error": error, "validation/error": error}, found["life"])
        path = job.folder / "checkpoints" / f"last-{found['epoch']}.json"
        write_atomic(path, json.dumps(found).encode())
        reporter.checkpoint(path, "last", found["epoch"])
    assert path is not None
    error = float(np.abs(x @ np.array(found["weights"]) - y).mean())
    np.savez(job.folder / BUNDLE, residuals=x @ np.array(found["weights"]) - y)
    metrics = {"fit": {"error": {"value": error, "split": "train", "n": len(y), "state": "success"}}}
    kind: Literal["completed", "stopped"] = "completed" if outcome == "completed" else "stopped"
    return Summary(kind, found["epoch"], path, {"error": error}, metrics, bundle=job.folder / BUNDLE, seconds=time.monotonic() - begun)


def load_bundle(path: Path) -> dict[str, Any]:
    """What a run kept: the residuals (rows,)."""
    with np.load(path) as found:
        return {"residuals": found["residuals"], "note": ""}


def since(state: AppState, run: RunRecord, _resolved: Mapping[str, Any]) -> Since:
    """The note that somebody has written at the model since."""
    note = state.models[run.subject.id].note
    return Since(note, lambda: note)


def present(bundle: Mapping[str, Any], note: str, dials: Mapping[str, float]) -> Presented:
    """The residuals without the largest ones, under the note of now."""
    residuals = bundle["residuals"]
    kept = residuals[np.abs(residuals) <= np.quantile(np.abs(residuals), 1 - dials["trimmed"])]
    return Presented({"residuals": kept, "note": note}, note or None)


def draw_residuals(bundle: Mapping[str, Any], *, dark: bool = False) -> Any:
    """A histogram of the residuals."""
    return new_figure([go.Histogram(x=bundle["residuals"])], dark=dark)


def audit(path: Path, _configs: Any, _resolved: Any) -> list[str]:
    """Whether the checkpoint can be read."""
    try:
        json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return [f"The checkpoint {Path(path).name} cannot be read."]
    return []


class TryCommand(Command):
    """Queue a trial of a timetable with a model's settings. Any number of them may go on at once."""

    run_id: str
    timetable_id: str
    settings_of: str

    def decide(self, state: AppState, env: Env) -> Changes:
        model = state.models[self.settings_of]
        return queued_run(
            state, env, run_id=self.run_id, subject=Subject(kind=contributing_family.KIND, id=self.timetable_id), key=self.run_id,
            family=NAME, model_type=MODEL_TYPE.name, framework="tensorflow", config=model.config, fingerprint=model.fingerprint,
            uses=model.uses, seed=0, code_version="1",
        )  # fmt: skip

    @property
    def words(self) -> str:
        return "Try a timetable"


MODEL_TYPE = ModelType(
    name="linear", title="Linear", description="Predicts one column from the others.", sections=nested_config.SECTIONS,
    length="epochs", sample=None, rules=nested_config.RULES,
    presets=(Preset("small", "Small", "Few units.", {"encoder.width": 8}), Preset("none", "Plain", "The defaults.", {})),
    resolve=resolve, check=nested_config.check, apply_preset=lambda preset, facts: dict(preset.values),
    suggest_name=lambda values: f"Linear {values['encoder.width']}", parameter_count=lambda values: values["inputs"],
    operations_per_epoch=lambda values, n: 4.0 * n * values["inputs"], aliases=dict,
    layered=Layered("Linear", "linear", ImportString(f"{HERE}:train")),
)  # fmt: skip

FAMILY = Family(
    name=NAME, title="Tables", description="For tests.", framework="tensorflow", models=(MODEL_TYPE,),
    data=DataSupport(
        describe=describe,
        sources=(DataSource("delays", "Delays", "Delays of trains.", ImportString(f"{HERE}:load"), Facts(3, 60)),),
        row=lambda facts: {"columns": facts.n + 1, "rows": facts.rows},
        columns=(Column("columns", "Columns", "count"), Column("rows", "Rows", "count")),
    ),
    trainer=ImportString(f"{HERE}:train"), audit=ImportString(f"{HERE}:audit"), load_bundle=ImportString(f"{HERE}:load_bundle"),
    figures=(Figure("residuals", "Residuals", "They should lie around nought.", ImportString(f"{HERE}:draw_residuals"), lambda *_: None, ("trimmed",)),),
    looking=Looking(
        ImportString(f"{HERE}:since"), ImportString(f"{HERE}:present"), (Dial("trimmed", "Left out", 0.0, 0.5, 0.1, 0.0, form="share"),)
    ),
    metrics=(Metric("error", "Mean error", "min", "lower", panel="errors", splits=("train", "validation")),),
    panels=(Panel("errors", "Errors", "Mean error over the epochs"),), watched=("validation/error",),
    kinds=contributing_family.FAMILY.kinds, pages=contributing_family.FAMILY.pages, routes=contributing_family.FAMILY.routes,
    verbs=contributing_family.FAMILY.verbs,
)  # fmt: skip
