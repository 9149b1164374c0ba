"""Hours of work on one server while every part of it is killed in turn: is anything lost that was confirmed, does anything stay or grow?

`python -m bench.soak --minutes 120` (what it says below is of so long; `make bench` leaves it out). One person labels, one names and notes
models, one starts runs and resumes those that were interrupted. Meanwhile the server, a worker or the database dies every
half minute, without a warning, and the server is started again on the same address. At the end everything that was answered with success is
looked up, `trellis audit` looks at all files, and processes that nobody ended are counted.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

from bench.harness import Bound, Row, section
from bench.soak_parts import People, Place, Told
from tests.support import postgres

MINUTES = 120.0
BETWEEN_S = (20.0, 40.0)
"""How long everything works before the next thing dies."""
DRAIN_S = 600.0
"""The longest that runs may take to end once nothing is killed any more."""
TITLE = "A soak: random kills"
ABOUT = (
    "One server with local workers and a store in {store}; {minutes:g} minutes in which the server, a worker or the database was killed "
    "every 20 to 40 s while a person labelled, one wrote notes and one trained. Confirmed means answered with success. A run is lost if it is not there, or does "
    "not end; a checkpoint, if a run that was interrupted cannot be resumed or `trellis audit` finds fault with a file."
)


def kill_something(place: Place, dice: random.Random, died: Counter[str]) -> None:
    """End one part without a warning, and start it again if nothing else does."""
    part = dice.choice(["server", "worker", "worker", "database"] if place.cluster else ["server", "worker", "worker"])
    if part == "worker":
        workers = place.workers()
        if not workers:
            return
        dice.choice(workers).kill()
    elif part == "server":
        place.kill_server()
        place.start_server()
    else:
        assert place.cluster is not None
        place.cluster.stop("immediate")
        time.sleep(dice.uniform(0, 5))
        place.cluster.start()
    died[part] += 1


def work(place: Place, told: Told, minutes: float, seed: int) -> Counter[str]:
    """Let people work and parts die for so long; then wait until every run has ended. Returns what died how often."""
    dice, died, people = random.Random(seed), Counter[str](), People(place, told, seed)
    until, threads = time.monotonic() + 60 * minutes, [threading.Thread(target=one) for one in people.all()]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        time.sleep(min(dice.uniform(*BETWEEN_S), max(0.0, until - time.monotonic())))
        kill_something(place, dice, died)
        told.memory.append(place.megabytes())
        print(f"  {sum(died.values())} killed, {told.counts()}", flush=True)
    people.go_home()
    for thread in threads:
        thread.join()
    people.drain(DRAIN_S)
    return died


def audited(environment: dict[str, str]) -> list[str]:
    """What `trellis audit` finds wrong."""
    command = [sys.executable, "-c", "from workbench.cli import main; main()", "audit", "--json"]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment).stdout)
    return [problem for model in found for one in (model, *model.get("runs", ())) for problem in one["problems"]]


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sqlite", action="store_true", help="keep the store in SQLite also where PostgreSQL is installed")
    given = parser.parse_args(arguments)
    with ExitStack() as ends, tempfile.TemporaryDirectory() as folder:
        cluster = None if given.sqlite or not postgres.installed() else postgres.cluster()
        about = ABOUT.format(store="PostgreSQL" if cluster else "SQLite", minutes=given.minutes)
        page = ends.enter_context(section("soak", TITLE, about, packages=("sqlalchemy", "fastapi", "jax")))
        place, told = Place(Path(folder) / "home", cluster), Told()
        ends.callback(place.end)
        place.start_server()
        died = work(place, told, given.minutes, given.seed)
        lost = told.lost(place)
        early, late = told.growth()
        place.stop_server()
        left = place.left_over()
        problems = audited(place.environment())
        none = Bound(0, "most")
        note = ", ".join(f"{part} {times} times" for part, times in sorted(died.items()))
        page.add(
            Row("parts killed", sum(died.values()), "", note=note),
            Row("confirmed labels lost", len(lost["labels"]), "", must=none, better="less", note=f"of {told.labelled:,}"),
            Row("confirmed notes lost", len(lost["notes"]), "", must=none, better="less", note=f"of {told.noted:,}"),
            Row("confirmed runs lost", len(lost["runs"]), "", must=none, better="less", note=f"of {len(told.runs):,}, resumed {told.resumed:,} times"),
            Row("faults of files", len(problems), "", must=none, better="less", note="; ".join(problems[:3])),
            Row("processes left over", len(left), "", must=none, better="less"),
            Row("server memory, late beside early", late, "MB", early, "its first lives", must=Bound(0.9, "least", "ratio"), better="less"),
        )  # fmt: skip
        for what, which in lost.items():
            for one in which[:10]:
                print(f"  lost of {what}: {one}", flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        main()
