"""Helpers for tests with real processes: a workbench with short leases, waiting, and ending every process that was started."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from workbench.runs import leases
from workbench.runs.executor import LocalExecutor
from workbench.settings import Settings
from workbench.state import RunRecord, RunState
from workbench.workbench import Workbench

ROOT = Path(__file__).parent.parent.parent
FAKE_WORKER = (sys.executable, "-m", "tests.crash.fake_worker")
PATIENCE_SECONDS = 240
"""How long anything is waited for before the test fails; nothing is expected to take that long."""

SHORT: dict[str, Any] = {
    "heartbeat_seconds": 0.2,
    "lease_seconds": 1.0,
    "stop_grace_seconds": 20.0,
    "worker_idle_seconds": 60.0,
    "warm_worker": False,
    "max_concurrent_runs": 1,
}
"""Settings that make leases run out fast."""


def open_bench(home: Path, program: tuple[str, ...] | None = None, **settings: Any) -> Workbench:
    """A workbench of its own on a home folder; `program` starts its workers."""
    bench = Workbench.open(Settings.load(home=home, **{**SHORT, **settings}))
    if program is not None:
        use(bench, program)
    return bench


def use(bench: Workbench, program: tuple[str, ...]) -> None:
    """Let a workbench start its workers with this command line."""
    executor = LocalExecutor(bench.store, bench.settings, program)
    bench.runs.executor = executor
    bench.runs._reconciler._executor = executor


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition and return what it gave. Fails the test if it never holds."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for {what}")


def run_of(bench: Workbench, run_id: str) -> RunRecord:
    """The run as it stands."""
    return bench.state().runs[run_id]


def wait_for_state(bench: Workbench, run_id: str, *states: RunState) -> RunRecord:
    """Wait until the run is in one of the states."""
    wait_until(lambda: run_of(bench, run_id).state in states, f"run {run_id} to be {' or '.join(states)}; it is {run_of(bench, run_id)}")
    return run_of(bench, run_id)


def wait_for_epoch(bench: Workbench, run_id: str, epoch: int) -> None:
    """Wait until a checkpoint of that epoch or a later one counts."""
    wait_until(lambda: run_of(bench, run_id).epochs_done >= epoch, f"epoch {epoch} of run {run_id}")


def worker_pid(bench: Workbench, run_id: str) -> int:
    """The process that holds a run."""
    with bench.store.engine.connect() as connection:
        return next(row.pid for row in leases.rows(connection) if row.run_id == run_id)


def processes_of(home: Path) -> list[psutil.Process]:
    """Every living process whose Trellis home is this folder, this one left out."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = process.environ().get("TRELLIS_HOME") == str(home) and process.pid != os.getpid()
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def end_processes(home: Path) -> None:
    """End every process of a home, suspended ones too, and wait until they are gone."""
    while alive := processes_of(home):
        for process in alive:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(alive, timeout=5)


def told_progress(bench: Workbench, run_id: str) -> bool:
    """Whether the run has told of progress within an epoch."""
    return any(event.kind == "progress" for event in bench.runs.events(run_id).items)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be collected by its parent has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
