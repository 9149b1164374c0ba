"""A team's server: PostgreSQL, Redis, two web processes, ten users, twenty trainers, all on this machine.

`python -m bench team [commands] [events] [queue]`; all of them take about eight minutes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from threading import Thread
from typing import Any

import psutil

from bench.asking import Client
from bench.harness import Bound, Row, Section, measure_chosen, percentile
from bench.live import epoch_ms
from bench.seeding import ACTOR, add_models, first_model
from bench.serving import Server, end_workers, serving
from bench.trainers import FORKING, trainers
from bench.watched import Follower
from tests.support import brokers, postgres
from workbench.commands.records import NoteCommand, RenameCommand, TagCommand
from workbench.runs.executor import LocalExecutor
from workbench.settings import Settings
from workbench.state import Kind, RunRecord
from workbench.store.store import Store
from workbench.workbench import Workbench

USERS, TRAINERS, RUNNING, PER_SECOND = 10, 20, 50, 200.0
SECONDS, SETTLES = 30.0, 12.0
"""How long is measured, and how long everything before that has to get going."""
UNSEEN_SECONDS = 4.0
"""Before the end: what happens then may be told after it."""
WRITERS = 4
QUEUED = 1_000
PATIENCE_SECONDS = 900.0
FAKE_WORKER = (sys.executable, "-m", "tests.crash.fake_worker")


@dataclass(frozen=True)
class Team:
    """A store in PostgreSQL with users and models, for servers and trainers alike.

    Attributes:
        variables: the server's environment. tokens: the users'. models: one a user, then one a trainer. row: one of
            the data that people may label.
    """

    settings: Settings
    variables: dict[str, str]
    bench: Workbench
    tokens: list[str]
    models: list[str]
    row: int


@contextmanager
def team(running: int) -> Iterator[Team]:
    """A team of `USERS` with as many queued runs as will be running."""
    cluster, broker = postgres.Cluster(postgres.DURABLE), brokers.Redis()
    try:
        with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
            given = {"database_url": cluster.database(), "executor": "celery", "broker_url": broker.url, "max_concurrent_runs": running}
            settings = Settings.load(home=Path(folder), **given)
            bench = Workbench.open(settings)
            bench.people.add(name="admin", role="administer", by=ACTOR)
            people = [bench.people.add(name=f"user{number}", role="train", by=ACTOR) for number in range(USERS)]
            tokens = [bench.people.tokens.make(person.id, "bench", None)[1] for person in people]
            first = first_model(bench)
            add_models(bench, first, USERS + running)
            models = [model.id for model in bench.state().models.values() if model.id != first.id]
            for id in models[USERS:]:
                bench.runs.start(actor=ACTOR, model_id=id)
            variables = {f"TRELLIS_{name.upper()}": str(value) for name, value in given.items()} | {"TRELLIS_PROCESSES": "2"}
            # trainers are forked from this process and open stores of their own
            yield Team(settings, variables, bench, tokens, models, min(bench.state().labels[first.id]))
            bench.close()
            end_workers(Path(folder))
    finally:
        broker.remove()
        cluster.remove()


def in_process(work: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    """Begin something in a process of its own; the function waits for what it gives."""
    answers: SimpleQueue[Any] = FORKING.SimpleQueue()
    process = FORKING.Process(target=lambda: answers.put(work(*given)), daemon=True)
    process.start()

    def ended() -> Any:
        found = answers.get()
        process.join()
        return found

    return ended


def paced(begin: float, until: float, per_second: float, work: Callable[[int], object]) -> list[float]:
    """Do something at a steady rate from `begin` to `until` (epoch seconds), later where it takes longer; the seconds each took."""
    taken: list[float] = []
    due = begin
    while (due := max(due + 1 / per_second, time.time() - 1 / per_second)) < until:
        time.sleep(max(0.0, due - time.time()))
        started = time.perf_counter()
        work(len(taken))
        taken.append(time.perf_counter() - started)
    return taken


def asked_by_users(address: str, tokens: Sequence[str], models: Sequence[str], row: int, begin: float, until: float) -> list[float]:
    """Seconds of every REST command of ten users, each on a model of their own: names, tags, notes and labels in turns."""
    taken: list[float] = []

    def user(token: str, model: str, offset: float) -> None:
        client = Client(address, token)

        def one(number: int) -> None:
            bodies = ({"name": f"{model} {number}"}, {"tags": [f"tag {number}"]}, {"note": f"Note {number}"})
            if number % 4 == 3:
                client.patch(f"/api/models/{model}/labels", {"set": {str(row): number // 4 % 10}})
            else:
                client.patch(f"/api/models/{model}", bodies[number % 4])

        taken.extend(paced(begin + offset, until, PER_SECOND / USERS, one))

    threads = [Thread(target=user, args=(tokens[n], models[n], n / PER_SECOND)) for n in range(USERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def written(settings: Settings, model: str, writer: int, begin: float, until: float) -> list[float]:
    """Seconds of every command that one process executes on the store, past REST."""
    store = Store.open(settings.database_url)
    store.state()

    def one(number: int) -> None:
        commands = (
            RenameCommand(kind=Kind.MODEL, id=model, name=f"{model} {number}"),
            TagCommand(kind=Kind.MODEL, id=model, tags=(f"tag {number}",)),
            NoteCommand(kind=Kind.MODEL, id=model, note=f"Note {number}"),
        )
        store.execute(commands[number % 3], actor=f"user:writer{writer}")

    taken = paced(begin + writer / PER_SECOND, until, PER_SECOND / WRITERS, one)
    store.close()
    return taken


def processor(server: Server) -> float:
    """Processor seconds that the server's processes have used."""
    root = psutil.Process(server.process.pid)
    return sum(sum(process.cpu_times()[:2]) for process in (root, *root.children(recursive=True)))


