"""A tiny family without an array framework, for tests of the core, of runs and of pages.

Its trainer needs no more than JSON: `max_epochs` epochs of `seconds_per_epoch` each, in which one number is
learned. It stops, resumes, fails at `fail_at_epoch`, ends abruptly at `die_at_epoch` and neither goes on nor stops at
`hang_at_epoch`, as real ones may.
Register it in a test with `register(monkeypatch)`, in a fresh process with `register()`.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from rcmvae.data import samples
from rcmvae.family import FAMILY as rcmvae
from rcmvae.holding import HOLDING
from tests.support.fake_data import DATA, Tiny, TinyFacts
from workbench import families
from workbench.artefacts import write_atomic
from workbench.families import (
    DerivedRule,
    Family,
    ImportString,
    Layered,
    Metric,
    ModelType,
    NewModel,
    Panel,
    Prepared,
    Preset,
)
from workbench.fields import Auto, ConfigError, ConfigModel, FieldProblem, Modifiable, Structural, field, when
from workbench.runs.job import Job, Reporter, Summary

NAME = "fake"


class Architecture(ConfigModel):
    """Structural half."""

    input_shape: Structural[tuple[int, ...]] = field(label="Shape", section="Data", ge=1, le=64, min_items=3, max_items=3, in_form=False)
    num_classes: Structural[int] = field(label="Classes", section="Data", ge=0, le=1000, in_form=False)
    shape: Structural[Literal["plain", "mixed"]] = field("mixed", label="Shape of the model", section="Model")
    width: Structural[int] = field(8, label="Width", section="Model", ge=1, le=512)
    parts: Structural[int | Auto] = field("auto", label="Parts", section="Model", ge=2, le=100, applies_when=when(shape="mixed"))
    layers: Structural[tuple[int, ...]] = field((4, 2), label="Layers", section="Model", ge=1, le=64, min_items=1, max_items=4)
    future: Structural[bool] = field(False, label="Future", section="Model", unavailable="it comes later")


class Training(ConfigModel):
    """Modifiable half."""

    max_epochs: Modifiable[int] = field(3, label="Epochs", section="Training", ge=1, le=100_000)
    learning_rate: Modifiable[float] = field(0.1, label="Learning rate", section="Training", gt=0, le=1, log_scale=True)
    random_seed: Modifiable[int] = field(42, label="Seed", section="Training", ge=0)
    clip: Modifiable[float | None] = field(5.0, label="Clipping", section="Training", gt=0)
    monitor: Modifiable[Literal["loss", "accuracy"]] = field("loss", label="Monitor", section="Training")
    use_noise: Modifiable[bool] = field(False, label="Noise", section="Noise")
    noise_scale: Modifiable[float] = field(1.0, label="Noise scale", section="Noise", ge=0, applies_when=when(use_noise=True))
    noise_kind: Modifiable[Literal["white", "pink"]] = field(
        "white", label="Kind of noise", section="Noise", applies_when=when(use_noise=True)
    )
    mixing: Modifiable[float] = field(0.5, label="Mixing", section="Training", ge=0, le=1, applies_when=when(shape="mixed"))
    seconds_per_epoch: Modifiable[float] = field(0.0, label="Seconds an epoch", section="Training", ge=0)
    fail_at_epoch: Modifiable[int] = field(0, label="Fail at", section="Training", ge=0)
    die_at_epoch: Modifiable[int] = field(0, label="Die at", section="Training", ge=0)
    hang_at_epoch: Modifiable[int] = field(0, label="Hang at", section="Training", ge=0)


class SampleSettings(ConfigModel):
    """The sample."""

    num_samples: Structural[int] = field(40, label="Samples", section="Dataset", ge=1)
    num_labeled: Structural[int] = field(6, label="Labelled", section="Dataset", ge=0)
    sampling_seed: Structural[int] = field(0, label="Seed", section="Dataset", ge=0)
    val_split: Structural[float] = field(0.25, label="Validation share", section="Dataset", ge=0, le=0.5)


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """Replace autos."""
    full = {name: info.default for t in (Architecture, Training) for name, info in t.model_fields.items() if not info.is_required()}
    full |= values
    if full["parts"] == "auto":
        full["parts"] = max(2, full.get("num_classes", 2))
    return full


def check(architecture: ConfigModel, training: ConfigModel, facts: TinyFacts | None) -> list[FieldProblem]:
    """Rules across fields."""
    v = resolve(architecture.model_dump() | training.model_dump())
    problems = []
    if v["use_noise"] and v["noise_scale"] == 0:
        problems.append(FieldProblem("noise_scale", "is 0, so the noise does nothing", 0.0, warning=True))
    if facts is None:
        return problems
    classes = max(len(facts.class_names), facts.vocabulary)
    if v["shape"] == "mixed" and v["parts"] < classes:
        problems.append(FieldProblem("parts", f"needs at least one part per class: {classes} classes, {v['parts']} parts", v["parts"]))
    if v["shape"] == "plain" and facts.vocabulary > v["num_classes"]:
        problems.append(FieldProblem("num_classes", f"has {v['num_classes']} outputs, not {facts.vocabulary}", v["num_classes"]))
    return problems


def preflight(architecture: ConfigModel, training: ConfigModel, facts: TinyFacts) -> list[FieldProblem]:
    """Rules at Start."""
    t: Any = training
    if t.monitor == "accuracy" and facts.n_labelled_validation == 0:
        return [FieldProblem("monitor", "accuracy needs labelled validation rows, and there are none", "accuracy", "Use monitor=loss.")]
    return []


def check_sample(sample: ConfigModel, facts: TinyFacts | None) -> list[FieldProblem]:
    """Rules of the sample."""
    s: Any = sample
    if s.num_labeled > s.num_samples:
        return [FieldProblem("num_labeled", f"{s.num_labeled} labelled samples are more than the {s.num_samples} in total", s.num_labeled)]
    if facts is not None and s.num_samples > facts.n_train:
        return [FieldProblem("num_samples", f"{s.num_samples} samples are more than the {facts.n_train} there are", s.num_samples)]
    return []


def aliases(values: Mapping[str, Any]) -> dict[str, Any]:
    """`use_mixture` is an older name for the shape."""
    values = dict(values)
    if "use_mixture" in values:
        wanted = values.pop("use_mixture")
        if not isinstance(wanted, bool):
            raise ConfigError([FieldProblem("use_mixture", "must be true or false", wanted)])
        values["shape"] = "mixed" if wanted else "plain"
    return values


def draw_sample(dataset: Tiny, settings: ConfigModel) -> dict[str, Any]:
    """A seeded sample."""
    s: Any = settings
    rows = [int(i) for i in range(len(dataset.images)) if i not in set(dataset.test.tolist())]
    chosen = sorted(random.Random(s.sampling_seed).sample(rows, s.num_samples))
    n_validation = round(len(chosen) * s.val_split)
    validation, train = chosen[:n_validation], chosen[n_validation:]
    if s.num_labeled > len(train):
        raise ConfigError([FieldProblem("num_labeled", f"{s.num_labeled} are more than the {len(train)} training rows", s.num_labeled)])
    sets = {"train": train, "validation": validation, "test": dataset.test, "initially_labelled": train[: s.num_labeled]}
    return {name: np.asarray(rows, dtype=np.int32) for name, rows in sets.items()}


def prepare(new: NewModel) -> Prepared:
    """A new model's sample, drawn by this family."""
    return samples.prepare(new, draw_sample)


