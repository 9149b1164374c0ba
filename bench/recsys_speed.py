"""How fast recommenders are: from the click on Start to the results, simulated shops, transforms, imports, generated code.

`python -m bench.recsys_speed [PART ...]` measures all parts, or those named. Each is a section of its own. How fast models
are evaluated is measured by `bench.recsys_evaluation`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, Section, measure_chosen
from bench.live import events_of, first_at
from bench.seeding import ACTOR
from bench.serving import end_workers
from recsys.codegen.checks import check_source
from recsys.codegen.trainer import Request, trainer_source
from recsys.data.retail import simulate
from recsys.data.retail_settings import SIZES, RetailSettings, SizeName
from recsys.data.shops import ROLES
from recsys.data.table import table_of
from recsys.data.upload import read_import
from recsys.features.shipped import SHIPPED
from recsys.model.config import document_of
from recsys.model.recipes import RECIPES
from recsys.service import RecommenderService
from recsys.training.parts import divide, transform
from recsys.training.raw_columns import raw_columns
from recsys.trial import Named, TrialSettings
from workbench.datasets import ReadImport
from workbench.settings import Settings
from workbench.workbench import Workbench

PACKAGES = ("tensorflow-cpu", "tensorflow-recommenders", "polars", "numpy")
ROUNDS = 3
SPLIT = {"split": "random", "val": 0.0, "test": 0.2}


class Taken:
    """Wall and processor seconds of several rounds of one piece of work."""

    def __init__(self, work: Callable[[], object], rounds: int = ROUNDS) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []
        for _ in range(rounds):
            wall, processor = time.perf_counter(), time.process_time()
            work()
            self.wall.append(time.perf_counter() - wall)
            self.processor.append(time.process_time() - processor)

    @property
    def seconds(self) -> float:
        """The median of the wall."""
        return statistics.median(self.wall)

    def rate(self, name: str, amount: float, unit: str, must: float) -> Row:
        """A row of an amount of something a second, with what one processor alone would reach."""
        processor = statistics.median(self.processor)
        note = f"{processor:.2f} s of processor time, {amount / processor:,.1f} {unit} of it"
        return Row(name, amount / self.seconds, unit, must=Bound(must, "least"), note=note)

    def row(self, name: str, must: float, *, unit: str = "s", factor: float = 1.0) -> Row:
        """A row of how long it takes."""
        note = f"{factor * statistics.median(self.processor):.3g} {unit} of processor time"
        return Row(name, factor * self.seconds, unit, must=Bound(must, "most"), note=note, better="less")


def click(page: Section) -> None:
    """From the start of a test to its results, by a worker that is not there yet and then by the same one, warm."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        bench = Workbench.open(Settings.load(home=home))
        try:
            service = RecommenderService(bench)
            recipe = RECIPES["tutorial_retrieval"]
            features = service.features.create(
                actor=ACTOR, dataset_id="movielens-100k", name="Ids", document=SHIPPED[recipe.features].config
            )
            model = service.models.create(actor=ACTOR, name="Tutorial", document=document_of(recipe.config))

            def test() -> tuple[float, Mapping[str, float]]:
                clicked = time.time() * 1e3
                run = service.tests.start(actor=ACTOR, feature_config=features.id, model_config=model.id, settings=SPLIT)
                events = events_of(bench, run)
                seconds = (time.time() * 1e3 - clicked) / 1e3
                told = [event.payload for event in events if event.kind == "diagnostics"]
                stages = {"until a worker has it": (first_at(events, "started") - clicked) / 1e3}
                stages |= _stages(told)
                ended = bench.state().runs[run.id]
                if ended.state != "completed":
                    raise RuntimeError(f"the test ended as {ended.state}: {ended.error}")
                return seconds, stages

            cold, stages_of_cold = test()
            warm = sorted((test() for _ in range(ROUNDS)), key=lambda one: one[0])
            seconds, stages = warm[len(warm) // 2]
        finally:
            end_workers(home)
    page.add(
        Row(
            "Start to results, warm worker", seconds, "s", must=Bound(10, "most"), goal=Bound(6, "most"),
            better="less", spread=f"{warm[0][0]:.1f} to {warm[-1][0]:.1f}", note=_words(stages, seconds),
        ),
        Row(
            "Start to results, what a cold worker adds", cold - seconds, "s", must=Bound(12, "most"),
            better="less", note=_words(stages_of_cold, cold),
        ),
    )  # fmt: skip


def _stages(told: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Seconds of each stage, from the last list of stages that a trial told."""
    lists = [payload["values"]["stages"] for payload in told if payload.get("name") == "stages"]
    return {stage["stage"]: float(stage["seconds"]) for stage in lists[-1]} if lists else {}


def _words(stages: Mapping[str, float], whole: float) -> str:
    parts = [f"{name} {seconds:.2f} s" for name, seconds in stages.items()]
    return ", ".join([*parts, f"the rest {whole - sum(stages.values()):.2f} s"])


_SIMULATED = """
import resource, sys, time
from recsys.data.retail import simulate
from recsys.data.retail_settings import RetailSettings
simulate(RetailSettings(rows=1000))
times = []
for _ in range(int(sys.argv[2])):
    wall, processor = time.perf_counter(), time.process_time()
    simulate(RetailSettings(size=sys.argv[1]))
    times.append((time.perf_counter() - wall, time.process_time() - processor))
wall, processor = sorted(times)[len(times) // 2]
print(wall, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def shops(page: Section) -> None:
    """Rows a second of each size, frame assembled; each in a process of its own, whose peak memory counts."""
    demanded: dict[SizeName, float] = {"small": 200_000, "medium": 1_000_000, "large": 700_000}
    for size, must in demanded.items():
        rounds = 1 if size == "large" else ROUNDS
        command = [sys.executable, "-c", _SIMULATED, size, str(rounds)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        wall, processor, peak = map(float, done.stdout.split())
        rows = SIZES[size].rows
        note = f"{wall:.2f} s, {processor:.2f} s of processor time, {rows / processor:,.0f} rows a second of it"
        page.add(Row(f"{size} shop, {rows:,} rows", rows / wall, "rows/s", must=Bound(must, "least"), note=note))
    page.add(Row("Peak memory, large shop", peak, "GiB", must=Bound(3, "most"), better="less"))


def transforms(page: Section) -> None:
    """Fitting and applying the features `retail-104-72` to a million rows."""
    table = table_of(simulate(RetailSettings(size="medium")).frame, ROLES, source="retail")
    division = divide(table, TrialSettings(split="time_holdout"))
    features = SHIPPED["retail-104-72"].config
    rows = table.frame.height

    def work() -> None:
        done = transform(division, features, binary=False)
        for part in ("train", "validation", "test"):
            done.tensors(part)

    page.add(Taken(work).rate(f"Fit and apply, {rows:,} rows", rows, "rows/s", 500_000))


def imports(page: Section) -> None:
    """Reading 400,000 sales as a person's file: checked, typed, kept as Parquet, described and fingerprinted."""
    frame = simulate(RetailSettings(size="medium", rows=400_000)).frame
    with tempfile.TemporaryDirectory() as folder:
        csv, parquet = Path(folder) / "shop.csv", Path(folder) / "shop.parquet"
        frame.write_csv(csv)
        frame.write_parquet(parquet)
        for path, name, must in ((csv, "CSV", 40), (parquet, "Parquet", 100)):
            megabytes = path.stat().st_size / 1e6
            taken = Taken(lambda path=path: _discard(read_import(path)))
            page.add(taken.rate(f"{name} file of {megabytes:.1f} MB", megabytes, "MB/s", must))
        megabytes = frame.estimated_size() / 1e6
        page.add(taken.rate(f"Parquet file, by its {megabytes:.0f} MB in memory", megabytes, "MB/s", 100))


def _discard(read: ReadImport) -> None:
    assert isinstance(read.content, Path)
    read.content.unlink()


def code(page: Section) -> None:
    """Writing a trainer and checking it, without running it."""
    table = table_of(simulate().frame, ROLES, source="retail")
    features = SHIPPED["retail-104-72"].config
    done = transform(divide(table, TrialSettings(split="time_holdout")), features, binary=False)
    columns = raw_columns(done.fitted, {info.column: info.data_type for info in table.schema.columns})
    config = RECIPES["best_retrieval"].config
    request = Request(
        features=features,
        model=config,
        feature_name=Named(name="features"),
        model_name=Named(name="model"),
        buyer_columns=tuple(columns["buyer"]),
        product_columns=tuple(columns["product"]),
        epochs=config.training.epochs,
        batch_size=config.training.batch_size,
        learning_rate=config.training.learning_rate,
        seed=42,
        program="Trellis",
        created="2026-01-01T00:00:00Z",
    )
    source = trainer_source(request)
    check_source(source)
    page.add(
        Taken(lambda: trainer_source(request), 9).row("Writing a trainer", 50, unit="ms", factor=1e3),
        Taken(lambda: check_source(source), 9).row("Checking it", 500, unit="ms", factor=1e3),
    )


PARTS: dict[str, tuple[str, str, Callable[[Section], None]]] = {
    "click": (
        "Recommenders: from the click to the results",
        "A quick test of the recipe `tutorial_retrieval` on MovieLens-100K (32 dimensions, batch 8192, 3 epochs, metrics, "
        f"baselines, export) by a worker process, started through the service. Warm: median of {ROUNDS}.",
        click,
    ),
    "shops": (
        "Recommenders: simulated shops",
        f"All columns, frame assembled; median of {ROUNDS}, of the large shop once.",
        shops,
    ),
    "transforms": (
        "Recommenders: transforms",
        f"The features `retail-104-72` on the medium shop, the last 30 days held out; median of {ROUNDS}.",
        transforms,
    ),
    "imports": (
        "Recommenders: imported files",
        f"400,000 rows of 15 columns of the medium shop; everything that an import does; median of {ROUNDS}.",
        imports,
    ),
    "code": (
        "Recommenders: generated code",
        "The trainer of `best_retrieval` on `retail-104-72`; median of 9.",
        code,
    ),
}
"""Name -> heading, about, what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 2 for an unknown name."""
    return measure_chosen(PARTS, arguments, prefix="recsys_speed_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