def rows_of(result: Section, what: str, taken: Sequence[float], must: Bound | None = None, note: str = "") -> None:
    """The median and the 99th percentile of what was measured, in milliseconds."""
    result.add(
        Row(f"{what}, p50", percentile(taken, 0.5) * 1e3, "ms", better="less", note=f"{len(taken):,}"),
        Row(f"{what}, p99", percentile(taken, 0.99) * 1e3, "ms", must=must, better="less", note=note),
    )


def commands(result: Section) -> None:
    """Commands over REST while trainers work, then past REST."""
    with team(2 * TRAINERS) as found:
        load = ("over REST", "past REST")
        for place, way in enumerate(load):
            begin = time.time() + SETTLES
            until = begin + SECONDS
            with trainers(found.settings, TRAINERS, begin, until) as at_work:
                if place == 0:
                    with serving(found.settings.home, more=found.variables) as server:
                        users = in_process(asked_by_users, server.address, found.tokens, found.models, found.row, begin, until)
                        time.sleep(max(0.0, begin - time.time()))
                        used = processor(server)
                        taken = users()
                        note = f"{(processor(server) - used) / SECONDS:.2f} of the two cores are the server's"
                else:
                    writers = [in_process(written, found.settings, found.models[n], n, begin, until) for n in range(WRITERS)]
                    taken, note = [seconds for writer in writers for seconds in writer()], ""
                told = at_work.ended()
            reached = len(taken) / SECONDS
            result.add(Row(f"commands a second, {way}", reached, "1/s", must=Bound(0.98 * PER_SECOND, "least"), note=note))
            rows_of(result, f"command, {way}", taken, Bound(100, "most"))
            rows_of(result, f"events of a trainer written, {way}", told["events"])
            rows_of(result, f"checkpoint of a trainer told, {way}", told["checkpoint"])


class Page(Follower):
    """A page that keeps when it was told up to which event: (epoch seconds, number)."""

    def __init__(self, address: str, run: RunRecord, token: str) -> None:
        super().__init__(address, run, token)
        self.told: list[tuple[float, int]] = []

    def _keep(self, answer: dict[str, Any]) -> None:
        at = time.time()
        super()._keep(answer)
        self.told += [(at, seq) for seq in [max((came.get("seq", 0) for came in answer["curves"].values()), default=0)] if seq]


def followed(address: str, runs: Sequence[RunRecord], tokens: Sequence[str], until: float) -> list[list[tuple[float, int]]]:
    """What ten users' pages were told of their runs, from now on."""
    pages = [Page(address, run, token) for run, token in zip(runs, tokens, strict=True)]
    for page in pages:
        page.start()
        page.watching.set()
        time.sleep(0.08)
    time.sleep(max(0.0, until - time.time()))
    for page in pages:
        page.leave()
    return [page.told for page in pages]


