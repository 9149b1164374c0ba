"""`trellis crew`: be one of several processes that train runs as one."""

from __future__ import annotations

import re
import signal
import sys
import threading
from typing import Annotated

import typer

from workbench.cli.output import say
from workbench.clock import monotonic
from workbench.families import Framework
from workbench.logs import set_up
from workbench.runs.frameworks import frameworks_in_use, runtime_of
from workbench.runs.starting import worker_log, worker_process
from workbench.settings import Settings, SettingsError
from workbench.workbench import Workbench

FIRST_PAUSE_SECONDS = 1.0
MOST_PAUSE_SECONDS = 60.0
"""How long it waits before it starts its process again; doubled each time until one has lasted for `LASTED_SECONDS`."""
LASTED_SECONDS = 60.0

_ADDRESS = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[^\s:]+):([0-9]{1,5})")


def crew(
    coordinator: Annotated[str, typer.Option(help="Where the first process listens for the others, HOST:PORT.")],
    size: Annotated[int, typer.Option(min=2, help="How many processes there are, on all hosts together.")],
    rank: Annotated[int, typer.Option(min=0, help="Which of them this is, from 0.")],
    framework: Annotated[Framework, typer.Option(help="Whose runs to train.")] = "jax",
) -> None:
    """Train queued runs as one of several processes, each with the devices of its host, until told to end.

    One that ends because another did is started again; a run that this interrupts can be resumed.
    """
    _check(coordinator, size, rank, framework)
    settings = Settings.load()
    set_up(settings.log)
    # a store that cannot be used is said here, rather than by a process that is started again and again
    Workbench.open(settings).close()
    ending = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: ending.set())
    say(f"Process {rank} of a crew of {size} for runs of {framework}; the first one listens at {coordinator}")
    options = ["--framework", framework, "--coordinator", coordinator, "--size", str(size), "--rank", str(rank)]
    code = _keep_running(settings, [sys.executable, "-m", "workbench.runs.crews.member", *options], ending)
    if code:
        raise typer.Exit(code)


def _keep_running(settings: Settings, command: list[str], ending: threading.Event) -> int:
    """Start the process, and again whenever it fails, until it ends by itself or this is to end. Returns its last exit code."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        begun = monotonic()
        process = worker_process(settings, command)
        while (code := process.poll()) is None and not ending.wait(0.1):
            pass
        if ending.is_set():
            if code is None:
                process.terminate()
                process.wait()
            return 0
        if code == 0:
            return 0
        pause = FIRST_PAUSE_SECONDS if monotonic() - begun > LASTED_SECONDS else pause
        say(f"The process ended ({code}); it is started again in {pause:.0f} s. {worker_log(settings.home)} says why.")
        if ending.wait(pause):
            return 0
        pause = min(2 * pause, MOST_PAUSE_SECONDS)


def _check(coordinator: str, size: int, rank: int, framework: str) -> None:
    """Refuse what cannot be meant. Raises SettingsError."""
    found = _ADDRESS.fullmatch(coordinator)
    if found is None or not 0 < int(found[1]) < 65536:
        raise SettingsError(f"--coordinator {coordinator} is no HOST:PORT, such as node1:7000.")
    if rank >= size:
        raise SettingsError(f"--rank {rank}: the ranks of a crew of {size} are 0 to {size - 1}.")
    if framework not in frameworks_in_use() or runtime_of(framework).crew is None:
        able = ", ".join(name for name in frameworks_in_use() if runtime_of(name).crew is not None) or "none"
        raise SettingsError(f"--framework {framework}: its runs do not train over several processes; those of these do: {able}.")
