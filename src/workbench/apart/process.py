"""The entry point of a process that carries out calls: `python -m workbench.apart.process DESCRIPTOR [FRAMEWORK]`."""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from workbench.collecting import without_collecting

IDLE_SECONDS = 120.0
"""How long it waits for the next call."""
FRAMEWORK_IDLE_SECONDS = 600.0
"""How long one of a framework does: its start takes longer, and who looks at images thinks between them."""
LARGE_BYTES = 2**30
"""Memory past which it does not wait for another call: a new process begins small."""
FRAMEWORK_LARGE_BYTES = 4 * 2**30
"""The same for one of a framework, which holds models."""


def main(descriptor: int, framework: str | None = None) -> int:
    """Carry out calls until none comes, the line is cut, or too much memory is taken. Returns the exit code.

    Args:
        descriptor: of the line. framework: the one whose models are run, with a worker's environment; None to read data.
    """
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(descriptor)
    with without_collecting():
        from workbench.settings import Settings
        from workbench.workbench import Workbench

        settings = Settings.load()
        _prepare(framework, settings.cache)
        workbench = Workbench.open(settings)
    idle, large = (IDLE_SECONDS, LARGE_BYTES) if framework is None else (FRAMEWORK_IDLE_SECONDS, FRAMEWORK_LARGE_BYTES)
    try:
        while line.poll(idle):
            _carry_out(workbench, line)
            if psutil.Process().memory_info().rss > large:
                break
    except (EOFError, OSError):
        # whoever asked has ended
        pass
    finally:
        workbench.close()
    return 0


def _prepare(framework: str | None, cache: Path) -> None:
    """Import ahead what calls will need, a framework under the environment that its workers have."""
    from workbench.families import all_families
    from workbench.runs.frameworks import environment_for, runtime_of

    if framework is None:
        modules = [module for family in all_families() for module in family.data.apart]
    else:
        for name, value in environment_for(framework, cache).items():
            os.environ.setdefault(name, value)
        modules = runtime_of(framework).modules
    for module in modules:
        importlib.import_module(module)


def _carry_out(workbench: Any, line: Connection) -> None:
    from workbench.families import ImportString

    target, arguments, given, told = line.recv()
    line.send(("begun", None))
    if told:
        given["progress"] = lambda *said: line.send(("progress", said))
    try:
        answer = "returned", ImportString(target).load()(workbench, *arguments, **given)
    except Exception as error:
        answer = "raised", (type(error), error.args, _content(error))
    line.send(answer)


def _content(error: Exception) -> dict[str, Any]:
    """What hangs on an exception, as far as it can be sent, and where it was raised."""
    error.add_note(traceback.format_exc())
    content = {}
    for name, value in vars(error).items():
        try:
            pickle.dumps(value)
        except Exception:  # whatever an object's own code raises
            continue
        content[name] = value
    return content


def _leave(*_: Any) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
