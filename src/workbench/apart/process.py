"""The entry point of a process that carries out calls: `python -m workbench.apart.process DESCRIPTOR`."""

from __future__ import annotations

import pickle
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

import psutil

from workbench.collecting import without_collecting

IDLE_SECONDS = 120.0
"""How long it waits for the next call."""
LARGE_BYTES = 2**30
"""Memory past which it does not wait for another call: a new process begins small."""


def main(descriptor: int) -> int:
    """Carry out calls until none comes, the line is cut, or too much memory is taken. Returns the exit code."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(descriptor)
    with without_collecting():
        from workbench.families import all_families
        from workbench.settings import Settings
        from workbench.workbench import Workbench

        workbench = Workbench.open(Settings.load())
        for family in all_families():
            for module in family.data.apart:
                __import__(module)
    try:
        while line.poll(IDLE_SECONDS):
            _carry_out(workbench, line)
            if psutil.Process().memory_info().rss > LARGE_BYTES:
                break
    except (EOFError, OSError):
        # whoever asked has ended
        pass
    finally:
        workbench.close()
    return 0


def _carry_out(workbench: Any, line: Connection) -> None:
    from workbench.families import ImportString

    target, arguments, given, told = line.recv()
    line.send(("begun", None))
    if told:
        given["progress"] = lambda done, total: line.send(("progress", (done, total)))
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
    sys.exit(main(int(sys.argv[1])))
