"""What is trained over several devices, and on one, by a process that has eight: prints a line of JSON for each case.

`python -m tests.parallel.runs CASE ...`, or every case. A line tells the case, how far its two runs lie apart by what is compared, and
what their logs say.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from parallel.mesh import placed
from rcmvae.training.engine import Engine, EpochResult
from rcmvae.training.state import fresh_state
from tests.parallel.apart import apart
from tests.support.small_rcmvae import small_data, small_job, small_recipe
from tests.traffic.training.standin import wavy
from traffic.training import recipe as traffic_recipe
from traffic.training import trainer as traffic_trainer
from traffic.training.checkpoint_content import read
from traffic.training.script import make_task
from workbench.runs.scripted import QuietReporter

CONSISTENT = {
    "consistency_weight": 1.0,
    "consistency_threshold": 0.0,
    "augment_shift": 1,
    "augment_rotation": 10.0,
    "augment_colour": 0.2,
    "augment_flip": True,
}
EVEN = {"labelled_batch_size": 8}
RCMVAE: dict[str, dict[str, Any]] = {
    "standard": {"prior_type": "standard", **CONSISTENT, "labelled_batch_size": 5, "dropout_rate": 0.2},
    "mixture": {**EVEN, "dropout_rate": 0.2, "use_contrastive": True, "component_diversity_weight": -1.0, "dirichlet_alpha": 2.0},
    "decentralized": {**EVEN, "latent_layout": "decentralized", "decoder_conditioning": "cin", "use_gumbel_softmax": True, "soft_embedding_warmup_epochs": 1},
    "vamp": {**EVEN, "prior_type": "vamp", "component_embedding_dim": None, "vamp_num_samples_kl": 3},
    "geometric": {"prior_type": "geometric_mog", "use_gumbel_softmax": True, "top_m_gating": 2, "c_regularizer": "both"},
    "views": {**CONSISTENT, **EVEN, "dropout_rate": 0.2},
    "convolutions": {"encoder_type": "conv", "decoder_type": "conv", "reconstruction_loss": "mse", "use_heteroscedastic_decoder": True},
    "curriculum": {"curriculum_enabled": True, "curriculum_start": 3, "use_tau_classifier": False, "curriculum_patience": 1, "curriculum_min_delta": 0.5, "curriculum_cooldown": 0},
}  # fmt: skip
"""Name -> changes of a small model: every prior, and whatever else draws numbers, looks across a batch or is compiled apart."""

PLACES = np.array([[34.0, -118.2], [34.001, -118.2], [34.002, -118.2]])
SPLIT = {"plain": {"dropout_rate": 0.2}, "augmented": {**CONSISTENT, "dropout_rate": 0.2, "use_gumbel_softmax": True}}
"""Changes of models whose steps need of each other's rows nothing but sums."""

LENGTHS = {"sequence_length": 6, "prediction_length": 4}
DROPPED = {**LENGTHS, "dropout": 0.2}
DEEP = {**DROPPED, "embedding_dim": 8, "num_heads": 2}
POOLED = {"social_pooling": {"enabled": True, "knn_k": 2, "dropout": 0.2}}
# Adam moves weights whose gradients are next to nothing as far as others, and larger steps let rounding grow fast
PLAIN = {"optimizer": {"name": "sgd", "learning_rate": 0.002}}
TRAFFIC: dict[str, dict[str, Any]] = {
    "lstm": {"architecture": {**DROPPED, "hidden_size": 8, "num_layers": 2, "bidirectional": True, "quantiles": (0.1, 0.5, 0.9)}},
    "lstm pooled": {"architecture": {**DROPPED, **POOLED, "hidden_size": 8, "num_layers": 1}, "training": PLAIN},
    "lstm joint": {"architecture": {**DROPPED, "hidden_size": 8, "num_layers": 1}, "use": {"share_weights_across_vds": False}},
    "xlstm": {"architecture": {**DEEP, "num_blocks": 2, "slstm_at": (1,)}, "training": PLAIN},
    "transformer": {"architecture": {**DEEP, "num_layers": 1}, "training": PLAIN},
}  # fmt: skip
"""Name -> what a small run is made of; the name begins with its network's."""

PARTS: dict[str, dict[str, Any]] = {
    "lstm in parts": {**TRAFFIC["lstm"], "training": PLAIN},
    "lstm pooled in parts": TRAFFIC["lstm pooled"],
    "xlstm in parts": TRAFFIC["xlstm"],
}
"""Such runs where a processor trains on a few windows of a step at a time."""
PART_SEQUENCES = 9
"""Of three detectors: three windows a part, so that the 16 of a step come in six parts, and four devices have two, two, one and one."""


