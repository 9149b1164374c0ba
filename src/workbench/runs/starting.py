"""Starting a worker process on this host, detached from whoever asks. Knows no SQL, so that a server can do it first of all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.settings import PREFIX, Settings

LOG_LIMIT_BYTES = 5_000_000
"""A worker log larger than this is begun anew, the old one kept once as `.old`."""

WORKER_PROGRAM = (sys.executable, "-m", "workbench.runs.worker")
"""The command line of a worker, without its options."""


class ExecutorError(RuntimeError):
    """A worker could not be started; the message says why and where its log is."""


class ExecutorAway(ExecutorError):
    """Nobody can be asked to start a worker now; what is queued waits until somebody can. `for_anyone` says it without the broker's address."""

    for_anyone = "The broker of the workers does not answer. What is queued waits, and goes on when it answers again."


def start_ahead(settings: Settings, program: Sequence[str] = WORKER_PROGRAM) -> None:
    """Start a worker that gets ready for a first run, and leaves if one is waiting already. Waits for nothing.

    That it cannot be started is said where a run waits for one, not here.
    """
    try:
        process = worker_process(settings, [*program, "--detach"])
    except OSError:
        return
    # The child leaves its parent at once; until somebody has waited for it, it is a zombie.
    threading.Thread(target=process.wait, name="start-ahead", daemon=True).start()


def worker_process(settings: Settings, command: Sequence[str], **more: str) -> subprocess.Popen[bytes]:
    """A process with the settings of this one, whose words go to the workers' log, in a session of its own. Raises OSError.

    `more`: variables beside those.
    """
    with open(worker_log(settings.home), "ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            close_fds=True,
            cwd=settings.home,
            env={**worker_environment(settings, os.environ), **more},
            start_new_session=True,
        )


def worker_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: the caller's, with every setting but secrets as the caller has it, however it came by it."""
    kept = {name: value for name, value in environ.items() if not name.startswith(PREFIX)}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None and name not in settings.secrets():
            kept[PREFIX + name.upper()] = str(value)
    return kept


def worker_log(home: Path) -> Path:
    """The file that takes what workers print, begun anew when it has grown large."""
    log = home / "logs" / "workers.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".old"))
    return log
