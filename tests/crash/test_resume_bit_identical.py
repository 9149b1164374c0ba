"""A real mixture VAE whose worker is killed in the middle and resumed ends with the very bits of one that was left alone."""

import os
import signal

import numpy as np
import pytest

from rcmvae.training import codec
from tests.crash.processes import end_processes, open_bench, run_of, wait_for_epoch, wait_for_state, worker_pid
from workbench.state import RunState

pytestmark = pytest.mark.crash

SMALL = {
    "prior_type": "mixture",
    "num_components": 10,
    "hidden_dims": [16],
    "max_epochs": 60,
    "patience": 0,
    "checkpoint_every_epochs": 4,
}
"""A network that compiles and trains in seconds; checkpoints are sparse, so that a kill loses epochs that were done."""


@pytest.fixture
def bench(home):
    bench = open_bench(home)
    bench.runs.keep_watch()
    yield bench
    bench.close()
    end_processes(home)


def make(bench, name):
    return bench.models.create(
        actor="user:test", family="rcmvae", model_type="rcmvae", dataset_id="digits", name=name,
        values=SMALL, sample={"num_samples": 400, "num_labeled": 60, "sampling_seed": 3},
    )  # fmt: skip


def start(bench, name):
    return bench.runs.start(actor="user:test", model_id=make(bench, name).id)


def arrays(bench, run_id):
    run = run_of(bench, run_id)
    assert run.last_checkpoint is not None
    return run.last_checkpoint.epoch, codec.read(bench.artefacts.verified(run.last_checkpoint.path, run.last_checkpoint.sha256)).arrays


@pytest.mark.parametrize("artefacts_in", ["folder", "s3"])
def test_a_killed_and_resumed_run_equals_the_uninterrupted_one_bit_for_bit(bench):
    whole = start(bench, "left alone")
    wait_for_state(bench, whole.id, RunState.COMPLETED)
    broken = start(bench, "killed")
    wait_for_epoch(bench, broken.id, 9)
    os.kill(worker_pid(bench, broken.id), signal.SIGKILL)
    killed = wait_for_state(bench, broken.id, RunState.INTERRUPTED)
    assert killed.last_checkpoint is not None
    assert 0 < killed.last_checkpoint.epoch < SMALL["max_epochs"]
    bench.runs.resume(actor="user:test", run_id=broken.id)
    resumed = wait_for_state(bench, broken.id, RunState.COMPLETED)
    assert resumed.attempt == 2
    epoch, expected = arrays(bench, whole.id)
    resumed_epoch, got = arrays(bench, broken.id)
    assert epoch == resumed_epoch == SMALL["max_epochs"]
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(np.asarray(got[name]), np.asarray(array), err_msg=name)
    assert resumed.headline == run_of(bench, whole.id).headline
