"""What tests ask a process beside this one to do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.fields import FieldProblem
from workbench.store.errors import VersionConflict

ERRORS = {
    "command": CommandError("No.", "path", "Do.", code="conflict", problems=(FieldProblem("path", "No.", 3, code="A_RULE"),)),
    "data": DatasetError("Bad.", code="DS_PARSE", where="line 3", hint="Mend it."),
    "version": VersionConflict("Changed.", expected=1, current=2),
}


def process(workbench: Any) -> tuple[int, str]:
    """Which process it is, and of which home."""
    return os.getpid(), str(workbench.settings.home)


def refuse(workbench: Any, which: str) -> None:
    """Raise one of `ERRORS`."""
    raise ERRORS[which]


def die(workbench: Any) -> None:
    """End as if memory had run out."""
    os._exit(9)


def count(workbench: Any, to: int, *, progress: Callable[[int, int], None]) -> int:
    """Tell every number."""
    for number in range(1, to + 1):
        progress(number, to)
    return to


def wait(workbench: Any, sign: Path) -> None:
    """Say which process it is, and never end by itself."""
    sign.write_text(str(os.getpid()))
    while True:
        time.sleep(0.05)


def imported(workbench: Any, name: str) -> bool:
    """Whether the process has imported a module."""
    return name in sys.modules


def variable(workbench: Any, name: str) -> str | None:
    """A variable of the process's environment."""
    return os.environ.get(name)
