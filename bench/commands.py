"""The store under load: commands from four processes at once, and loading the state of a store with years of use in it."""

from __future__ import annotations

import gc
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.queues import Queue
from pathlib import Path

from bench.harness import Bound, Row, Section, percentile, section
from bench.seeding import add_labels, add_models, add_runs, first_model
from workbench.commands.records import RenameCommand, TagCommand
from workbench.settings import Settings
from workbench.state import Kind
from workbench.store.store import Store
from workbench.workbench import Workbench

PROCESSES = 4
PER_SECOND = 20.0
SECONDS = 10.0
RUNS = 10_000
LABELS = 70_000
MODELS = 100


def write_steadily(url: str, model_id: str, writer: int, begin_at: float, answers: Queue[list[float]]) -> None:
    """Execute commands at a steady rate from `begin_at` (epoch seconds) on; puts the seconds each took."""
    store = Store.open(url)
    store.state()
    taken: list[float] = []
    for number in range(int(PER_SECOND * SECONDS)):
        due = begin_at + number / PER_SECOND + writer / PER_SECOND / PROCESSES
        time.sleep(max(0.0, due - time.time()))
        command = (
            TagCommand(kind=Kind.MODEL, id=model_id, tags=(f"tag {number}",))
            if number % 2
            else RenameCommand(kind=Kind.MODEL, id=model_id, name=f"Writer {writer} {number}")
        )
        started = time.perf_counter()
        store.execute(command, actor=f"user:writer{writer}")
        taken.append(time.perf_counter() - started)
    store.close()
    answers.put(taken)


def from_many_processes(url: str, model_ids: Sequence[str]) -> list[float]:
    """Seconds of every command that `PROCESSES` processes executed, each on a model of its own."""
    context = multiprocessing.get_context("spawn")
    answers: Queue[list[float]] = context.Queue()
    begin = time.time() + 8.0
    writers = [
        context.Process(target=write_steadily, args=(url, model_id, number, begin, answers)) for number, model_id in enumerate(model_ids)
    ]
    for writer in writers:
        writer.start()
    taken = [seconds for _ in writers for seconds in answers.get(timeout=SECONDS + 60)]
    for writer in writers:
        writer.join()
    return taken


def execution(result: Section, where: str, bench: Workbench, *, targets: bool) -> None:
    """Latency of commands on this store."""
    ids = [model.id for model in bench.state().models.values()][:PROCESSES]
    taken = from_many_processes(bench.settings.database_url, ids)
    for share, limit in ((0.5, 5.0), (0.99, 25.0)):
        must = Bound(limit, "most") if targets else None
        value = percentile(taken, share) * 1e3
        result.add(Row(f"command, p{share * 100:.0f}, {where}", value, "ms", must=must, better="less"))


def loading(result: Section, bench: Workbench) -> None:
    """Cold and warm reads of the state."""

    def cold() -> float:
        store = Store.open(bench.settings.database_url)
        gc.collect()
        started = time.perf_counter()
        state = store.state()
        seconds = time.perf_counter() - started
        assert len(state.runs) >= RUNS
        assert sum(len(labels) for labels in state.labels.values()) >= LABELS
        store.close()
        return seconds

    cold()
    seconds = statistics.median(cold() for _ in range(5))
    what = f"{RUNS:,} runs and {LABELS:,} labels"
    result.add(Row(f"state, cold load, {what}", seconds, "s", must=Bound(1, "most"), better="less"))
    bench.state()
    warm = []
    for _ in range(500):
        started = time.perf_counter()
        bench.state()
        warm.append(time.perf_counter() - started)
    result.add(Row(f"state, warm read, {what}", statistics.median(warm) * 1e3, "ms", must=Bound(2, "most"), better="less"))


def main() -> None:
    """Measure a nearly empty and a full store."""
    about = (
        f"SQLite in a temporary folder. {PROCESSES} processes execute {PER_SECOND:g} commands a second each for {SECONDS:g} s "
        "(renames and tags in turns); the time is that of the whole transaction, durable when it ends."
    )
    with (
        section("commands", "Commands and state", about, packages=("sqlalchemy", "pydantic")) as result,
        tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder,
    ):
        bench = Workbench.open(Settings.load(home=Path(folder)))
        model = first_model(bench)
        add_models(bench, model, PROCESSES)
        execution(result, "small store", bench, targets=True)
        add_models(bench, model, MODELS)
        add_runs(bench, model, RUNS)
        add_labels(bench, model, LABELS)
        execution(result, f"{RUNS:,} runs and {LABELS:,} labels", bench, targets=False)
        loading(result, bench)
        bench.close()


if __name__ == "__main__":
    main()
