"""Whenever a run is stopped or killed, its diagnostics are there or can be computed: nobody has to train again for them."""

import os
import signal

import numpy as np
import pytest

from rcmvae.active.asking import predict
from tests.crash.processes import end_processes, open_bench, run_of, wait_for_epoch, wait_for_state, worker_pid
from workbench.commands.base import CommandError
from workbench.runs import diagnosing
from workbench.services.diagnosis import bundle_path, computed
from workbench.state import RunState

pytestmark = pytest.mark.crash

WRITTEN = {"diagnostics.npz", "summary.json", "REPORT.md", "report.html", "log.txt", "environment.json", "metrics.parquet"}


@pytest.fixture
def bench(home):
    bench = open_bench(home, stop_grace_seconds=1.0, lease_seconds=15.0, heartbeat_seconds=2.0)
    bench.runs.keep_watch()
    yield bench
    bench.close()
    end_processes(home)


def start(bench, dataset, sample, **values):
    model = bench.models.create(
        actor="user:test", family="rcmvae", model_type="rcmvae", dataset_id=dataset, values={"patience": 0, **values},
        sample={"num_labeled": 60, "sampling_seed": 3, **sample},
    )  # fmt: skip
    return bench.runs.start(actor="user:test", model_id=model.id)


def written(bench, run):
    return {entry.name for entry in bench.runs.artefacts(run.id)}


def test_a_stop_in_the_third_epoch_with_a_second_of_grace_keeps_or_gets_everything(bench):
    run = start(bench, "mnist", {"num_samples": 1024}, max_epochs=200, prior_type="mixture", num_components=10)
    wait_for_epoch(bench, run.id, 2)
    bench.runs.request_stop(actor="user:test", run_id=run.id)
    stopped = wait_for_state(bench, run.id, RunState.STOPPED)
    # The epoch itself may not end within a second on a busy machine; then the last checkpoint counts, and what is missing is computed.
    assert computed(bench, stopped) == bench.artefacts.path(f"runs/{run.id}/diagnostics.npz")
    said = [event.payload.get("message") for event in bench.runs.events(run.id).items if event.kind == "log"]
    assert written(bench, stopped) >= WRITTEN, said
    assert run_of(bench, run.id).headline["accuracy"] is not None
    assert predict(bench, stopped.subject.id, split="test").columns


def test_diagnostics_of_a_killed_run_are_those_that_its_checkpoint_gives(bench):
    values = {"hidden_dims": [16], "prior_type": "mixture", "num_components": 10}
    run = start(bench, "digits", {"num_samples": 400}, max_epochs=3000, **values)
    wait_for_epoch(bench, run.id, 3)
    assert diagnosing.why_not(bench.state(), run.id) is not None
    os.kill(worker_pid(bench, run.id), signal.SIGKILL)
    killed = wait_for_state(bench, run.id, RunState.INTERRUPTED)
    assert bundle_path(bench, killed) is None
    looks = iter([False, True])
    assert not diagnosing.in_process(bench, run.id, lambda: next(looks))
    assert bundle_path(bench, killed) is None, "cancelled, its process was ended before it wrote anything"
    with np.load(computed(bench, killed)) as file:
        first = dict(file)
    assert written(bench, killed) >= WRITTEN
    headline = run_of(bench, run.id).headline
    assert headline["accuracy"] is not None
    with pytest.raises(CommandError, match="has its diagnostics"):
        diagnosing.in_process(bench, run.id)
    bundle = bench.artefacts.path(f"runs/{run.id}/diagnostics.npz")
    for lose in (bundle.unlink, lambda: bundle.write_bytes(b"torn")):
        lose()
        assert bundle_path(bench, killed) is None
        with np.load(computed(bench, killed)) as again:
            for name, array in first.items():
                np.testing.assert_array_equal(again[name], array, err_msg=name)
        assert run_of(bench, run.id).headline == headline
