"""Hosts of a test: each has a name, a home and a working folder of its own, and shares the database, the broker and the artefacts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.crash.processes import SHORT, end_processes, wait_until
from tests.support.brokers import Server
from workbench.runs import leases
from workbench.settings import Settings
from workbench.workbench import Workbench

READY = "Waiting for runs in "
"""What a Celery worker says once it takes tasks."""


class Host:
    """One host, and the Celery workers that a test has started on it."""

    def __init__(self, folder: Path, name: str, server: Server, database: str, **more: Any) -> None:
        self.name, self.home = name, folder / name
        self.settings = Settings.load(
            **{
                **SHORT, "remote_lease_grace_seconds": 2.0, "executor": "celery", "home": self.home, "artefacts": folder / "shared",
                "host_name": name, "broker_url": server.url, "database_url": database, **more,
            }
        ).prepare()  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the processes on this host."""
        from workbench.runs.starting import worker_environment

        return worker_environment(self.settings, os.environ)

    def bench(self) -> Workbench:
        """The workbench of a process on this host."""
        return Workbench.open(self.settings)

    def listen(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a Celery worker and wait until it takes tasks."""
        log = self.home / "celery.log"
        before = log.read_text().count(READY) if log.exists() else 0
        with log.open("ab") as output:
            command = [sys.executable, "-m", "tests.crash.fake_celery", *options]
            process = subprocess.Popen(command, cwd=self.home, env=self.environment, stdout=output, stderr=output, start_new_session=True)

        def ready() -> bool:
            assert process.poll() is None, log.read_text()
            return log.read_text().count(READY) > before

        wait_until(ready, f"a Celery worker on {self.name}")
        return process

    def end(self) -> None:
        """End every process of this host."""
        end_processes(self.home)


def holder(bench: Workbench, run_id: str) -> leases.WorkerRow:
    """The row of the process that holds a run."""
    with bench.store.reading() as connection:
        return next(row for row in leases.rows(connection) if row.run_id == run_id)
