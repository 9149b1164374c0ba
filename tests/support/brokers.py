"""Brokers of the tests' own on loopback: real servers from Debian's packages, which a test may kill and start again.

Where they are not installed, tests that need them skip with a message; in CI they fail.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil
from kombu.connection import Connection

from workbench.runs.celery.queues import QUEUES

PATIENCE_SECONDS = 60.0
RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"


class Server:
    """A broker's process and its folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trellis-broker-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.remove)
        self.start()

    @property
    def url(self) -> str:
        """Its address for Trellis."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """What starts it."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """The variables that it needs beside those of the tests."""
        return {}

    def answers(self) -> bool:
        """Whether it can be used."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it answers."""
        # tests end the processes that know their home, which a broker is none of
        kept = {name: text for name, text in os.environ.items() if not name.startswith("TRELLIS_")}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), cwd=self.folder, env={**kept, **self.environment()}, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Remove what a killed one has kept on its disk."""
        raise NotImplementedError

    def clear(self) -> None:
        """Drop the tasks of earlier tests, which would count as those of the next one."""
        raise NotImplementedError

    def remove(self) -> None:
        """End it for good."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def asked(self, words: bytes) -> bytes:
        """What it answers to some bytes; nothing if it does not."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(words)
                return connection.recv(64)
        except OSError:
            return b""


class Redis(Server):
    """Redis, which writes every change to its disk before it answers."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        options = {"bind": "127.0.0.1", "port": self.port, "dir": self.folder, "save": "", "appendonly": "yes", "appendfsync": "no"}
        return ["redis-server", *(text for name, value in options.items() for text in (f"--{name}", str(value)))]

    def answers(self) -> bool:
        return self.asked(b"PING\r\n").startswith(b"+PONG")

    def forget(self) -> None:
        shutil.rmtree(self.folder / "appendonlydir")

    def clear(self) -> None:
        assert self.asked(b"FLUSHALL\r\n").startswith(b"+OK")


class RabbitMQ(Server):
    """RabbitMQ with an Erlang port mapper of its own, which ends with it."""

    def __init__(self) -> None:
        self._mapper = free_port()
        super().__init__()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def command(self) -> list[str]:
        return [RABBITMQ]

    def environment(self) -> dict[str, str]:
        (self.folder / "plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n")
        folders = {"HOME": "", "RABBITMQ_BASE": "", "RABBITMQ_MNESIA_BASE": "mnesia", "RABBITMQ_LOG_BASE": "logs"}
        files = {"RABBITMQ_ENABLED_PLUGINS_FILE": "plugins", "RABBITMQ_CONFIG_FILE": "rabbitmq.conf"}
        return {
            **{name: str(self.folder / below) for name, below in {**folders, **files}.items()},
            "RABBITMQ_NODENAME": f"trellis{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_LOGS": "-",
            # one scheduler that does not wait busily: it shares the processors with tests
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none",
            "ERL_EPMD_PORT": str(self._mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def answers(self) -> bool:
        return self.asked(b"AMQP\x00\x00\x09\x01") != b""

    def forget(self) -> None:
        shutil.rmtree(self.folder / "mnesia")

    def clear(self) -> None:
        with Connection(self.url) as connection:
            for name in QUEUES:
                connection.default_channel.queue_delete(name)

    def remove(self) -> None:
        super().remove()
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.Error):
                if process.name() == "epmd" and process.environ().get("ERL_EPMD_PORT") == str(self._mapper):
                    process.kill()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def broker(kind: str) -> Server:
    """The broker of that kind of this test process, running and without tasks. Skips the test where it is not installed."""
    from tests.conftest import absent

    found = shutil.which("redis-server") if kind == "redis" else Path(RABBITMQ).exists()
    if not found:
        absent(f"{kind} is absent: apt-get install {kind}-server")
    server = _broker(kind)
    if not server.answers():
        server.kill()
        server.start()
    server.clear()
    return server


@cache
def _broker(kind: str) -> Server:
    return Redis() if kind == "redis" else RabbitMQ()
