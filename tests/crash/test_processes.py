"""Several web processes behind one port: whichever answers knows what the others did, and one that is killed is replaced."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

from tests.crash.processes import ROOT, wait_until

pytestmark = pytest.mark.crash


class Line:
    """A connection that stays open, so that one process answers everything on it: `process` is its number."""

    def __init__(self, served: Served) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(served.address).netloc, timeout=60)
        self.ask("GET", "/health")
        mine = self._connection.sock.getsockname()[1]
        self.process = next(
            pid
            for pid in served.web_processes()
            for each in psutil.Process(pid).net_connections("tcp")
            if each.raddr and each.raddr.port == mine
        )

    def ask(self, method: str, path: str, body: Any = None) -> str:
        self._connection.request(
            method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"} if body is not None else {}
        )
        answer = self._connection.getresponse()
        text = answer.read().decode()
        assert answer.status < 400, f"{method} {path}: {answer.status} {text[:300]}"
        return text

    def json(self, method: str, path: str, body: Any = None) -> Any:
        text = self.ask(method, path, body)
        return json.loads(text) if text else None


class Served:
    """A server of two web processes."""

    def __init__(self, home: Any) -> None:
        variables = {"TRELLIS_HOME": str(home), "TRELLIS_PORT": "0", "TRELLIS_WARM_WORKER": "false", "TRELLIS_PROCESSES": "2"}
        self.process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        found = re.search(r"http://[\d.]+:\d+", self.process.stdout.readline())
        assert found
        self.address = found.group()
        wait_until(lambda: len(self.web_processes()) == 2, "two web processes")

    def web_processes(self) -> set[int]:
        """The web processes."""
        children = psutil.Process(self.process.pid).children()
        return {child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE}

    def lines(self) -> tuple[Line, Line]:
        """A connection to each of the two."""
        found: dict[int, Line] = {}

        def both() -> bool:
            line = Line(self)
            found.setdefault(line.process, line)
            return len(found) == 2

        wait_until(both, "a connection to each process")
        first, second = found.values()
        return first, second

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(30) == 0


@pytest.fixture
def served(home: Any) -> Iterator[Served]:
    made = Served(home)
    yield made
    if made.process.poll() is None:
        made.end()


MODEL = {"dataset": "digits", "sample": {"num_samples": 200}}


@pytest.mark.parametrize("kept_in", ["sqlite", "postgresql"])
def test_what_is_done_through_one_is_seen_through_the_other_and_a_killed_one_is_replaced(served: Served) -> None:
    first, second = served.lines()
    for number in range(3):
        here, there = (first, second) if number % 2 == 0 else (second, first)
        id = here.json("POST", "/api/models", {"name": f"Model {number}", **MODEL})["id"]
        assert there.json("GET", f"/api/models/{id}")["name"] == f"Model {number}"
        assert there.json("GET", "/api/models")["total"] == number + 1
    second.json("POST", "/api/undo")
    assert first.json("GET", "/api/models")["total"] == 2, "one undoes what was done through another"
    os.kill(first.process, signal.SIGKILL)
    assert second.json("GET", "/api/models")["total"] == 2
    wait_until(lambda: len(served.web_processes() - {first.process}) == 2, "a new process in its place")
    one, other = served.lines()
    assert one.json("GET", "/api/models") == other.json("GET", "/api/models")
    served.end()


def test_a_job_in_the_background_is_followed_and_ended_through_either(served: Served) -> None:
    first, second = served.lines()
    model = first.json("POST", "/api/models", {"name": "Measured", **MODEL})["id"]
    config = json.loads(unescape(re.findall(r'<script id="_dash-config" type="application/json">(.*?)</script>', first.ask("GET", "/"))[0]))
    ask = {
        "output": "model-data-done.data", "outputs": {"id": "model-data-done", "property": "data"}, "state": [],
        "inputs": [{"id": "model-data-ask", "property": "data", "value": {"model": model, "key": "0123456789abcdef"}}],
        "changedPropIds": ["model-data-ask.data"],
    }  # fmt: skip
    job = first.json("POST", "/_dash-update-component?" + urlencode({"endId": config["end_id"]}), ask)
    answers: list[Any] = []

    def done() -> bool:
        line = (second, first)[len(answers) % 2]
        query = {"endId": config["end_id"], "cacheKey": job["cacheKey"], "job": job["job"]}
        answers.append(line.json("POST", "/_dash-update-component?" + urlencode(query), ask))
        return bool(answers[-1].get("response"))

    wait_until(done, "the job's result")
    assert answers[-1]["response"] == {"model-data-done": {"data": "0123456789abcdef"}}
