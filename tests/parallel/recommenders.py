"""Recommenders that are trained over several devices, and on one, by a process that has eight: prints a line of JSON for each case.

`python -m tests.parallel.recommenders CASE ...`, or every case.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from recsys.model.layers import BatchNorm, Dense, Dropout, LayerNorm
from recsys.training import trainer
from recsys.training.legacy_keras import tf
from tests.parallel.apart import apart
from tests.recsys.codegen.tiny import Silent, config_of, data_of, run
from tests.recsys.codegen.tiny import trainer as trainer_of
from tests.recsys.training.reported import Reported
from tests.recsys.training.test_trainer import Cancelled, job_of

EVERY = (Dense(units=16, l2_reg=0.01), BatchNorm(), Dropout(rate=0.3), Dense(units=8, activation=None))
# of 800 rows the last batch has two: some of three devices or more have no row of it
BATCH = 133
CASES: dict[str, dict[str, Any]] = {
    "retrieval": {
        "kind": "retrieval", "data": "history", "devices": 8, "layers": EVERY, "learning_rate": 0.01, "output_l2": 0.01, "temperature": 0.7,
        "clipnorm": 1.0,
    },
    "accidental hits": {
        "kind": "retrieval", "remove_accidental_hits": True, "sampling_correction": "none", "optimizer": "rmsprop", "learning_rate": 0.002,
    },
    "hard negatives": {"kind": "retrieval", "num_hard_negatives": 20, "optimizer": "sgd", "learning_rate": 0.001},
    "ranking": {
        "kind": "ranking", "data": "hostile", "devices": 2, "layers": (LayerNorm(), *EVERY), "optimizer": "adam", "learning_rate": 0.002, "loss_reduction": "sum",
    },
    "multitask": {"kind": "multitask", "data": "history", "layers": EVERY, "learning_rate": 0.01, "histogram_epochs": 2},
    "multitask by chance": {
        "kind": "multitask", "loss_balance": "chance", "optimizer": "adamw", "learning_rate": 0.002, "share": True, "devices": 2,
    },
    "multitask without balance": {
        "kind": "multitask", "loss_balance": "none", "optimizer": "sgd", "learning_rate": 0.001, "devices": 2,
    },
}  # fmt: skip
"""Name -> a small model: every type, optimiser and layer, and whatever looks across a batch."""
TIMED = ("epoch_seconds", "rows_per_second")


class Followed(Silent):
    """An observer that keeps histograms, too: what of them rounding does not lead into another bin."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.layers: list[Any] = []

    def histograms(self, epoch: int, layers: Any) -> None:
        for layer in layers:
            parts = (layer["weights"], layer["gradients"] or {"norm": 0.0})
            self.layers.append([{name: value for name, value in part.items() if name != "counts"} for part in parts])


def model(case: str) -> dict[str, Any]:
    """Two epochs of a small model on one device and on several."""
    given = {"data": "ids", "devices": 3, **CASES[case]}
    data, devices = data_of(given.pop("data")), given.pop("devices")
    config = config_of(given.pop("kind"), batch_size=BATCH, **given)
    module, kinds = trainer_of(config, data), set[tuple[str, str]]()
    first, _ = _trained(config, data, 1, module=module)
    _note_gradients(module, kinds)
    second, trained = _trained(config, data, devices, module=module)
    return {**apart(first, second), "copies": _unlike(trained.model), "gradients": sorted(kinds)}


def _trained(config: Any, data: Any, devices: int, observer: Any = None, **options: Any) -> tuple[dict[str, Any], Any]:
    followed = observer or Followed()
    trained = run(config, data, followed, devices=[f"CPU:{place}" for place in range(devices)], **options)
    return {"epochs": _steady(followed.epochs), "state": trained.state(), "layers": followed.layers}, trained


def _note_gradients(module: Any, kinds: set[tuple[str, str]]) -> None:
    """Note for tables and for other weights as what their gradients reach the optimiser."""
    make = module.make_optimizer

    def noting() -> Any:
        optimizer = make()
        apply = optimizer.apply_gradients

        def note(pairs: Any, **given: Any) -> Any:
            pairs = list(pairs)
            for gradient, variable in pairs:
                sparse = isinstance(gradient, tf.IndexedSlices)
                kinds.add(("table" if "table" in variable.name else "other", "rows" if sparse else "whole"))
            return apply(pairs, **given)

        optimizer.apply_gradients = note
        return optimizer

    module.make_optimizer = noting