def events(result: Section) -> None:
    """From an event to the answer that tells a page of it."""
    with team(RUNNING) as found:
        runs = [found.bench.state().runs_of(id)[0] for id in found.models[USERS : 2 * USERS]]
        begin = time.time() + 2 * SETTLES
        until = begin + SECONDS
        with (
            trainers(found.settings, RUNNING, begin, until) as at_work,
            serving(found.settings.home, more=found.variables) as server,
        ):
            pages = in_process(followed, server.address, runs, found.tokens, until)
            time.sleep(max(0.0, begin - time.time()))
            used = processor(server)
            told = pages()
            share = (processor(server) - used) / SECONDS
            taken = at_work.ended()
        waits: list[float] = []
        for run, seen in zip(runs, told, strict=True):
            for event in found.bench.runs.events(run.id).items:
                at = epoch_ms(event.at) / 1e3
                if event.kind == "epoch" and begin < at < until - UNSEEN_SECONDS:
                    waits.append(next((when for when, seq in seen if seq >= event.seq), until) - at)
        note = f"{len(waits)} epochs, median {statistics.median(waits):.2f} s; {share:.2f} of the two cores are the server's"
        name = f"epoch's event to a page's answer, {RUNNING} running runs, p95"
        result.add(Row(name, percentile(waits, 0.95), "s", must=Bound(2, "most"), better="less", note=note))
        rows_of(result, f"events of one of {RUNNING} trainers written", taken["events"])


def queue(result: Section) -> None:
    """A thousand runs that learn nothing, through real workers of this machine."""
    from tests.support import fake_family

    fake_family.register()
    cluster = postgres.Cluster(postgres.DURABLE)
    try:
        with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
            given = {"database_url": cluster.database(), "max_concurrent_runs": 2, "warm_worker": False}
            bench = Workbench.open(Settings.load(home=Path(folder), **given))
            model = bench.models.create(
                actor=ACTOR, family="fake", model_type="toy", dataset_id="tiny", values={"max_epochs": 1}, preset="plain", name="First"
            )
            add_models(bench, model, QUEUED)
            ids = [each for each in bench.state().models if each != model.id]
            bench.runs.executor = NoWorkers()
            begun = time.perf_counter()
            for id in ids:
                bench.runs.start(actor=ACTOR, model_id=id)
            result.add(Row("queueing a run", (time.perf_counter() - begun) / QUEUED * 1e3, "ms", better="less"))
            try:
                drained(result, bench)
            finally:
                bench.close()
                end_workers(Path(folder))
    finally:
        cluster.remove()


class NoWorkers:
    """An executor that starts nothing: runs wait until all are queued."""

    def ensure_worker(self, framework: str) -> None:
        """Nothing."""

    def warm(self, framework: str) -> None:
        """Nothing."""


def drained(result: Section, bench: Workbench) -> None:
    """Start workers and wait until every run has ended."""
    executor = LocalExecutor(bench.store, bench.settings, FAKE_WORKER)
    begun = time.perf_counter()
    executor.ensure_worker("jax")
    while (left := len(bench.state().active_runs)) > 0:
        if time.perf_counter() - begun > PATIENCE_SECONDS:
            raise TimeoutError(f"{left} runs are left after {PATIENCE_SECONDS:g} s")
        time.sleep(0.2)
    wall = time.perf_counter() - begun
    runs = [run for run in bench.state().runs.values() if run.model_type == "toy" and run.journal_seq]
    states = {str(run.state.value) for run in runs}
    assert states == {"completed"}, states
    note = f"{QUEUED:,} runs of one epoch that learns nothing, two workers at once, in {wall:.1f} s, the start of the workers included"
    result.add(Row("overhead a run", 2 * wall / QUEUED, "s", must=Bound(0.3, "most"), better="less", note=note))


PACKAGES = ("sqlalchemy", "psycopg", "fastapi", "gunicorn")
_ABOUT = "PostgreSQL as it is shipped, Redis, the server with two web processes, users and trainers share this machine. "
PARTS = {
    "commands": (
        "A team's commands",
        f"{_ABOUT}{USERS} users with tokens of their own send {PER_SECOND:g} commands a second together for {SECONDS:g} s; {TRAINERS} trainers tell "
        "of an epoch a second, with progress, live diagnostics and a checkpoint every ten. Past REST, four processes execute as many "
        "commands on the store.",
        commands,
    ),
    "events": (
        "A team's pages",
        f"{_ABOUT}{RUNNING} trainers tell of an epoch a second; {USERS} users have a Train tab open with every curve and figure in sight.",
        events,
    ),
    "queue": ("A team's queue", "PostgreSQL as it is shipped; the local executor's workers with a family that needs no framework.", queue),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was named."""
    return measure_chosen(PARTS, arguments, prefix="team_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
