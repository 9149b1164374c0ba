"""Two processes train one run: one is killed in the middle, both come back, and the run goes on as if nothing had been."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from rcmvae.training import codec
from tests.crash.processes import end_processes, open_bench, processes_of, run_of, wait_for_epoch, wait_for_state, wait_until
from tests.support.brokers import free_port
from workbench.state import RunRecord, RunState
from workbench.workbench import Workbench

pytestmark = pytest.mark.crash

SMALL: dict[str, Any] = {
    "family": "rcmvae", "model_type": "rcmvae", "sample": {"num_samples": 400, "num_labeled": 60, "sampling_seed": 3},
    "values": {
        "prior_type": "mixture", "num_components": 10, "hidden_dims": [16], "batch_size": 64, "labelled_batch_size": 16, "patience": 0,
        "checkpoint_every_epochs": 2,
    },
}  # fmt: skip


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A workbench that starts no worker."""
    monkeypatch.setenv("TRELLIS_EXECUTOR", "crew")
    bench = open_bench(home, lease_seconds=20.0)
    bench.runs.keep_watch()
    yield bench
    bench.close()
    end_processes(home)


@pytest.fixture
def crew(home: Path, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Two commands of one crew, each with a device of its own; afterwards they are gone."""
    program = [sys.executable, "-c", "from workbench.cli import main; main()", "crew", "--coordinator", f"127.0.0.1:{free_port()}"]
    environment = {**os.environ, "TRELLIS_HOME": str(home), "TRELLIS_LEASE_SECONDS": "20"}
    started = []
    for rank in (0, 1):
        with (tmp_path / f"crew-{rank}.log").open("wb") as said:
            command = [*program, "--size", "2", "--rank", str(rank)]
            started.append(subprocess.Popen(command, cwd=home, env=environment, stdout=said, stderr=said))
    yield started
    for process in started:
        process.kill()
        process.wait()


def start(bench: Workbench, name: str, epochs: int) -> RunRecord:
    values = {**SMALL["values"], "max_epochs": epochs}
    model = bench.models.create(actor="user:test", dataset_id="digits", name=name, **{**SMALL, "values": values})
    return bench.runs.start(actor="user:test", model_id=model.id)


def said(bench: Workbench, run_id: str) -> str:
    return "\n".join(event.payload["message"] for event in bench.runs.events(run_id).items if event.kind == "log")


def member(home: Path, rank: int) -> psutil.Process:
    """The process behind the command of that rank."""
    named = re.compile(rf"crews\.member .*--rank {rank}\b")
    return wait_until(
        lambda: next((each for each in processes_of(home) if named.search(" ".join(each.cmdline()))), None), f"process {rank}"
    )


def weights(bench: Workbench, run_id: str) -> Mapping[str, np.ndarray]:
    found = run_of(bench, run_id).last_checkpoint
    assert found is not None
    return codec.read(bench.artefacts.verified(found.path, found.sha256)).arrays


def test_a_crew_that_loses_a_process_comes_back_and_its_run_goes_on_bit_for_bit(
    bench: Workbench, crew: list[subprocess.Popen[bytes]], home: Path
) -> None:
    whole = start(bench, "left alone", 12)
    assert wait_for_state(bench, whole.id, RunState.COMPLETED, RunState.FAILED).state is RunState.COMPLETED
    assert "Trains on 2 devices (cpu) of 2 processes" in said(bench, whole.id)
    broken = start(bench, "killed", 12)
    wait_for_epoch(bench, broken.id, 2)
    member(home, 1).send_signal(signal.SIGKILL)
    killed = wait_for_state(bench, broken.id, RunState.INTERRUPTED, RunState.COMPLETED)
    assert killed.state is RunState.INTERRUPTED
    bench.runs.resume(actor="user:test", run_id=broken.id)
    assert wait_for_state(bench, broken.id, RunState.COMPLETED, RunState.FAILED).state is RunState.COMPLETED
    expected, got = weights(bench, whole.id), weights(bench, broken.id)
    assert expected.keys() == got.keys()
    assert [name for name, array in expected.items() if not np.array_equal(array, got[name])] == []
    # a stop is one of all, and one that ends takes the other along
    long = start(bench, "stopped", 100_000)
    wait_for_epoch(bench, long.id, 2)
    bench.runs.request_stop(actor="user:test", run_id=long.id)
    assert wait_for_state(bench, long.id, RunState.STOPPED, RunState.FAILED).state is RunState.STOPPED
    crew[0].terminate()
    assert [process.wait(60) for process in crew] == [0, 0]
    assert processes_of(home) == []
