"""Small runs for tests: a task, and what it kept."""

from __future__ import annotations

from pathlib import Path

from tests.traffic.training.standin import wavy
from traffic.bundle import TrafficBundle
from traffic.bundle import load as load_bundle
from traffic.training.script import make_task
from traffic.training.task import Task
from workbench.runs.job import Summary

ARCHITECTURE = {"hidden_size": 8, "num_layers": 1, "head": "mlp", "sequence_length": 6, "prediction_length": 4, "sensor_embedding_dim": 2}
TRAINING = {"epochs": 4, "batch_size": 64, "optimizer": {"learning_rate": 1e-2}, "save_checkpoint_every": 2}
USE = {"share_weights_across_vds": True, "window": {"sequence_length": 6, "prediction_length": 4}}


def task_of(folder: Path, *, data=None, **more) -> Task:
    given = {
        name: {**usual, **more.pop(name, {})} for name, usual in (("architecture", ARCHITECTURE), ("training", TRAINING), ("use", USE))
    }
    return make_task(wavy(900) if data is None else data, "lstm", folder=folder, **given, **more)


def bundle_of(summary: Summary) -> TrafficBundle:
    """What a run kept for its figures."""
    assert summary.bundle is not None
    return load_bundle(summary.bundle)
