"""The command line on the fake family, with a thread of the test in the place of worker processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.workbench.runs import inline
from workbench.cli.app import run
from workbench.runs import executor
from workbench.settings import Settings


class ThreadWorkers:
    """An executor that carries out one run in a thread, with a workbench of its own."""

    threads: list[threading.Thread] = []  # noqa: RUF012 (shared by the executors of every command)
    starting = threading.Lock()
    """The command and its reconciler ask at the same time; two threads would take each other's place as the one worker."""

    def __init__(self, store: Any, settings: Settings) -> None:
        self._settings = settings

    def ensure_worker(self, framework: str) -> None:
        with self.starting:
            if not any(thread.is_alive() for thread in self.threads):
                thread = threading.Thread(target=self._work)
                self.threads.append(thread)
                thread.start()

    def warm(self, framework: str) -> None:
        return

    def _work(self) -> None:
        from workbench.workbench import Workbench

        bench = Workbench.open(self._settings)
        inline.work(bench)
        bench.close()


class Said(NamedTuple):
    """What a command line did."""

    code: int
    out: str
    err: str


@pytest.fixture
def trellis(fake: Any, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """trellis("runs", "list"): carries out one command line in this process."""
    monkeypatch.setattr(executor, "LocalExecutor", ThreadWorkers)
    monkeypatch.setenv("COLUMNS", "200")
    ThreadWorkers.threads.clear()

    def carry_out(*arguments: str) -> Said:
        code = run(arguments)
        for thread in ThreadWorkers.threads:
            thread.join()
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return carry_out
