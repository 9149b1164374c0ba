"""A sweep outlives the server that drove it: killed in the middle, the next one goes on with the same trials."""

import os
import signal
import subprocess
import sys

import pytest

from tests.crash.processes import ROOT, SHORT, wait_for_epoch, wait_until, worker_pid
from tests.crash.test_server import Server, free_port
from workbench.sweeps.records import trials_of

pytestmark = pytest.mark.crash

SETTINGS = {
    "space": ["learning_rate=0.01..1:log", "random_seed=1..99"],
    "sampler": "tpe",
    "pruner": "none",
    "trials": 6,
    "seed": 3,
}


def trials(bench, sweep):
    return [run.trial for run in trials_of(bench.state(), sweep.id) if run.trial is not None]


def test_a_sweep_goes_on_after_its_server_was_killed_and_tries_what_it_would_have_tried(fake_bench):
    bench = fake_bench
    bench.end_watch()
    values = {"max_epochs": 5, "seconds_per_epoch": 0.1}
    model = bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)
    first = Server(bench.settings.home, free_port())
    begun = first.post("/api/sweeps", {"model_id": model.id, **SETTINGS})
    sweep = bench.sweeps.get(begun["id"])
    wait_until(lambda: len(trials_of(bench.state(), sweep.id)) >= 2, "a second trial")
    first.kill()
    assert bench.sweeps.get(sweep.id).state == "running"
    second = Server(bench.settings.home, free_port())
    try:
        wait_until(lambda: bench.sweeps.get(sweep.id).state == "completed", "the end of the sweep")
        assert [(trial.number, trial.told) for trial in trials(bench, sweep)] == [(number, "completed") for number in range(1, 7)]
        again = second.post("/api/sweeps", {"model_id": model.id, **SETTINGS})
        whole = bench.sweeps.get(again["id"])
        wait_until(lambda: bench.sweeps.get(whole.id).state == "completed", "the end of an undisturbed sweep")
        assert [trial.values for trial in trials(bench, whole)] == [trial.values for trial in trials(bench, sweep)]
    finally:
        second.kill()


def test_a_trial_whose_worker_was_killed_is_gone_on_with(fake_bench):
    bench = fake_bench
    values = {"max_epochs": 20, "seconds_per_epoch": 0.1}
    model = bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)
    sweep = bench.sweeps.create(actor="user:test", model_id=model.id, settings={**SETTINGS, "trials": 1})
    bench.keep_watch()
    (run,) = wait_until(lambda: trials_of(bench.state(), sweep.id), "a trial")
    wait_for_epoch(bench, run.id, 3)
    os.kill(worker_pid(bench, run.id), signal.SIGKILL)
    wait_until(lambda: bench.sweeps.get(sweep.id).state == "completed", "the end of the sweep")
    (run,) = trials_of(bench.state(), sweep.id)
    assert (run.attempt, run.epochs_done, trials(bench, sweep)[0].told) == (2, 20, "completed")


def searching(bench):
    """A command line that follows a sweep of a new model, once its first trial is there; (its process, the sweep's id)."""
    values = {"max_epochs": 4, "seconds_per_epoch": 0.1}
    model = bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)
    settings = {f"TRELLIS_{name.upper()}": str(value) for name, value in SHORT.items()}
    command = ["sweep", "--model", model.id, "--set", "learning_rate=0.01..1", "--trials", "4"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.fake_cli", *command], cwd=ROOT, stdin=subprocess.DEVNULL,
        env={**os.environ, **settings, "TRELLIS_HOME": str(bench.settings.home)},
    )  # fmt: skip
    wait_until(lambda: any(trials_of(bench.state(), each) for each in bench.state().of("sweep")), "a trial")
    (sweep_id,) = bench.state().of("sweep")
    return process, sweep_id


def test_a_command_line_that_was_killed_leaves_a_sweep_that_another_goes_on_with(fake_bench):
    bench = fake_bench
    bench.end_watch()
    process, sweep_id = searching(bench)
    process.send_signal(signal.SIGKILL)
    process.wait()
    bench.keep_watch()
    wait_until(lambda: bench.sweeps.get(sweep_id).state == "completed", "the end of the sweep")
    assert len(trials_of(bench.state(), sweep_id)) == 4


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_a_sweep_and_what_it_had_begun_is_gone_on_with(fake_bench, how):
    bench = fake_bench
    process, sweep_id = searching(bench)
    process.send_signal(how)
    assert process.wait() == 130
    assert bench.sweeps.get(sweep_id).state == "stopped"
    bench.sweeps.resume(actor="user:test", sweep_id=sweep_id)
    bench.keep_watch()
    wait_until(lambda: bench.sweeps.get(sweep_id).state == "completed", "the end of the sweep")
    assert [trial.told for trial in trials(bench, bench.sweeps.get(sweep_id))] == ["completed"] * 4
