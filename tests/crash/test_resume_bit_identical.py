"""A real model whose worker is killed in the middle and resumed ends with the very bits and metrics of one that was left alone."""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from rcmvae.training import codec
from tests.crash.processes import end_processes, open_bench, run_of, wait_for_epoch, wait_for_state, worker_pid
from traffic.training import checkpoint_content
from workbench.state import RunState

pytestmark = pytest.mark.crash


@dataclass(frozen=True)
class Case:
    """A network that compiles and trains in seconds; its checkpoints are sparse, so that a kill loses epochs that were done.

    Attributes:
        length: its epochs. killed_in: the epoch that must have been told before the kill. read: of a checkpoint's file.
        dataset: of its model; with `simulated`, its parameters, a source of which it is made. written: a file of the run to compare as well.
    """

    model: Mapping[str, Any]
    length: int
    killed_in: int
    read: Callable[[Any], Any]
    dataset: str
    simulated: Mapping[str, Any] = field(default_factory=dict)
    written: str | None = None


MIXTURE = Case(
    {
        "family": "rcmvae", "model_type": "rcmvae", "sample": {"num_samples": 400, "num_labeled": 60, "sampling_seed": 3},
        "values": {
            "prior_type": "mixture", "num_components": 10, "hidden_dims": [16], "max_epochs": 60, "patience": 0, "checkpoint_every_epochs": 4,
        },
    },
    60, 9, codec.read, "digits",
)  # fmt: skip
FORECASTER = Case(
    {
        "family": "traffic", "model_type": "lstm", "sample": {"num_vds": 5, "share_weights_across_vds": True, "targets": ("speed",)},
        "values": {
            "hidden_size": 16, "num_layers": 1, "epochs": 30, "batch_size": 16, "early_stopping": None, "save_checkpoint_every": 3,
            "optimizer.learning_rate": 3e-3,
        },
    },
    30, 4, checkpoint_content.read, "corridor_simulator", {"days": 7, "seed": 3}, "metrics.json",
)  # fmt: skip


@pytest.fixture
def bench(home):
    bench = open_bench(home)
    bench.runs.keep_watch()
    yield bench
    bench.close()
    end_processes(home)


def dataset_of(bench, case):
    if not case.simulated:
        return case.dataset
    return bench.datasets.create(
        actor="user:test", family=case.model["family"], source=case.dataset, name="Own", params=dict(case.simulated)
    ).id


def start(bench, case, dataset_id, name):
    model = bench.models.create(actor="user:test", dataset_id=dataset_id, name=name, **case.model)
    return bench.runs.start(actor="user:test", model_id=model.id)


def last_arrays(bench, case, run_id):
    run = run_of(bench, run_id)
    assert run.last_checkpoint is not None
    return run.last_checkpoint.epoch, case.read(bench.artefacts.verified(run.last_checkpoint.path, run.last_checkpoint.sha256)).arrays


@pytest.mark.parametrize(
    ("case", "artefacts_in"),
    [
        pytest.param(MIXTURE, "folder", id="rcmvae"), pytest.param(MIXTURE, "s3", id="rcmvae-s3"),
        pytest.param(FORECASTER, "folder", id="traffic"),
    ],
    indirect=["artefacts_in"],
)  # fmt: skip
def test_a_killed_and_resumed_run_equals_the_uninterrupted_one_bit_for_bit(bench, case):
    data = dataset_of(bench, case)
    whole = start(bench, case, data, "left alone")
    wait_for_state(bench, whole.id, RunState.COMPLETED)
    broken = start(bench, case, data, "killed")
    wait_for_epoch(bench, broken.id, case.killed_in)
    os.kill(worker_pid(bench, broken.id), signal.SIGKILL)
    killed = wait_for_state(bench, broken.id, RunState.INTERRUPTED)
    assert killed.last_checkpoint is not None
    assert 0 < killed.last_checkpoint.epoch < case.length
    bench.runs.resume(actor="user:test", run_id=broken.id)
    resumed = wait_for_state(bench, broken.id, RunState.COMPLETED)
    assert resumed.attempt == 2
    epoch, expected = last_arrays(bench, case, whole.id)
    resumed_epoch, got = last_arrays(bench, case, broken.id)
    assert epoch == resumed_epoch == case.length
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(np.asarray(got[name]), np.asarray(array), err_msg=name)
    assert (resumed.headline, resumed.units) == (run_of(bench, whole.id).headline, run_of(bench, whole.id).units)
    assert bool(resumed.units) == bool(case.simulated)
    if case.written is not None:
        assert file_of(bench, broken.id, case.written) == file_of(bench, whole.id, case.written)


def file_of(bench, run_id, name):
    return bench.artefacts.read_bytes(f"runs/{run_id}/attempt-{run_of(bench, run_id).attempt}/{name}")