def train(job: Job, reporter: Reporter) -> Summary:
    """Learn one number: it moves by the learning rate times a seeded draw each epoch."""
    t: Any = job.configs["training"]
    state = {"fingerprint": job.fingerprint, "value": 0.0, "epoch": 0, "life_epoch": 0}
    if job.resume_from is not None:
        state = read_checkpoint(job.resume_from)
    elif job.start_from is not None:
        state = read_checkpoint(job.start_from) | {"epoch": 0}
    begun = time.monotonic()
    checkpoints = job.folder / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    path: Path | None = job.resume_from
    outcome: Literal["completed", "stopped"] = "completed"
    while state["epoch"] < t.max_epochs:
        if reporter.should_stop() and path is not None:
            outcome = "stopped"
            break
        epoch = int(state["epoch"]) + 1
        wait_until = time.monotonic() + t.seconds_per_epoch
        while time.monotonic() < wait_until and not reporter.should_stop():
            time.sleep(min(0.01, max(0.0, wait_until - time.monotonic())))
            reporter.progress(epoch, t.max_epochs, 0.5)
        if epoch == t.fail_at_epoch:
            raise RuntimeError(f"the loss is not finite at epoch {epoch}")
        if epoch == t.hang_at_epoch:
            reporter.progress(epoch, t.max_epochs, 0.5)
            time.sleep(3600)
        if epoch == t.die_at_epoch:
            os._exit(9)
        state["value"] += t.learning_rate * random.Random(f"{t.random_seed}-{epoch}").random()
        state |= {"epoch": epoch, "life_epoch": int(state["life_epoch"]) + 1}
        metrics = {"train/loss": 1.0 / (1.0 + state["value"]), "validation/loss": 1.1 / (1.0 + state["value"])}
        reporter.epoch(epoch, t.max_epochs, metrics, int(state["life_epoch"]))
        reporter.diagnostics("mixture", {"pi": [0.5, 0.5], "usage": [0.4, 0.6]})
        path = checkpoints / f"last-{epoch}.json"
        write_atomic(path, json.dumps(state).encode())
        reporter.checkpoint(path, "last", epoch)
    assert path is not None
    reporter.log(f"value {state['value']:.6f}")
    headline = {"loss": 1.0 / (1.0 + state["value"])}
    metrics_table = {
        "training": {"loss": {"value": headline["loss"], "split": "train", "n": len(job.inputs.sample["train"]), "state": "success"}}
    }
    return Summary(outcome, int(state["epoch"]), path, headline, metrics_table, seconds=time.monotonic() - begun)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A fake checkpoint's content."""
    return json.loads(Path(path).read_bytes())


