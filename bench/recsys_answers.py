"""How soon REST answers about quick tests: reads among a thousand of them, a start, a worker's event, a cancel.

`python -m bench.recsys_answers [PART ...]` measures all parts, or those named. Each is a section of its own; they mean
something on an idle machine alone.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.asking import Client
from bench.harness import Bound, Row, Section, measure_chosen, percentile
from bench.live import epoch_ms
from bench.recsys_trials import RETAIL_IDS
from bench.seeding import copy_run
from bench.serving import serving
from recsys.model.config import document_of
from recsys.model.recipes import RECIPES
from workbench.settings import Settings
from workbench.workbench import Workbench

PACKAGES = ("fastapi", "uvicorn", "sqlalchemy", "tensorflow-cpu")
TESTS = 1_000
READS = 200
STARTS = 20
CANCELS = 5
LOOKS_APART = 0.05
"""Seconds between two looks at a running test."""
PATIENCE_SECONDS = 300.0
LONG = {"epochs_override": 400}
"""A test that is still at work when it is cancelled."""


@contextmanager
def asked() -> Iterator[tuple[Client, dict[str, Any], Path]]:
    """A server with one configuration of each kind, how to start a test of them, and its home folder."""
    with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder)) as server:
        client = Client(server.address)
        features = RETAIL_IDS.model_dump(mode="json", exclude_none=True)
        made, _ = client.post("/api/feature-configs", {"dataset_id": "retail", "name": "Ids", **features})
        model, _ = client.post("/api/model-configs", {"name": "Tutorial", **document_of(RECIPES["tutorial_retrieval"].config)})
        yield client, {"feature_config_id": made["id"], "model_config_id": model["id"]}, Path(folder)
        client.close()


def until(client: Client, test: str, *words: str) -> dict[str, Any]:
    """The test once its status is one of `words`. Raises TimeoutError."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        shown, _ = client.get(f"/api/quick-tests/{test}")
        if shown["status"] in words:
            return shown
        time.sleep(LOOKS_APART)
    raise TimeoutError(f"test #{shown['number']} is still {shown['status']}")


