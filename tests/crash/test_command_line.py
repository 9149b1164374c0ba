"""The command line in real processes: Ctrl+C or SIGTERM ends a run cleanly, and a killed command line takes no run with it."""

import os
import signal
import subprocess
import sys

import pytest

from tests.crash.processes import ROOT, SHORT, wait_for_epoch, wait_for_state, wait_until
from workbench.state import RunState

pytestmark = pytest.mark.crash

LONG = ("--set", "max_epochs=5000", "--set", "seconds_per_epoch=0.02")


@pytest.fixture
def train(fake_bench):
    """train(): `trellis train` of a long run as a process, and the id of that run once it has done two epochs."""
    started = []

    def begin(*options):
        settings = {f"TRELLIS_{name.upper()}": str(value) for name, value in SHORT.items()}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.fake_cli", "train", "--preset", "mixed", "--data", "tiny", *LONG, *options],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **settings, "TRELLIS_HOME": str(fake_bench.settings.home)},
        )  # fmt: skip
        started.append(process)
        run_id = wait_until(lambda: next(iter(fake_bench.state().runs), None), "the run to be queued")
        wait_for_epoch(fake_bench, run_id, 2)
        return process, run_id

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_the_run_after_a_clean_checkpoint_and_exit_with_130(fake_bench, train, how):
    process, run_id = train()
    process.send_signal(how)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "stopped after" in out
    assert "Traceback" not in err
    run = wait_for_state(fake_bench, run_id, RunState.STOPPED)
    assert run.reason == "Stopped as asked; the trained weights are kept."
    weights = fake_bench.state().models[run.subject.id].weights
    assert weights.epoch == run.epochs_done >= 2


def test_a_killed_command_line_leaves_its_run_training(fake_bench, train):
    process, run_id = train()
    process.kill()
    process.wait()
    done = fake_bench.state().runs[run_id].epochs_done
    wait_for_epoch(fake_bench, run_id, done + 3)
    fake_bench.runs.request_stop(actor="user:test", run_id=run_id)
    wait_for_state(fake_bench, run_id, RunState.STOPPED)
