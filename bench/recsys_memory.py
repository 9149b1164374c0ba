"""How much memory recommenders take: the loss, a worker by the size of the data, twenty tests in one worker, the web process.

`python -m bench.recsys_memory [PART ...]` measures all parts, or those named. Each is a section of its own. No figure
depends on how fast or how busy the machine is. Linux only: peaks are read from `/proc`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.asking import Client
from bench.harness import Bound, Row, Section, measure_chosen
from bench.live import events_of
from bench.seeding import ACTOR
from bench.serving import end_workers, serving
from recsys.features.config import FeatureConfig
from recsys.features.shipped import SHIPPED
from recsys.model.config import document_of
from recsys.model.recipes import RECIPES
from recsys.service import RecommenderService
from workbench.runs import leases
from workbench.settings import Settings
from workbench.workbench import Workbench

PACKAGES = ("tensorflow-cpu", "tensorflow-recommenders", "polars", "numpy")
MIB, GIB = 2**20, 2**30
PATIENCE_SECONDS = 3600.0
SHOPS = {"small": 60_000, "medium": 1_000_000, "large": 10_000_000}
"""Sales of the shops that the web process makes."""
TESTS = 20
SETTLED = 5
"""The test after which a worker should not grow any more."""

_LOSS = """
import json, sys
from bench.recsys_memory import peak_above, resident
from recsys.training.legacy_keras import tf
import numpy as np
import tensorflow_recommenders as tfrs
from recsys.codegen.blocks.softmax import InBatchSoftmax

which, rows, items, dim = sys.argv[1], *map(int, sys.argv[2:])

@tf.function(reduce_retracing=True, autograph=False)
def own(buyers, products, place, count, keys):
    with tf.GradientTape() as tape:
        tape.watch([buyers, products])
        loss = tf.reduce_sum(InBatchSoftmax()(buyers, products, place, count, keys))
    return loss, tape.gradient(loss, [buyers, products])

task = tfrs.tasks.Retrieval()

@tf.function(reduce_retracing=True)
def plain(buyers, products, place, count, keys):
    with tf.GradientTape() as tape:
        tape.watch([buyers, products])
        loss = task(buyers, tf.gather(products, place))
    return loss, tape.gradient(loss, [buyers, products])

def run(rows, items):
    rng = np.random.default_rng(0)
    place = tf.constant(np.concatenate([np.arange(items), rng.integers(0, items, rows - items)]), tf.int32)
    count = tf.constant(np.bincount(place, minlength=items), tf.float32)
    vectors = [tf.constant(rng.standard_normal((n, dim)), tf.float32) for n in (rows, items)]
    keys = tf.range(items, dtype=tf.int64)
    work = {"own": own, "plain": plain}[which]
    before = resident()
    loss, _ = work(*vectors, place, count, keys)
    return float(loss), peak_above(before)

for rows_then in (64, 128):
    run(rows_then, 32)
print(json.dumps(run(rows, items)))
"""


def resident(pid: int | str = "self") -> int:
    """Bytes of memory that a process has now; its peak is counted anew from here on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _status(pid, "VmRSS")


def peak_above(before: int, pid: int | str = "self") -> int:
    """Bytes by which a process has been above `before` at most since `resident` was asked."""
    return _status(pid, "VmHWM") - before


def _status(pid: int | str, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith(f"{name}:"))
    return int(found.split()[1]) * 1024


