"""An S3 server of the tests' own, on loopback, with a road to it that can be closed.

The server is a process, started once a test process. Everything that tests start reaches it over a port that the road
forwards: while the road is closed, nobody answers there, and what was under way breaks off, as if the network were gone.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import absent

SECRET = "not-to-be-shown-anywhere"
PATIENCE_SECONDS = 60

_numbers = itertools.count(1)


class Road:
    """A port that forwards to another one, as long as it is open. `limit` bytes a second, if set, go each way."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self.limit: float | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        """Forward from now on, at the same port as before."""
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self) -> None:
        """Nobody answers from now on, and connections end."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            with self._lock:
                if self._listener is not listener:
                    near.close()
                    far.close()
                    return
                self._pairs.add((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                sink.sendall(piece)
                if self.limit:
                    time.sleep(len(piece) / self.limit)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Server:
    """The server, and the road to it."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._folder = Path(tempfile.mkdtemp(prefix="trellis-s3-"))
        # tests end the processes that know their home, which the server is none of
        environment = {name: text for name, text in os.environ.items() if not name.startswith(("TRELLIS_", "AWS_"))}
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log, env=environment
            )
        atexit.register(self._remove)
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=5).close()
                break
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError(f"the S3 server does not start: {(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        self.road = Road(port)

    @property
    def endpoint(self) -> str:
        """Where clients reach it."""
        return f"http://127.0.0.1:{self.road.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The usual variables of a client."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _remove(self) -> None:
        self.road.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def new_address(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of artefacts in a new bucket, with the variables set that reach it. Skips where the packages are not installed."""
    if not find_spec("moto") or not find_spec("s3fs"):
        absent("an S3 server is absent: install the extra dev")
    server = the_server()
    server.road.open()
    for name, text in server.environment.items():
        monkeypatch.setenv(name, text)
    bucket = f"t{os.getpid()}-{next(_numbers)}"
    urllib.request.urlopen(
        urllib.request.Request(f"{server.endpoint}/{bucket}", method="PUT", headers={"Authorization": f"AWS {bucket}:x"}), timeout=30
    ).close()
    return f"s3://{bucket}/trellis"


@cache
def the_server() -> Server:
    """The server of this test process."""
    return Server()
