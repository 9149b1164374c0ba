"""How recommenders' training compares with the tutorial's loop, and how it grows with the data.

`python -m bench.recsys_scaling [PART ...]` measures all parts, or those named. Each is a section of its own; their times
mean something on an idle machine alone.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bench.harness import Bound, Row, Section, measure_chosen
from bench.recsys_memory import GIB, peak_above, resident
from bench.recsys_trials import FIRST_SEED, RANDOM, RETAIL_IDS, Outcome, Setting, divided, recipe, run_trial, shop, standard_error

PACKAGES = ("tensorflow-cpu", "tf-keras", "tensorflow-recommenders", "polars", "numpy")
SEEDS = 3
BATCH_SIZE = 4096


@dataclass(frozen=True)
class Size:
    """How much is trained on, and what that may take.

    Attributes:
        setting: data, features and model. epochs: the last one is timed; the first holds the tracing of functions.
        epoch_seconds, evaluation_seconds, gib: limits.
    """

    words: str
    setting: Setting
    epochs: int
    epoch_seconds: float
    evaluation_seconds: float
    gib: float


def _sizes() -> dict[str, Size]:
    ids = recipe("best_retrieval").training(batch_size=BATCH_SIZE)
    medium, large = (
        replace(ids, table=partial(shop, size), features=RETAIL_IDS, split={**RANDOM, "test": test})
        for size, test in (("medium", 0.1), ("large", 0.002))
    )
    return {
        "100k": Size("100,000 rows, 1,682 items", ids, 3, 1, 1, 1),
        "1m": Size("1,000,000 rows, 2,000 items", medium, 2, 10, 3, 2),
        "10m": Size("10,000,000 rows, 20,000 items", large, 1, 240, 12, 6),
    }


def tutorial(page: Section) -> None:
    """Training and evaluation beside the tutorial's own loop, in turns, by the same seeds and rows."""
    from bench.tutorial_loop import run_loop

    own, loop, bare = [], [], []
    run_trial(recipe("tutorial_retrieval"), FIRST_SEED - 1)
    for seed in range(FIRST_SEED, FIRST_SEED + SEEDS):
        setting = recipe("tutorial_retrieval")
        own.append(run_trial(setting, seed))
        division = divided(setting, seed)
        loop.append(run_loop(division, seed))
        bare.append(run_loop(division, seed, metrics_while_training=False))
    seconds = [outcome.seconds["train"] + outcome.seconds["evaluate"] for outcome in own]
    top_100 = [outcome.value("recall_at_100") for outcome in own]
    reference = [one.fit_seconds + one.evaluate_seconds for one in loop]
    steps = [ours - one.top_100 for ours, one in zip(top_100, loop, strict=True)]
    page.add(
        Row(
            "Training and evaluation", statistics.fmean(seconds), "s", statistics.fmean(reference), "the tutorial's loop",
            better="less", must=Bound(5, "least", "ratio"), goal=Bound(10, "least", "ratio"), spread=_range(seconds),
            note=f"the loop: {_range(reference)} s",
        ),
        Row(
            "Training and evaluation, beside a loop without metrics while it trains", statistics.fmean(seconds), "s",
            statistics.fmean(one.fit_seconds + one.evaluate_seconds for one in bare),
            "the loop with metrics at its end alone", better="less",
        ),
        Row(
            "Recall@100, all items", statistics.fmean(top_100), "", statistics.fmean(one.top_100 for one in loop),
            "FactorizedTopK of the tutorial's loop", must=Bound(1, "least", "ratio"), spread=_range(top_100, 3),
            note=f"mean difference by seed {statistics.fmean(steps):+.4f}, standard error {standard_error(steps):.4f}",
        ),
    )  # fmt: skip


def _range(values: Sequence[float], digits: int = 1) -> str:
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def one(name: str) -> None:
    """Train and evaluate one size in this process and print what it took, as JSON."""
    from recsys.training import trainer

    size = _sizes()[name]
    before = resident()
    outcome = run_trial(size.setting.training(epochs=size.epochs), FIRST_SEED)
    found = _told(outcome) | {"peak": peak_above(before)}
    print(json.dumps(found | {"module": trainer.__name__}))


def _told(outcome: Outcome) -> dict[str, float]:
    history = outcome.bundle.told["history"]["metrics"]
    return {
        "epoch": history["epoch_seconds"][-1],
        "rate": history["rows_per_second"][-1],
        "evaluation": outcome.seconds["evaluate"],
        "queries": float(outcome.bundle.told["counts"]["test_rows"]),
        "whole": sum(outcome.seconds.values()),
    }


def scaling(page: Section, names: Sequence[str] = ("100k", "1m", "10m")) -> None:
    """A hundred thousand, a million and ten million rows, each in a process of its own."""
    for name in names:
        size = _sizes()[name]
        command = [sys.executable, "-c", f"from bench.recsys_scaling import one; one({name!r})"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        page.add(
            Row(
                f"{size.words}: an epoch", found["epoch"], "s", must=Bound(size.epoch_seconds, "most"), better="less",
                note=f"{found['rate']:,.0f} rows a second; all stages together {found['whole']:.1f} s",
            ),
            Row(
                f"{size.words}: evaluation", found["evaluation"], "s", must=Bound(size.evaluation_seconds, "most"),
                better="less", note=f"{found['queries']:,.0f} test rows, each among all items, with and without seen ones",
            ),
            Row(
                f"{size.words}: memory", found["peak"] / GIB, "GiB", must=Bound(size.gib, "most"), better="less",
                note="the most above what the process has with TensorFlow loaded, the data included",
            ),
        )  # fmt: skip


PARTS: dict[str, tuple[str, str, Callable[[Section], None]]] = {
    "tutorial": (
        "Recommenders: beside the tutorial's loop",
        "Training and evaluation of the recipe `tutorial_retrieval` on MovieLens-100K, 80 % to learn from, and the retrieval "
        "tutorial's own loop with a streaming `FactorizedTopK` on the same rows and candidates, in one process in turns; "
        f"means of seeds 42 to {FIRST_SEED + SEEDS - 1}. Tracing of functions is part of both.",
        tutorial,
    ),
    "scaling": (
        "Recommenders: how training grows",
        f"Ids alone, 32 dimensions, batches of {BATCH_SIZE}, the recipe `best_retrieval`; MovieLens-100K, then simulated shops. "
        "20,000 test rows, 100,000 of the medium shop.",
        scaling,
    ),
}
"""Name -> heading, about, what is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 2 for an unknown name."""
    return measure_chosen(PARTS, arguments, prefix="recsys_scaling_", word="part", packages=PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