def rcmvae(case: str) -> dict[str, Any]:
    """Three epochs of a small RCM-VAE, engine alone."""
    # 37 images, of which the last batch of 16 has 5: one device has none of them
    data = small_data(37, 12, 11)
    recipe = small_recipe(data, **RCMVAE[case])
    first, second = (_epochs(Engine(replace(recipe, devices=devices), data)) for devices in (1, 4))
    return apart(first, second)


def _epochs(engine: Engine) -> dict[str, Any]:
    recipe = engine.recipe
    state = engine.begin(fresh_state(recipe, init_seed=0, random_seed=recipe.settings.random_seed, metrics=len(engine.metrics)))
    found: list[EpochResult] = []
    for _ in range(3):
        state, whole = engine.train_epoch(state, lambda _: False)
        assert whole
        assert len(state.counts.sharding.device_set) == recipe.devices
        state, result = engine.close_epoch(state, exact=True)
        if recipe.curriculum:
            state, _ = engine.unlock(state, result.validation["reconstruction_loss"])
        found.append(result)
    return {
        "epochs": [vars(result) for result in found], "parameters": state.parameters, "counts": state.counts,
        "claims": state.claims, "usage": state.usage, "active": state.curriculum.active,
    }  # fmt: skip


def rcmvae_run(_case: str) -> dict[str, Any]:
    """A whole run through the trainer on one device, and one that begins on all, stops after an epoch and goes on with one or as many."""
    from rcmvae.training.trainer import train

    def run(folder: Path, devices: int, *, stop: int | None = None, **more: Any) -> tuple[dict[str, Any], QuietReporter, Any]:
        reporter = QuietReporter(stop_after=stop)
        given = {"use_gumbel_softmax": True, "batch_size": 12, "labelled_batch_size": 5, "max_epochs": 2}
        summary = train(small_job(folder, devices=devices, job=more, **given), reporter)
        return {"epochs": _steady(reporter), "headline": summary.headline, "best_epoch": summary.best_epoch}, reporter, summary

    first, _, _ = run(_folder(), 1)
    begun, told, stopped = run(folder := _folder(), 8, stop=1)
    last = next(path for path, kind, _ in reversed(told.checkpoints) if kind == "last")
    rest, after, _ = run(_folder(), 1, resume_from=last)
    second = {**rest, "epochs": begun["epochs"] + rest["epochs"]}
    alike, _, _ = run(_folder(), 8, resume_from=last)
    through, _, _ = run(_folder(), 8)
    return {
        **apart(first, second),
        "logs": told.logs,
        "resumed": after.logs,
        "alike": apart(through, {**alike, "epochs": begun["epochs"] + alike["epochs"]})["differ"],
        "outcome": stopped.outcome,
        "files": sorted(p.name for p in folder.iterdir()),
    }


def traffic(case: str) -> dict[str, Any]:
    """A whole run of a small forecasting model, with its checkpoint and its test errors."""
    given = TRAFFIC[case]
    (first, _), (second, told) = (_forecasting(case.split()[0], devices, given) for devices in (1, 4))
    return {**apart(first, second), "logs": told.logs}


def traffic_in_parts(case: str) -> dict[str, Any]:
    """The same of steps that come in parts."""
    with few_at_once():
        given = PARTS[case]
        (first, _), (second, told) = (_forecasting(case.split()[0], devices, given) for devices in (1, 4))
    return {**apart(first, second), "logs": told.logs}


@contextmanager
def few_at_once() -> Iterator[None]:
    """A processor whose cache holds no more than PART_SEQUENCES."""
    before, traffic_recipe.CACHED_SEQUENCES = traffic_recipe.CACHED_SEQUENCES, PART_SEQUENCES
    try:
        yield
    finally:
        traffic_recipe.CACHED_SEQUENCES = before


def traffic_resumed(_case: str) -> dict[str, Any]:
    """A run on one device, and one that begins on one, stops after an epoch and goes on with all."""
    given = TRAFFIC["lstm joint"]
    first, _ = _forecasting("lstm", 1, given)
    through, _ = _forecasting("lstm", 8, given)
    half, said = _forecasting("lstm", 8, given, stop=1)
    other = next(path for path, kind, _ in reversed(said.checkpoints) if kind == "last")
    rest, _ = _forecasting("lstm", 8, given, resume_from=other)
    alike = apart(through, {**rest, "epochs": half["epochs"] + rest["epochs"]})["differ"]
    begun, told = _forecasting("lstm", 1, given, stop=1)
    last = next(path for path, kind, _ in reversed(told.checkpoints) if kind == "last")
    rest, after = _forecasting("lstm", 8, given, resume_from=last)
    return {**apart(first, {**rest, "epochs": begun["epochs"] + rest["epochs"]}), "logs": told.logs, "resumed": after.logs, "alike": alike}