def _steady(epochs: Any) -> list[dict[str, float]]:
    return [{name: value for name, value in epoch.items() if not name.endswith(TIMED)} for epoch in epochs]


def _unlike(model: Any) -> list[int]:
    """How many devices have each variable, and how many of them are not bit for bit what the first has."""
    held = [variable.values for variable in [*model.variables, *model.optimizer.variables]]
    unlike = sum(not np.array_equal(copy.numpy(), copies[0].numpy()) for copies in held for copy in copies)
    return [min(len(copies) for copies in held), unlike]


def stopped(_case: str) -> dict[str, Any]:
    """A training of three devices that is stopped within an epoch goes on with three, and with one."""
    data = data_of("ids")
    config = config_of("ranking", layers=EVERY, batch_size=BATCH, learning_rate=0.01)
    whole, _ = _trained(config, data, 3)
    broken = Followed(stop_at=(2, 2))
    half, trained = _trained(config, data, 3, broken)
    resume = {"state": trained.state(), "epoch": trained.epochs, "batch": trained.batches}
    alike, other = ({**_trained(config, data, devices, resume=resume)[0]} for devices in (3, 1))
    for one in (alike, other):
        one["epochs"] = half["epochs"] + one["epochs"]
    return {**apart(whole, other), "alike": apart(whole, alike)["differ"], "place": [trained.epochs, trained.batches]}


def trial(_case: str) -> dict[str, Any]:
    """A whole run on one device, and one that begins on one, is stopped after an epoch and goes on with three to its exported model."""
    first, folder = _trial(1), _folder()
    begun = _trial(1, folder, stop=True)
    rest = _trial(3, folder, resume_from=begun["kept"])
    rest = {**rest, "epochs": begun["epochs"] + rest["epochs"]}
    one, other = ({name: of[name] for name in ("epochs", "headline", "served")} for of in (first, rest))
    return {**apart(one, other), "alone": _said(first), "resumed": _said(rest)}


def _trial(devices: int, folder: Path | None = None, *, stop: bool = False, resume_from: Path | None = None) -> dict[str, Any]:
    reporter = Cancelled() if stop else Reported()
    top = folder or _folder()
    job = job_of(top, "multitask", attempt=2 if resume_from else 1, epochs=2, batch_size=BATCH, learning_rate=0.01)
    job.resume_from = resume_from
    job.configs["training"] = job.configs["training"].model_copy(update={"devices": devices})
    summary = trainer.train(job, cast(Any, reporter))
    return {
        "epochs": _steady(metrics for _, _, metrics, _ in reporter.of("epoch")),
        "kept": summary.kept, "headline": summary.headline, "logs": reporter.of("log"), "served": _served(top),
    }  # fmt: skip


def _served(top: Path) -> list[float]:
    """The scores that an exported model answers a request with."""
    loaded: Any = tf.saved_model.load(str(top / "saved_model"))
    answer = loaded.signatures["serving_default"](**_request(loaded.signatures["serving_default"]))
    return sorted(float(value) for value in np.ravel(answer["scores"].numpy()))[-20:]


def _request(signature: Any) -> Mapping[str, Any]:
    specs = signature.structured_input_signature[1]
    return {name: tf.zeros([1], spec.dtype) if spec.dtype != tf.string else tf.constant(["C1"]) for name, spec in specs.items()}


def _said(of: Mapping[str, Any]) -> list[str]:
    return [line for line in of["logs"] if "evice" in line]


def _folder() -> Path:
    return Path(tempfile.mkdtemp(dir=os.environ.get("TRELLIS_HOME")))


RUN: dict[str, Callable[[str], dict[str, Any]]] = {**dict.fromkeys(CASES, model), "stopped": stopped, "trial": trial}


if __name__ == "__main__":
    for name in sys.argv[1:] or RUN:
        begun = time.process_time()
        found = RUN[name](name)
        print(json.dumps({"case": name, "seconds": round(time.process_time() - begun, 1), **found}), flush=True)
