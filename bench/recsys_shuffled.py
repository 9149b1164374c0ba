"""Whether a test claims anything where there is nothing to learn but popularity.

`python -m bench.recsys_shuffled`
"""

from __future__ import annotations

import statistics
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from bench.harness import Bound, Row, Section, section
from bench.recsys_quality import PACKAGES, with_preset
from bench.recsys_trials import (
    FIRST_SEED,
    RANDOM,
    RETAIL_IDS,
    SHUFFLED_ROWS,
    Setting,
    run_trial,
    shuffled_shop,
)
from recsys.evaluation.bootstrap import paired_lift

RUNS, AT_ONCE = 100, 4
"""How many runs, and how many processes train them."""
ABOUT = (
    f"{SHUFFLED_ROWS:,} sales of the small simulated shop, whose products are dealt to customers by chance, 20 % of the rows to "
    f"measure on; ids alone, the preset Minimal with adam 0.005, batch 512, 3 epochs; {RUNS} runs, each with other sales, split "
    "and weights. The best possible is popularity."
)


@dataclass(frozen=True)
class Dealt:
    """One run on sales dealt out by chance.

    Attributes:
        own, popular: Recall@10 of the model and of popularity. low, high: popularity's 95 % interval.
        lift: the interval of the difference, as the test reports it.
    """

    own: float
    popular: float
    low: float
    high: float
    lift: tuple[float, float]


def run_dealt(seed: int) -> Dealt:
    """Train and measure once, with sales, split and weights of that seed."""
    setting = Setting(
        partial(shuffled_shop, seed), RETAIL_IDS, with_preset("minimal", batch_size=512, epochs=3), {**RANDOM, "exclude_seen": "no"}
    )
    outcome = run_trial(setting, seed)
    hits = (outcome.bundle.ranks["popularity"] <= 10).astype(float)
    alone = paired_lift(hits, np.zeros(len(hits)), outcome.users).absolute_interval
    lift = outcome.bundle.told["lift"]["recall_at_10"]["popularity"]["absolute_interval"]
    own, popular = (outcome.value("recall_at_10", who) for who in ("model", "popularity"))
    return Dealt(own, popular, alone.low, alone.high, (lift["low"], lift["high"]))


def measure(page: Section) -> None:
    """Sales dealt out by chance: nothing but popularity can be learnt, and nothing more may be claimed."""
    runs = []
    # each run is mostly work of one core: several at a time
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as pool:
        for run in pool.map(run_dealt, range(FIRST_SEED, FIRST_SEED + RUNS)):
            runs.append(run)
            print(f"  {len(runs)}: {run.own:.4f}, popularity {run.popular:.4f}, lift {run.lift}", flush=True)
    own = [run.own for run in runs]
    within = sum(run.low <= run.own <= run.high for run in runs)
    above, below = sum(run.lift[0] > 0 for run in runs), sum(run.lift[1] < 0 for run in runs)
    page.add(
        Row(
            "Recall@10, all items", statistics.fmean(own), "", statistics.fmean(run.popular for run in runs), "popularity",
            spread=f"{min(own):.3f} to {max(own):.3f}",
        ),
        Row(
            "Runs whose Recall@10 lies in the 95 % interval of popularity's", within, f"of {RUNS}", must=Bound(0.93 * RUNS, "least"),
        ),
        Row(
            "Runs that report a significant lift over popularity", above, f"of {RUNS}", must=Bound(0.07 * RUNS, "most"),
            better="less", note=f"{below} report that popularity is significantly better, which is true: no model can do better here",
        ),
    )  # fmt: skip


def main() -> None:
    """Measure all runs."""
    with section("recsys_shuffled", "Recommenders: sales dealt out by chance", ABOUT, packages=PACKAGES) as page:
        measure(page)


if __name__ == "__main__":
    main()