def _forecasting(
    kind: str, devices: int, given: Mapping[str, Any], *, stop: int | None = None, **more: Any
) -> tuple[dict[str, Any], QuietReporter]:
    from traffic.training.trainer import train

    use = {"share_weights_across_vds": True, "window": LENGTHS, **given.get("use", {})}
    training = {"epochs": 2, "batch_size": 16, "devices": devices, **given.get("training", {})}
    data = wavy(300, 3, coordinates=PLACES)
    task = make_task(data, kind, folder=_folder(), architecture=given["architecture"], training=training, use=use, **more)
    reporter = QuietReporter(stop_after=stop)
    summary = train(task, reporter)
    parameters = {name: array for name, array in read(summary.kept).arrays.items() if name.startswith("parameters")}
    return {
        "epochs": _steady(reporter), "parameters": parameters, "headline": summary.headline, "best_epoch": summary.best_epoch,
    }, reporter  # fmt: skip


def _steady(reporter: QuietReporter) -> list[dict[str, Any]]:
    return [{name: value for name, value in epoch.items() if "second" not in name} for epoch in reporter.epochs]


def _folder() -> Path:
    return Path(tempfile.mkdtemp(dir=os.environ.get("TRELLIS_HOME")))


def split(_case: str) -> dict[str, Any]:
    """What devices tell each other in a step of each family: by kind of message, how often it stands in the compiled program."""
    with few_at_once():
        in_parts = _of_forecasting("lstm", TRAFFIC["lstm"])
    whole = _of_forecasting("transformer", TRAFFIC["transformer"])
    return {"traffic": whole, "traffic in parts": in_parts, **{name: _of_rcmvae(changes) for name, changes in SPLIT.items()}}


def _of_forecasting(kind: str, given: Mapping[str, Any]) -> dict[str, int]:
    use = {"share_weights_across_vds": True, "window": LENGTHS}
    task = make_task(wavy(300, 3), kind, folder=_folder(), architecture=given["architecture"], training={"devices": 8}, use=use)
    forecasting = traffic_trainer.engine_of(task)
    state = placed(traffic_trainer.start(task, forecasting), forecasting.recipe.devices)
    order = forecasting.functions.order(state.key, state.life_epoch, forecasting._train)
    steps = forecasting.functions.segment.lower(state, forecasting.series, order, np.float32(1), np.int32(0), np.int32(1))  # type: ignore[attr-defined]
    return _messages(steps.compile().as_text())


def _of_rcmvae(changes: Mapping[str, Any]) -> dict[str, int]:
    engine = Engine(replace(small_recipe(**{**changes, **EVEN}), devices=8), small_data())
    state = engine.begin(fresh_state(engine.recipe, init_seed=0, random_seed=0, metrics=len(engine.metrics)))
    order = engine.functions.order(state.key, state.life_epoch)
    arrays, _ = engine._chunk_arrays(order, engine._labelled_order(state, 0), 0, 1)
    chunk: Any = engine.functions.chunk
    return _messages(chunk.func.lower(*chunk.args, state, arrays, np.int32(0), np.int32(1)).compile().as_text())


def _messages(program: str) -> dict[str, int]:
    return {kind: program.count(f" {kind}(") for kind in ("all-reduce", "all-gather", "all-to-all", "collective-permute")}


CASES: dict[str, Callable[[str], dict[str, Any]]] = {
    **dict.fromkeys(RCMVAE, rcmvae), **dict.fromkeys(TRAFFIC, traffic), **dict.fromkeys(PARTS, traffic_in_parts),
    "rcmvae run": rcmvae_run, "traffic resumed": traffic_resumed, "split": split,
}  # fmt: skip


def lines(names: list[str]) -> Iterator[str]:
    """What each case says, as it is done."""
    for name in names:
        begun = time.process_time()
        found = CASES[name](name)
        yield json.dumps({"case": name, "seconds": round(time.process_time() - begun, 1), **found})


if __name__ == "__main__":
    for line in lines(sys.argv[1:] or list(CASES)):
        print(line, flush=True)
