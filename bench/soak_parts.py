"""The server that is killed again and again, the people who go on working, and what they were told."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.serving import ROOT, address_of, end_workers, processes_of
from tests.support.postgres import Cluster

ACTIVE = ("queued", "starting", "running", "stopping")
BROKEN = ("interrupted", "failed")
IDLE_S = 10
"""Seconds after which a worker that has nothing to do ends."""
MODELS, EPOCHS, IMAGES, CLASSES = 3, 6, 300, 10


class Place:
    """A home, perhaps a database, and one server at a time. What it starts it ends."""

    def __init__(self, home: Path, cluster: Cluster | None) -> None:
        self.home, self.cluster = home, cluster
        self._database = cluster.database() if cluster else None
        self._log = (home.parent / "server.log").open("a")
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self.address = ""

    def environment(self) -> dict[str, str]:
        """What its processes are started with."""
        own = {"TRELLIS_HOME": str(self.home), "TRELLIS_PORT": str(self._port), "PYTHONUNBUFFERED": "1"}
        own["TRELLIS_WORKER_IDLE_SECONDS"] = str(IDLE_S)
        if self._database:
            own["TRELLIS_DATABASE_URL"] = self._database
        return {name: value for name, value in os.environ.items() if not name.startswith("TRELLIS_")} | own

    def start_server(self) -> None:
        """Start it, where it was before if it was; tries again while the database is away."""
        for _ in range(60):
            self._process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=self.environment(), stdout=subprocess.PIPE, stderr=self._log, text=True
            )
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            if line:
                self.address = address_of(line)
                self._port = int(self.address.rstrip("/").rsplit(":", 1)[1])
                return
            self._process.wait()
            time.sleep(1)
        raise RuntimeError("the server did not start in a minute of tries")

    def kill_server(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop_server(self) -> None:
        """As Ctrl+C does."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(60)

    def end(self) -> None:
        """Everything."""
        if self._process is not None and self._process.poll() is None:
            self.kill_server()
        end_workers(self.home)

    def workers(self) -> list[psutil.Process]:
        """Its workers and their run processes."""
        server = self._process.pid if self._process else 0
        return [one for one in processes_of(self.home) if one.pid != server and _is_worker(one)]

    def megabytes(self) -> float:
        """Resident memory of the server."""
        try:
            return psutil.Process(self._process.pid if self._process else -1).memory_info().rss / 1e6
        except (psutil.Error, ValueError):
            return float("nan")

    def left_over(self) -> list[psutil.Process]:
        """Processes of its own that are there although the server has ended and idle workers had time to."""
        until = time.monotonic() + 3 * IDLE_S
        while (left := processes_of(self.home)) and time.monotonic() < until:
            time.sleep(0.5)
        return left

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """The JSON answer of a REST call. Raises OSError where nobody answers, HTTPError where the answer is no."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}api{path}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "workbench.runs.worker" in process.cmdline()
    except psutil.Error:
        return False


@dataclass
class Told:
    """What was confirmed. `asked` is what was asked for after that without an answer: it may hold or not."""

    labels: dict[tuple[str, int], int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    asked: dict[Any, set[Any]] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    labelled: int = 0
    noted: int = 0
    resumed: int = 0

    def counts(self) -> str:
        """In words."""
        return f"{self.labelled} labels, {self.noted} notes, {len(self.runs)} runs, {self.resumed} resumed"

    def lost(self, place: Place) -> dict[str, list[Any]]:
        """What is not there, or is other than confirmed."""
        there = {(model, row): label for model in {m for m, _ in self.labels} for row, label in _labels(place, model)}
        runs = {run: place.ask(f"/runs/{run}")["state"] for run in self.runs}
        notes = {model: place.ask(f"/models/{model}")["note"] for model in self.notes}
        return {
            "labels": [key for key, label in self.labels.items() if there.get(key) not in {label, *self.asked.get(key, ())}],
            "notes": [key for key, note in self.notes.items() if notes[key] not in {note, *self.asked.get(key, ())}],
            "runs": [(run, state) for run, state in runs.items() if state != "completed"],
        }

    def growth(self) -> tuple[float, float]:
        """Medians of the server's memory in the first and the last third, in MB."""
        known = [one for one in self.memory if one == one]
        third = max(1, len(known) // 3)
        return statistics.median(known[:third]), statistics.median(known[-third:])


def _labels(place: Place, model: str) -> list[tuple[int, int]]:
    found, path = list[tuple[int, int]](), f"/models/{model}/labels?limit=500"
    while path:
        page = place.ask(path)
        found += [(item["index"], item["label"]) for item in page["items"]]
        path = f"/models/{model}/labels?limit=500&cursor={page['next']}" if page["next"] else ""
    return found


class People:
    """Three who work until they go home, whatever happens to the server."""

    def __init__(self, place: Place, told: Told, seed: int) -> None:
        self._place, self._told, self._dice = place, told, random.Random(seed)
        self._home = threading.Event()
        config, sample = {"max_epochs": EPOCHS}, {"num_samples": IMAGES}
        self._models = [
            place.ask("/models", {"name": f"Soak {number}", "dataset": "digits", "config": config, "sample": sample})["id"]
            for number in range(MODELS)
        ]
        self._rows = {model: [row for row, _ in _labels(place, model)] for model in self._models}

    def all(self) -> Sequence[Callable[[], None]]:
        """What each does."""
        return self._label, self._note, self._train

    def go_home(self) -> None:
        """Have them end after what they are about."""
        self._home.set()

    def drain(self, seconds: float) -> None:
        """Go on resuming what was interrupted until every run has ended well, at most so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._all_ended():
            time.sleep(0.5)

    def _confirmed(self, path: str, body: Any, method: str | None = None) -> Any:
        """The answer; None where there was none, or the server could not do it now."""
        try:
            return self._place.ask(path, body, method)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (409, 429):
                raise
        except (OSError, ValueError):
            pass
        time.sleep(0.2)
        return None

    def _label(self) -> None:
        told = self._told
        while not self._home.wait(0.05):
            model, label = self._dice.choice(self._models), self._dice.randrange(CLASSES)
            key = model, self._dice.choice(self._rows[model])
            if self._confirmed(f"/models/{model}/labels", {"set": {str(key[1]): label}}, "PATCH") is None:
                told.asked.setdefault(key, set()).add(label)
                continue
            told.labels[key] = label
            told.asked.pop(key, None)
            told.labelled += 1

    def _note(self) -> None:
        told, turn = self._told, 0
        while not self._home.wait(0.1):
            model, note = self._dice.choice(self._models), f"Turn {turn}"
            turn += 1
            if self._confirmed(f"/models/{model}", {"note": note}, "PATCH") is None:
                told.asked.setdefault(model, set()).add(note)
                continue
            told.notes[model] = note
            told.asked.pop(model, None)
            told.noted += 1

    def _train(self) -> None:
        while not self._home.wait(0.5):
            if self._all_ended():
                started = self._confirmed("/runs", {"model_id": self._dice.choice(self._models), "confirm": True})
                if started is not None:
                    self._told.runs.append(started["id"])

    def _all_ended(self) -> bool:
        """Whether every confirmed run has; resumes those that were broken off."""
        ended = True
        for run in self._told.runs[-5:]:
            try:
                state = self._place.ask(f"/runs/{run}")["state"]
            except (OSError, ValueError):
                return False
            ended &= state not in (*ACTIVE, *BROKEN)
            if state in BROKEN and self._confirmed(f"/runs/{run}/resume", {}) is not None:
                self._told.resumed += 1
        return ended
