"""What it costs a training that people watch it: its speed while five pages follow, beside its speed while nobody does."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from bench.asking import Client
from bench.harness import Bound, Row, Section, paired_ratio, section
from bench.live import PATIENCE_SECONDS, epoch_ms
from bench.seeding import ACTOR, first_model
from bench.serving import Server, serving
from dashboard.live.answering import ADDRESS
from workbench.families import family
from workbench.runs.events import StoredEvent
from workbench.settings import Settings
from workbench.state import RunRecord
from workbench.workbench import Workbench

PAGES = 5
PAUSE_SECONDS = 0.8
"""Between a page's looks, as `assets/live.js` has it."""
ROUNDS = 8
WINDOW_SECONDS = 6.0
SETTLES_SECONDS = 1.0
"""At the start of each window, which is not counted."""


class Follower(threading.Thread):
    """Asks what an open Train tab asks, with all curves and figures in sight, and keeps what it was told as the page does.

    Attributes:
        looks: how many answers it has had. watching: set while the page is looked at; a page that is not asks nothing.
    """

    def __init__(self, address: str, run: RunRecord, token: str | None = None) -> None:
        super().__init__(daemon=True)
        declared = family(run.family)
        self._client = Client(address, token)
        self._over = False
        self.watching = threading.Event()
        self.looks = 0
        panels = [panel.name for panel in declared.panels]
        self._asked: dict[str, Any] = {
            "model": run.subject.id, "run": run.id, "parts": dict.fromkeys(("metrics", "ended", "notices", "log-lines", "recent"), ""),
            "panels": panels, "terms": "", "view": {}, "curves": {name: {} for name in panels},
            "figures": {figure.name: {} for figure in declared.live_figures},
        }  # fmt: skip

    def run(self) -> None:
        while self.watching.wait() and not self._over:
            answer, _ = self._client.post(ADDRESS, self._asked)
            self._keep(answer)
            self.looks += 1
            time.sleep(PAUSE_SECONDS)
        self._client.close()

    def leave(self) -> None:
        """Look no more."""
        self._over = True
        self.watching.set()
        self.join()

    def _keep(self, answer: dict[str, Any]) -> None:
        for name, part in answer["parts"].items():
            self._asked["parts"][name] = part["key"]
        if answer["terms"]:
            self._asked["terms"] = answer["terms"]["key"]
        for name, came in answer["curves"].items():
            points = self._asked["curves"][name].get("points", 0)
            drawn = came.get("figure", {}).get("data", ())
            points += max((len(x) for _, x, _ in came.get("add", ())), default=0)
            if "figure" in came:
                points = max((len(trace.get("x", ())) for trace in drawn), default=0)
            self._asked["curves"][name] = {"key": came["key"], "seq": came.get("seq", 0), "points": points}
        for name, came in answer["figures"].items():
            self._asked["figures"][name] = {"key": came["key"]}


def pages(server: Server, run: RunRecord) -> list[Follower]:
    """Open pages that have drawn everything once; none watches yet."""
    followers = [Follower(server.address, run) for _ in range(PAGES)]
    for follower in followers:
        follower.start()
        follower.watching.set()
    while min(follower.looks for follower in followers) < 2:
        time.sleep(0.05)
    return followers


@contextmanager
def followed(followers: Sequence[Follower]) -> Iterator[None]:
    """They watch while the block runs, each a while after the one before."""
    for follower in followers:
        follower.watching.set()
        time.sleep(PAUSE_SECONDS / PAGES)
    try:
        yield
    finally:
        for follower in followers:
            follower.watching.clear()


def epochs_within(events: Sequence[StoredEvent], window: tuple[float, float]) -> float:
    """Epochs a second, from the first epoch told within a window (epoch seconds) to the last.

    Raises:
        ValueError: for fewer than two.
    """
    told = [epoch_ms(event.at) / 1e3 for event in events if event.kind == "epoch"]
    within = [at for at in told if window[0] <= at <= window[1]]
    if len(within) < 2 or within[-1] == within[0]:
        raise ValueError(f"{len(within)} epochs were told within {window[1] - window[0]:.1f} s; a speed needs two")
    return (len(within) - 1) / (within[-1] - within[0])


def window_of(seconds: float) -> tuple[float, float]:
    """Wait so long; from when to when, less what settles at its start."""
    began = time.time() + SETTLES_SECONDS
    time.sleep(seconds)
    return began, time.time()


def watched(result: Section) -> None:
    """One long run that is watched and left alone in turns."""
    with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder)) as server:
        bench = Workbench.open(Settings.load(home=Path(folder)))
        model = first_model(bench)
        bench.models.update_config(actor=ACTOR, model_id=model.id, values={"max_epochs": 100_000, "patience": 0})
        run = bench.runs.start(actor=ACTOR, model_id=model.id)
        until = time.monotonic() + PATIENCE_SECONDS
        while not bench.runs.latest(run.id, ["epoch"]) and time.monotonic() < until:
            time.sleep(0.1)
        process, windows, followers = psutil.Process(server.process.pid), [], pages(server, run)
        for follower in followers:
            follower.watching.clear()
        used, before = 0.0, sum(follower.looks for follower in followers)
        for _ in range(ROUNDS):
            alone, spent = window_of(WINDOW_SECONDS), _seconds_of(process)
            with followed(followers):
                windows.append((alone, window_of(WINDOW_SECONDS)))
            used += _seconds_of(process) - spent
        for follower in followers:
            follower.leave()
        looks = sum(follower.looks for follower in followers) - before
        bench.runs.request_stop(actor=ACTOR, run_id=run.id)
        events = list(bench.runs.follow(run.id))
        bench.close()
    speeds = [[epochs_within(events, window) for window in pair] for pair in windows]
    alone, seen = [pair[0] for pair in speeds], [pair[1] for pair in speeds]
    ratio = paired_ratio(seen, alone)
    note = (
        f"median ratio of {ROUNDS} pairs of windows {ratio:.3f}, {min(b / a for a, b in speeds):.3f} to {max(b / a for a, b in speeds):.3f}; "
        f"{looks} looks, {used / max(looks, 1) * 1e3:.1f} ms of the server's processor each"
    )
    value = statistics.median(alone) * ratio
    must = Bound(0.95, "least", "ratio")
    result.add(
        Row(f"epochs a second while {PAGES} pages follow", value, "1/s", statistics.median(alone), "nobody follows", must, note=note)
    )


def _seconds_of(process: psutil.Process) -> float:
    """Processor seconds that a process has used."""
    times = process.cpu_times()
    return times.user + times.system


def main() -> None:
    """Measure it."""
    about = (
        f"A run on the handwritten digits, watched and left alone for {WINDOW_SECONDS:g} s each in {ROUNDS} turns; the first second of each "
        f"is not counted. A page that watches is what an open Train tab asks of the server, with every curve and figure in sight; the "
        "browsers, which draw what they get, are other machines and not counted."
    )
    with section("watched", "A run that is watched", about, packages=("jax", "dash", "psutil")) as result:
        watched(result)


if __name__ == "__main__":
    main()
