"""A PostgreSQL server of the tests' own: started once a test process, with a fresh database for every test that asks.

Where PostgreSQL is not installed, tests that need it skip with a message; in CI they fail.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

OPTIONS = {
    "listen_addresses": "''",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "32MB",
}
"""No test cuts the power, and nobody but the tests connects, over a socket in the server's own folder."""

_numbers = itertools.count(1)


DURABLE = {"listen_addresses": "''", "max_connections": "200"}
"""As PostgreSQL is shipped: what was answered is on the disk. Benchmarks measure that."""


class Cluster:
    """A server and its folder. It may be stopped and started again while databases are in use."""

    def __init__(self, options: Mapping[str, str] = OPTIONS) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trellis-pg-"))
        # the server refuses to run as root
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "--pgdata", str(self._data), "--auth", "trust", "--username", "trellis", "--no-sync")
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in {**options, "unix_socket_directories": f"'{self.folder}'"}.items())
        self.start()
        atexit.register(self.remove)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def running(self) -> bool:
        """Whether the server is there."""
        return (self._data / "postmaster.pid").exists()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "--pgdata", str(self._data), "--log", str(self.folder / "log"), "--wait", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is what a crash does."""
        self._run("pg_ctl", "--pgdata", str(self._data), "--wait", "--mode", mode, "stop")

    def remove(self) -> None:
        """Stop it for good and remove its folder."""
        if self.running:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"t{os.getpid()}_{next(_numbers)}"
        self._run("psql", "-h", str(self.folder), "-U", "trellis", "-d", "postgres", "-qc", f"CREATE DATABASE {name}")
        return f"postgresql://trellis@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        as_user = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--clear-groups"] if os.geteuid() == 0 else []
        # tests end the processes that know their home, which the server is none of
        environment = {name: text for name, text in os.environ.items() if not name.startswith("TRELLIS_")}
        subprocess.run([*as_user, _program(program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, env=environment)


def installed() -> bool:
    """Whether PostgreSQL's server is on this machine."""
    return bool(_program("initdb"))


def cluster() -> Cluster:
    """The server of this test process. Skips the test where PostgreSQL is not installed."""
    from tests.conftest import absent

    if not installed():
        absent("PostgreSQL is absent: apt-get install postgresql")
    return _cluster()


@cache
def _cluster() -> Cluster:
    return Cluster()


@cache
def _program(name: str) -> str:
    """Where a program of PostgreSQL lies; Debian keeps those of the server in a folder of its version. "" if nowhere."""
    found = shutil.which(name)
    return found or next((str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), "")
