"""How fast a recommender is evaluated exactly: ranks, seen items, top lists, baselines and intervals.

`python -m bench.recsys_evaluation`
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.harness import Bound, Row, Section, missing, paired_ratio, percentile, section, side_by_side
from recsys.evaluation.baselines import fit_baselines
from recsys.evaluation.bootstrap import paired_lift
from recsys.evaluation.ranks import rank
from recsys.evaluation.top import top_k
from recsys.evaluation.user_items import UserItems

WIDTH = 32
SEEN_PER_USER = 85
"""Train items of a user, as MovieLens-100K has them."""
ROWS_PER_USER = 21
SIZES = ((1_682, 20_000, 100_000), (20_000, 2_000, 10_000))
"""Candidates, queries that are ranked, and how many a second there must be."""
ROUNDS = 5
SPARE = 0.10
"""Share of the reference's queries: sorting is so slow that a few say enough."""
ABOUT = (
    f"Exact ranks by dot products of {WIDTH} dimensions, equal scores counting half, in float32. The "
    "reference sorts every query's scores with `numpy.argsort` and looks the row's own item up, in blocks of "
    f"the same size, in turns with what it is compared to. Seen items: {SEEN_PER_USER} of each user, "
    f"{ROWS_PER_USER} rows a user; their removal adds a second set of ranks in the same pass. Baselines are "
    "fitted on 72,000 rows of MovieLens-100K, with 5,000 validation rows to choose among four EASEs, and rank "
    "20,000 test rows."
)


def by_sorting(queries: np.ndarray, items: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Places (Q,) of each row's own item in its sorted list; ties stand in any order."""
    height = max(1, 4 * 2**20 // len(items))
    places = []
    for start in range(0, len(queries), height):
        order = np.argsort(-(queries[start : start + height] @ items.T), axis=1)
        places.append(np.nonzero(order == targets[start : start + height, None])[1] + 1)
    return np.concatenate(places)


def measure_ranks(page: Section, candidates: int, n: int, must: float) -> None:
    """Queries a second with and without seen items, and of top lists, beside sorting."""
    rng = np.random.default_rng(0)
    queries = rng.standard_normal((n, WIDTH), np.float32)
    items = rng.standard_normal((candidates, WIDTH), np.float32)
    targets, n_users = rng.integers(0, candidates, n), max(1, n // ROWS_PER_USER)
    owner = np.repeat(np.arange(n_users), SEEN_PER_USER)
    seen = UserItems.of(owner, rng.integers(0, candidates, len(owner)), n_users=n_users, n_items=candidates)
    users, few = rng.integers(0, n_users, n), int(n * SPARE)
    places = by_sorting(queries[:few], items, targets[:few])
    if not np.array_equal(places, rank(queries[:few], items, targets[:few]).all_items):
        raise RuntimeError("ranks and sorted places differ although no scores are equal")
    work: dict[str, Callable[[], object]] = {
        "ranks": lambda: rank(queries, items, targets),
        "unseen": lambda: rank(queries, items, targets, seen=seen, users=users),
        "top": lambda: top_k(queries, items, 10, seen=seen, users=users),
        "sorting": lambda: by_sorting(queries[:few], items, targets[:few]),
    }
    seconds = side_by_side(work, rounds=ROUNDS)
    ranked = {name: few if name == "sorting" else n for name in work}
    speed = {name: ranked[name] / percentile(taken, 0.5) for name, taken in seconds.items()}
    reference = {"reference": speed["sorting"], "reference_name": "sorting with numpy.argsort"}
    of = f"{candidates:,} candidates"
    page.add(
        Row(f"ranks, {of}", speed["ranks"], "queries/s", must=Bound(must, "least"), **reference),
        Row(f"ranks with and without seen items, {of}", speed["unseen"], "queries/s", **reference),
        Row(
            f"what seen items add, {of}",
            100 * (paired_ratio(seconds["unseen"], seconds["ranks"]) - 1),
            "%",
            must=Bound(30, "most"),
            better="less",
        ),
        Row(f"ten best without seen items, {of}", speed["top"], "queries/s", **reference),
    )


def measure_bootstrap(page: Section) -> None:
    """Seconds for the interval of one lift, for as many users as rows, which is the most work."""
    rng = np.random.default_rng(0)
    model, baseline = rng.random((2, 20_000))
    for users, name in ((np.arange(20_000), "20,000 users"), (np.arange(20_000) % 943, "943 users")):
        taken = side_by_side({"": lambda users=users: paired_lift(model, baseline, users)}, rounds=ROUNDS)[""]
        page.add(
            Row(
                f"interval of a lift, 20,000 rows of {name}",
                percentile(taken, 0.5),
                "s",
                must=Bound(1, "most"),
                spread=f"slowest {max(taken):.2f}",
                better="less",
            )
        )


def measure_baselines(page: Section) -> None:
    """Seconds to fit popularity, ItemKNN and EASE and to rank MovieLens-100K's test rows by each."""
    name, must = "three baselines fitted and ranked, MovieLens-100K", Bound(2, "most")
    path = Path(os.environ.get("TRELLIS_DATA", "")) / "ml-100k" / "u.data"
    if not path.is_file():
        why = "MovieLens-100K is absent: point TRELLIS_DATA at the folder above it"
        page.add(missing(name, "s", why, must=must))
        return
    table = np.loadtxt(path, np.int64, usecols=(0, 1)) - 1
    table = table[np.random.default_rng(42).permutation(len(table))]
    train, validation, test = table[:72_000], table[72_000:80_000], table[80_000:]
    seen = UserItems.of(table[:80_000, 0], table[:80_000, 1], n_users=943, n_items=1682)
    taken, processor = [], []
    for _ in range(3):
        started, used = time.perf_counter(), time.process_time()
        for baseline in fit_baselines(*train.T, n_users=943, n_items=1682, validation=(*validation.T,)):
            baseline.ranks(*test.T, seen=seen)
        taken.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    note = f"{percentile(processor, 0.5):.1f} s of processor time"
    spread = f"slowest {max(taken):.1f}"
    page.add(Row(name, percentile(taken, 0.5), "s", must=must, spread=spread, better="less", note=note))


def main() -> None:
    """Measure ranks, baselines and intervals."""
    with section("recsys_evaluation", "Evaluation of recommenders", ABOUT, packages=("numpy",)) as page:
        for candidates, n, must in SIZES:
            measure_ranks(page, candidates, n, must)
        measure_baselines(page)
        measure_bootstrap(page)


if __name__ == "__main__":
    main()