def audit(path: Path, configs: Mapping[str, ConfigModel], resolved: Mapping[str, Any]) -> list[str]:
    """Mismatches of a fake checkpoint: its file must hold JSON with a fingerprint."""
    try:
        content = read_checkpoint(path)
    except (OSError, ValueError):
        return [f"The checkpoint {Path(path).name} cannot be read."]
    width = content.get("width", resolved["width"])
    return [] if width == resolved["width"] else [f"The checkpoint has width={width}, but the model has width={resolved['width']}."]


def load_bundle(path: Path) -> Any:
    """The fake family has no diagnostics."""
    raise FileNotFoundError(path)


def build(architecture: Architecture, training: Training) -> tuple[Architecture, Training]:
    """A model: its two configs."""
    return architecture, training


RULES = (
    DerivedRule("input_shape", "shape of the dataset", lambda _, facts: tuple(facts.shape)),
    DerivedRule("num_classes", "classes of the dataset", lambda _, facts: len(facts.class_names)),
)
MODEL_TYPE = ModelType(
    name="toy",
    title="Toy",
    description="Learns one number.",
    sections={"architecture": Architecture, "training": Training},
    length="max_epochs",
    seed="random_seed",
    rules=RULES,
    sample=SampleSettings,
    presets=(Preset("plain", "Plain", "The defaults, plain.", {"shape": "plain"}), Preset("mixed", "Mixed", "Mixed.", {"shape": "mixed"})),
    resolve=resolve,
    check=check,
    apply_preset=lambda preset, facts: dict(preset.values),
    suggest_name=lambda values: f"Toy {resolve(values)['shape']} {resolve(values)['width']}",
    parameter_count=lambda values: resolve(values)["width"] * 4,
    operations_per_epoch=lambda values, n: float(n * resolve(values)["width"]),
    aliases=aliases,
    layered=Layered("Toy", "toy", ImportString("tests.support.fake_family:build"), seeds=("training.random_seed",)),
    check_sample=check_sample,
    preflight=preflight,
    holds=replace(HOLDING, prepare=ImportString("tests.support.fake_family:prepare")),
)

_HERE = "tests.support.fake_family"


FAMILY = Family(
    name=NAME,
    title="Fake",
    description="For tests.",
    framework="jax",
    models=(MODEL_TYPE,),
    data=DATA,
    draw_sample=ImportString(f"{_HERE}:draw_sample"),
    trainer=ImportString(f"{_HERE}:train"),
    audit=ImportString(f"{_HERE}:audit"),
    load_bundle=ImportString(f"{_HERE}:load_bundle"),
    abilities={name: ImportString(f"tests.support.fake_abilities:{name}") for name in ("density", "suggest", "predict", "label_curve")},
    verbs=rcmvae.verbs,
    routes=rcmvae.routes,
    try_it=("tiny", "toy", "mixed"),
    metrics=(
        Metric("loss", "Loss", direction="lower", panel="loss", splits=("train", "validation")),
        Metric("accuracy", "Accuracy", direction="higher", format="share", panel="loss"),
    ),
    panels=(Panel("loss", "Loss", "Loss over the epochs"),),
    watched=("validation/accuracy", "validation/loss", "train/loss"),
)


def register(monkeypatch: Any = None) -> None:
    """Make the fake family the only one, until the test ends or for the rest of the process."""
    only = {NAME: f"{_HERE}:FAMILY"}
    if monkeypatch is None:
        families.FAMILIES = only
    else:
        monkeypatch.setattr(families, "FAMILIES", only)
    families.family.cache_clear()
