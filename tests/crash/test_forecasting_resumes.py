"""A real forecasting model whose worker is killed within an epoch and resumed ends with the metrics and the bits of one left alone."""

import os
import signal

import numpy as np
import pytest

from tests.crash.processes import end_processes, open_bench, run_of, told_progress, wait_for_epoch, wait_for_state, worker_pid
from traffic.training.checkpoint_content import read
from workbench.state import RunState

pytestmark = pytest.mark.crash

SMALL = {
    "hidden_size": 16, "num_layers": 1, "epochs": 30, "batch_size": 16, "early_stopping": None, "save_checkpoint_every": 3,
    "optimizer.learning_rate": 3e-3,
}  # fmt: skip
"""A network that compiles and trains in seconds; checkpoints are sparse, so that a kill loses epochs that were done."""

WEEK = {"days": 7, "seed": 3}
USE = {"num_vds": 5, "share_weights_across_vds": True, "targets": ("speed",)}


@pytest.fixture
def bench(home):
    bench = open_bench(home)
    bench.runs.keep_watch()
    yield bench
    bench.close()
    end_processes(home)


def start(bench, name, dataset_id):
    model = bench.models.create(
        actor="user:test", family="traffic", model_type="lstm", dataset_id=dataset_id, name=name, values=SMALL, sample=USE
    )  # fmt: skip
    return bench.runs.start(actor="user:test", model_id=model.id)


def last_arrays(bench, run_id):
    run = run_of(bench, run_id)
    assert run.last_checkpoint is not None
    return run.last_checkpoint.epoch, read(bench.artefacts.path(run.last_checkpoint.path)).arrays


def metrics(bench, run_id):
    run = run_of(bench, run_id)
    return bench.artefacts.read_bytes(f"runs/{run_id}/attempt-{run.attempt}/metrics.json")


def test_a_killed_and_resumed_run_equals_the_uninterrupted_one_bit_for_bit(bench):
    data = bench.datasets.create(actor="user:test", family="traffic", source="corridor_simulator", name="A week", params=WEEK)
    whole = start(bench, "left alone", data.id)
    wait_for_state(bench, whole.id, RunState.COMPLETED)
    broken = start(bench, "killed", data.id)
    wait_for_epoch(bench, broken.id, 4)
    assert told_progress(bench, broken.id) or run_of(bench, broken.id).epochs_done < SMALL["epochs"]
    os.kill(worker_pid(bench, broken.id), signal.SIGKILL)
    killed = wait_for_state(bench, broken.id, RunState.INTERRUPTED)
    assert killed.last_checkpoint is not None
    assert 0 < killed.last_checkpoint.epoch < SMALL["epochs"]
    bench.runs.resume(actor="user:test", run_id=broken.id)
    resumed = wait_for_state(bench, broken.id, RunState.COMPLETED)
    assert resumed.attempt == 2
    epoch, expected = last_arrays(bench, whole.id)
    resumed_epoch, got = last_arrays(bench, broken.id)
    assert epoch == resumed_epoch == SMALL["epochs"]
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(got[name], array, err_msg=name)
    assert metrics(bench, broken.id) == metrics(bench, whole.id)
    assert resumed.headline == run_of(bench, whole.id).headline