def loss(page: Section) -> None:
    """The loss and its gradients of one batch, in a process of its own, beside the task of TensorFlow Recommenders."""
    for rows, items in ((8192, 1_500), (8192, 6_000)):
        found = {}
        for which in ("own", "plain"):
            command = [sys.executable, "-c", _LOSS, which, str(rows), str(items), "32"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[which] = json.loads(done.stdout.splitlines()[-1])
        if abs(found["own"][0] / found["plain"][0] - 1) > 1e-4:
            raise RuntimeError(f"the losses differ: {found}")
        most = 12 * rows * items * 4 / MIB
        page.add(
            Row(
                f"Loss and gradients, {rows:,} rows of {items:,} items",
                found["own"][1] / MIB, "MiB", found["plain"][1] / MIB, "tfrs.tasks.Retrieval", better="less",
                must=Bound(round(most, 1), "most"),
                note=f"{found['own'][1] / (rows * items * 4):.1f} arrays of rows x items",
            )
        )  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """A store with one feature and one model configuration."""

    bench: Workbench
    service: RecommenderService
    features: str
    model: str

    def test(self, settings: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> None:
        """A test from its start to its end. Raises RuntimeError if it did not complete."""
        run = self.service.tests.start(
            actor=ACTOR, feature_config=self.features, model_config=self.model, settings=settings, overrides=overrides
        )
        events_of(self.bench, run, PATIENCE_SECONDS)
        ended = self.bench.state().runs[run.id]
        if ended.state != "completed":
            raise RuntimeError(f"the test ended as {ended.state}: {ended.error}")


@contextmanager
def prepared(recipe: str, features: FeatureConfig, shop: Mapping[str, Any] | None = None) -> Iterator[Prepared]:
    """A store of its own whose data is MovieLens-100K, or a simulated shop; afterwards its workers are gone."""
    with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
        home = Path(folder)
        bench = Workbench.open(Settings.load(home=home))
        try:
            service = RecommenderService(bench)
            dataset = "movielens-100k"
            if shop is not None:
                dataset = bench.datasets.create(actor=ACTOR, source="retail_simulator", params=shop).id
            made = service.features.create(actor=ACTOR, dataset_id=dataset, name="Features", document=features)
            model = service.models.create(actor=ACTOR, name="Model", document=document_of(RECIPES[recipe].config))
            yield Prepared(bench, service, made.id, model.id)
        finally:
            end_workers(home)
            bench.close()


def idle_worker(bench: Workbench) -> int:
    """The process of a worker that has loaded TensorFlow and waits. Raises TimeoutError."""
    bench.runs.warm("tensorflow")
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with bench.store.transaction() as connection:
            found = [row.pid for row in leases.rows(connection) if row.state == "idle" and row.pid]
        if found:
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(f"no worker waits after {PATIENCE_SECONDS:g} s")


def _worker_row(page: Section, name: str, most: float, store: Prepared, settings: Mapping[str, Any], **overrides: Any) -> None:
    pid = idle_worker(store.bench)
    before = resident(pid)
    store.test(settings, overrides)
    peak = peak_above(before, pid)
    note = f"{before / GIB:.2f} GiB before, {psutil.Process(pid).memory_info().rss / GIB:.2f} GiB after the test"
    page.add(Row(name, peak / GIB, "GiB", must=Bound(most, "most"), better="less", note=note))


def worker(page: Section) -> None:
    """The most that a worker takes above what it has once TensorFlow is loaded, with a hundred thousand and a million rows."""
    with prepared("tutorial_retrieval", SHIPPED["ids-32"].config) as store:
        _worker_row(page, "MovieLens-100K, 100,000 rows", 1, store, {"split": "random", "val": 0.0, "test": 0.2})
    _shop_row(page, "medium", 1_000_000, 2)


def worker_large(page: Section) -> None:
    """The same with ten million rows."""
    _shop_row(page, "large", 10_000_000, 6)


def _shop_row(page: Section, size: str, rows: int, most: float) -> None:
    with prepared("best_retrieval", SHIPPED["retail-104-72"].config, {"size": size}) as store:
        name = f"{size} shop, {rows:,} rows"
        _worker_row(page, name, most, store, {"split": "time_holdout"}, epochs=1, batch_size=4096)


def repeated(page: Section) -> None:
    """What a worker has after each of twenty tests."""
    with prepared("tutorial_retrieval", SHIPPED["ids-32"].config) as store:
        pid = idle_worker(store.bench)
        had = []
        for seed in range(TESTS):
            store.test({"split": "random", "val": 0.0, "test": 0.2, "seed": seed})
            had.append(_settled(pid))
    shown = ", ".join(f"{bytes_ / MIB:,.0f}" for bytes_ in had)
    page.add(
        Row(
            f"Growth from test {SETTLED} to test {TESTS}",
            (had[-1] - had[SETTLED - 1]) / MIB, "MiB", must=Bound(200, "most"), better="less",
            note=f"MiB after each test: {shown}",
        )
    )  # fmt: skip


def _settled(pid: int) -> int:
    """Memory once a process has given back what its last work had: the least of the five seconds after it."""
    found = []
    for _ in range(50):
        found.append(psutil.Process(pid).memory_info().rss)
        time.sleep(0.1)
    return min(found)


def web(page: Section) -> None:
    """What the server's own process grows by when shops are made and looked at."""
    with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder)) as server:
        client, process = Client(server.address), psutil.Process(server.process.pid)
        for path in ("/", "/datasets", "/api/datasets/retail/statistics", "/api/datasets/retail/preview"):
            client.get(path)
        before = process.memory_info().rss
        for size, rows in SHOPS.items():
            resident(process.pid)
            made, seconds = client.post("/api/datasets", {"source": "retail_simulator", "params": {"size": size}})
            for path in ("/statistics", "/preview", "/columns", "/sample", "/splits/preview", ""):
                client.get(f"/api/datasets/{made['id']}{path}")
            grown = _settled(process.pid) - before
            peak = peak_above(before, process.pid)
            name = f"{size} shop made and looked at, {rows:,} rows"
            note = f"at most {peak / MIB:,.0f} MiB on the way; made in {seconds:.1f} s"
            page.add(Row(name, grown / MIB, "MiB", must=Bound(50, "most"), better="less", note=note))
        client.close()


WORKER = "The most that a worker process had during a whole test above what it has once TensorFlow is loaded."

PARTS: dict[str, tuple[str, str, Callable[[Section], None]]] = {
    "loss": (
        "Recommenders: memory of the loss",
        "One batch of 32 dimensions, forward and backward, above what the process had before. The reference scores all pairs "
        "of rows. The limit is twelve arrays of rows x different items in float32.",
        loss,
    ),
    "worker": (
        "Recommenders: memory of a worker",
        f"{WORKER} MovieLens-100K by `tutorial_retrieval`, the simulated shop by `best_retrieval` on `retail-104-72`, one epoch "
        "in batches of 4096.",
        worker,
    ),
    "worker_large": (
        "Recommenders: memory of a worker, ten million rows",
        f"{WORKER} `best_retrieval` on `retail-104-72`, one epoch in batches of 4096, the last 30 days held out.",
        worker_large,
    ),
    "repeated": (
        "Recommenders: memory of a worker over many tests",
        f"{TESTS} tests of `tutorial_retrieval` on MovieLens-100K in one worker, each with another seed.",
        repeated,
    ),
    "web": (
        "Recommenders: memory of the web process",
        "A server that has shown its first page and the small shop; then shops are made over REST, and their statistics, rows "
        "and splits asked for.",
        web,
    ),
}
"""Name -> heading, about, what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 2 for an unknown name."""
    return measure_chosen(PARTS, arguments, prefix="recsys_memory_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
