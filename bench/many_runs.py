"""A store with a hundred thousand runs and ten million events: what opening it costs, the Runs page, a command, idle workers.

`python -m bench many_runs` needs 9 GB in the folder for temporary files, and about ten minutes.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from bench.harness import Bound, Row, Section, missing, section
from bench.many_seeding import fill
from bench.runs import drawn
from bench.serving import BrowserMissing, Server, browser, serving

RUNS, EVENTS, MODELS = 100_000, 100, 50
NEEDED = 9e9
"""Bytes that the store takes while it is filled."""
LOADS, COMMANDS, POLLS = 5, 50, 200
ROW = {"selector": ".ag-center-cols-container .ag-row", "count": 10}

_COLD = """
import json, sys, time
import psutil
from workbench.store.store import Store
process = psutil.Process()
store = Store.open(sys.argv[1])
before, wall, processor = process.memory_info().rss, time.perf_counter(), time.process_time()
state = store.state()
told = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor, "memory": process.memory_info().rss - before}
print(json.dumps({**told, "runs": len(state.runs), "configs": len({id(run.config) for run in state.runs.values()})}))
"""
"""A process of its own that reads the whole state; what it took, as JSON."""

_WORKING = """
import json, sys, time
from workbench.commands.records import NoteCommand
from workbench.runs import claiming
from workbench.settings import Settings
from workbench.store.store import Store
store, settings = Store.open(sys.argv[1]), Settings.load(home=sys.argv[2])
run = next(iter(store.state().runs.values()))

def timed(times, work):
    seconds = []
    for turn in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        work(turn)
        seconds.append((time.perf_counter() - wall, time.process_time() - processor))
    return seconds

note = lambda turn: (store.execute(NoteCommand(kind="run", id=run.id, note=f"Turn {turn}"), actor="user:bench"), store.state().active_runs)
poll = lambda turn: claiming.claim(store, settings, "worker", "jax", "here")
note(-1), poll(-1)
print(json.dumps({"commands": timed(int(sys.argv[3]), note), "polls": timed(int(sys.argv[4]), poll)}))
"""
"""A process of its own that executes commands, then looks for queued runs as an idle worker does; seconds and those of the processor."""


def cold(result: Section, address: str, name: str, must: Bound | None = None) -> None:
    """The whole state, read by a fresh process whose files the system has read before."""
    told = [json.loads(_process(_COLD, address)) for _ in range(LOADS)]
    wall, processor = (statistics.median(one[key] for one in told) for key in ("wall", "processor"))
    note = f"{told[0]['configs']:,} different configs; {processor:.2f} s of the processor, {min(one['wall'] for one in told):.2f} s at best"
    result.add(
        Row(f"state, cold load, {name}", wall, "s", must=must, better="less", note=note),
        Row(f"memory of that state, {name}", statistics.median(one["memory"] for one in told) / 1e6, "MB", better="less"),
    )


def working(result: Section, home: Path, address: str) -> None:
    """A command, and an idle worker's look for a queued run."""
    told = json.loads(_process(_WORKING, address, str(home), str(COMMANDS), str(POLLS)))
    for key, name, must in (
        ("commands", "a command (a note on a run)", Bound(5, "most")),
        ("polls", "an idle worker's look for a run", None),
    ):
        wall, processor = (1e3 * statistics.median(one[place] for one in told[key]) for place in (0, 1))
        result.add(Row(name, wall, "ms", must=must, better="less", note=f"{processor:.2f} ms of the processor"))


def pages(result: Section, home: Path) -> None:
    """The Runs page in a browser, the REST list, and the server's memory."""
    name, must = "Runs page, to drawn", Bound(1, "most")
    with serving(home) as server:
        wall, processor, _ = _timed(server, lambda: _ask(f"{server.address}health"))
        note = f"{processor:.2f} s of the processor; server memory then {server.megabytes():.0f} MB"
        result.add(Row("server's first answer from the store", wall, "s", better="less", note=note))
        try:
            with browser() as tab:
                address = f"{server.address}runs"
                first, first_processor, _ = _timed(server, lambda: drawn(tab, address, ROW))
                taken = [_timed(server, lambda: drawn(tab, address, ROW)) for _ in range(LOADS)]
        except BrowserMissing as error:
            result.add(missing(name, "s", str(error), must=must))
        else:
            seconds, of_server = [shown for _, _, shown in taken], statistics.median(processor for _, processor, _ in taken)
            note = f"slowest of {LOADS} {max(seconds):.2f} s, the first visit {first:.2f} s with {first_processor:.2f} s of the server's processor"
            result.add(
                Row(name, statistics.median(seconds), "s", must=must, better="less", note=note),
                Row("of the server's processor for it", of_server, "s", better="less"),
                Row("server memory then", server.megabytes(), "MB", must=Bound(300, "most"), better="less"),
            )
        first, processor, _ = _timed(server, lambda: _ask(f"{server.address}api/runs"))
        again = [_timed(server, lambda: _ask(f"{server.address}api/runs")) for _ in range(LOADS)]
        wall, of_server = (statistics.median(one[place] for one in again) for place in (0, 1))
        note = f"{of_server:.2f} s of the server's processor; the first time {first:.2f} s and {processor:.2f} s"
        result.add(
            Row("/api/runs, its first page", wall, "s", better="less", note=note),
            Row("server memory after it", server.megabytes(), "MB", better="less"),
        )


def _timed(server: Server, work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds that something took, those of the server's processor, and what it gave."""
    started, before = time.perf_counter(), _processor(server)
    given = work()
    return time.perf_counter() - started, _processor(server) - before, given


def _processor(server: Server) -> float:
    root = psutil.Process(server.process.pid)
    return sum(sum(process.cpu_times()[:2]) for process in (root, *root.children(recursive=True)))


def _ask(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        return answer.read()


def _process(program: str, *arguments: str) -> str:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Measure all of them."""
    about = (
        f"SQLite in a temporary folder: {RUNS:,} ended runs of {MODELS} models (twelve settings with a hundred seeds each) with {EVENTS} epochs each, "
        f"{RUNS * EVENTS:,} events. The server is `python app.py`, the browser headless Chromium on the same machine; median of {LOADS}. "
        "Of runs with settings of their own no two have the same config."
    )
    with section(
        "many_runs", "A hundred thousand runs", about, packages=("dash", "dash-ag-grid", "pydantic", "sqlalchemy", "playwright")
    ) as result:
        with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
            free = shutil.disk_usage(folder).free
            if free < NEEDED:
                raise SystemExit(
                    f"The store needs {NEEDED / 1e9:g} GB in {folder}, and {free / 1e9:.1f} GB are free. Set TMPDIR to a folder with more."
                )
            home = Path(folder)
            fill(home, RUNS, EVENTS, models=MODELS)
            file = home / "trellis.db"
            result.add(Row("the store's file", file.stat().st_size / 1e9, "GB", better="less"))
            cold(result, f"sqlite:///{file}", "settings in common", Bound(3, "most"))
            working(result, home, f"sqlite:///{file}")
            pages(result, home)
        with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
            fill(Path(folder), RUNS, 0, models=MODELS, own_settings=True)
            cold(result, f"sqlite:///{folder}/trellis.db", "settings of their own")


if __name__ == "__main__":
    main()