def reads(page: Section) -> None:
    """What pages and programs read, with a thousand tests that have results."""
    with asked() as (client, body, home):
        first, _ = client.post("/api/quick-tests", body)
        ended = until(client, first["id"], "completed", "failed", "cancelled")
        if ended["status"] != "completed":
            raise RuntimeError(f"the test that is copied ended as {ended['status']}: {ended['error']}")
        bench = Workbench.open(Settings.load(home=home))
        ids = copy_run(bench, bench.state().runs[first["id"]], TESTS - 1)
        bench.close()
        any_of = itertools.cycle(ids[:: TESTS // READS])
        routes: dict[str, Callable[[], str]] = {
            "the list of tests": lambda: "/api/quick-tests",
            "the list, searched": lambda: "/api/quick-tests?q=tutorial&status=completed&sort=-duration_seconds",
            "a test with its results": lambda: f"/api/quick-tests/{next(any_of)}",
            "its epochs": lambda: f"/api/quick-tests/{next(any_of)}/history",
            "its code": lambda: f"/api/quick-tests/{next(any_of)}/generated-code",
            "five tests compared": lambda: "/api/quick-tests/compare?ids=" + ",".join(next(any_of) for _ in range(5)),
            "the tests of a configuration": lambda: f"/api/model-configs/{body['model_config_id']}/quick-tests",
            "model configurations": lambda: "/api/model-configs",
            "feature configurations": lambda: "/api/feature-configs",
            "presets": lambda: "/api/model-configs/presets",
            "datasets": lambda: "/api/datasets",
        }
        for name, path in routes.items():
            client.get(path())
            taken = [1e3 * client.get(path())[1] for _ in range(READS)]
            note = f"median {percentile(taken, 0.5):.1f} ms, slowest {max(taken):.1f} ms"
            page.add(Row(f"{name}, p95", percentile(taken, 0.95), "ms", must=Bound(50, "most"), better="less", note=note))


def starts(page: Section) -> None:
    """From a request to its answer that a test is queued; each is cancelled at once."""
    with asked() as (client, body, _):
        taken = []
        for number in range(STARTS):
            made, seconds = client.post("/api/quick-tests", {**body, "name": f"Test {number}"})
            taken.append(1e3 * seconds)
            client.post(f"/api/quick-tests/{made['id']}/cancel")
            until(client, made["id"], "cancelled", "failed", "completed")
    note = f"median {percentile(taken, 0.5):.0f} ms, the first {taken[0]:.0f} ms; {STARTS} starts"
    page.add(Row("a start acknowledged, p95", percentile(taken, 0.95), "ms", must=Bound(200, "most"), better="less", note=note))


def follows(page: Section) -> None:
    """From a worker's event to the answer that tells it, and from a cancel to a test that is cancelled."""
    waits, halts, ends = [], [], []
    with asked() as (client, body, _):
        for _ in range(CANCELS):
            made, _ = client.post("/api/quick-tests", {**body, **LONG})
            waits += _watched(client, made["id"], epochs=20)
            started = time.perf_counter()
            client.post(f"/api/quick-tests/{made['id']}/cancel")
            halts.append(_left_training(client, made["id"]) - started)
            ended = until(client, made["id"], "cancelled", "failed", "completed")
            ends.append(time.perf_counter() - started)
            if ended["status"] != "cancelled":
                raise RuntimeError(f"a cancelled test ended as {ended['status']}: {ended['error']}")
    page.add(
        Row(
            "a worker's event to the answer that tells it, p95", percentile(waits, 0.95), "s", must=Bound(1, "most"),
            better="less", note=f"{len(waits)} epochs, median {percentile(waits, 0.5):.2f} s, asked every {1e3 * LOOKS_APART:g} ms",
        ),
        Row(
            "a cancel to the end of training, slowest", max(halts), "s", must=Bound(1, "most"), better="less",
            note=f"of {CANCELS} while they train, median {percentile(halts, 0.5):.2f} s",
        ),
        Row(
            "a cancel to a test that is cancelled, slowest", max(ends), "s", goal=Bound(1, "most"), better="less",
            note=f"median {percentile(ends, 0.5):.2f} s; what was trained is kept before",
        ),
    )  # fmt: skip


def _left_training(client: Client, test: str) -> float:
    """When a test was first seen not to train any more, on the clock of `time.perf_counter`."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        shown, _ = client.get(f"/api/quick-tests/{test}")
        if any(row["stage"] == "train" and row["status"] != "running" for row in shown["stages"]):
            return time.perf_counter()
        time.sleep(LOOKS_APART)
    raise TimeoutError(f"test #{shown['number']} still trains")


def _watched(client: Client, test: str, epochs: int) -> list[float]:
    """Seconds from each epoch's event to the first answer with it, until so many epochs are told."""
    found: list[float] = []
    after, ends = 0, time.monotonic() + PATIENCE_SECONDS
    while len(found) < epochs and time.monotonic() < ends:
        told, _ = client.get(f"/api/quick-tests/{test}/history?after={after}")
        now = time.time() * 1e3
        found += [(now - epoch_ms(epoch["at"])) / 1e3 for epoch in told["items"]]
        after = told["next"]
        if told["ended"]:
            raise RuntimeError("the test ended while it was watched")
        time.sleep(LOOKS_APART)
    return found


PARTS: dict[str, tuple[str, str, Callable[[Section], None]]] = {
    "reads": (
        "Recommenders: reads among a thousand tests",
        f"A server with {TESTS:,} completed tests of `tutorial_retrieval` on the small shop; {READS} requests each, one after "
        "the other over one connection, from the same machine.",
        reads,
    ),
    "starts": ("Recommenders: a start acknowledged", "The answer to a request that queues a test.", starts),
    "follows": (
        "Recommenders: following and cancelling",
        "A test of `tutorial_retrieval` with 400 epochs on the small shop is followed over REST and cancelled after 20 of them.",
        follows,
    ),
}
"""Name -> heading, about, what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 2 for an unknown name."""
    return measure_chosen(PARTS, arguments, prefix="recsys_answers_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
