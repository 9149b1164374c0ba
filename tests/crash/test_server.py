"""A killed server takes no run with it: training goes on, and a new server on the same port follows it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.crash.processes import ROOT, SHORT, processes_of, wait_for_epoch, wait_for_state, wait_until, worker_pid
from workbench.state import RunState

pytestmark = pytest.mark.crash


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process of its own on the home of a workbench."""

    def __init__(self, home, port):
        settings = {f"TRELLIS_{name.upper()}": str(value) for name, value in SHORT.items()}
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.fake_server"], cwd=ROOT, stdin=subprocess.DEVNULL,
            env={**os.environ, **settings, "TRELLIS_HOME": str(home), "TRELLIS_PORT": str(port)},
        )  # fmt: skip
        wait_until(self.answers, f"the server at {self.address}")

    def answers(self):
        assert self.process.poll() is None, "the server ended"
        try:
            return self.get("/health")["status"] == "ok"
        except urllib.error.URLError:
            return False

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def test_training_survives_the_servers_death_and_a_new_server_follows_it(fake_bench):
    bench = fake_bench
    bench.runs.close()
    home, port = bench.settings.home, free_port()
    model = bench.models.create(
        actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values={"max_epochs": 60, "seconds_per_epoch": 0.05}
    )
    first = Server(home, port)
    run_id = first.post("/api/runs", {"model_id": model.id})["id"]
    wait_for_epoch(bench, run_id, 2)
    worker = worker_pid(bench, run_id)
    first.kill()
    assert first.process.pid != worker
    second = Server(home, port)
    try:
        cursor, seen = 0, []
        while True:
            page = second.get(f"/api/runs/{run_id}/events?after={cursor}")
            seen += page["items"]
            cursor = page["next"]
            if page["ended"] and not page["items"]:
                break
            time.sleep(0.05)
        assert [event["payload"]["epoch"] for event in seen if event["kind"] == "epoch"] == list(range(1, 61))
        assert wait_for_state(bench, run_id, RunState.COMPLETED).attempt == 1
        assert worker in {process.pid for process in processes_of(home)}
    finally:
        second.kill()
