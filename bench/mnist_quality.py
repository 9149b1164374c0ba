"""Error on MNIST's 10,000 test images with 100 labels, ten of each digit: the shipped preset on all 60,000 images.

`python -m bench.mnist_quality [DRAWS] [EPOCHS]`; five draws and the preset's epochs if not given. On two processor cores a draw
takes about a quarter of an hour; 15 epochs are what fits into ten minutes, and have a section of their own. With
TRELLIS_BENCH_KEEP=folder finished draws are kept there, and a later call goes on after them; empty the folder when what is trained
has changed.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.harness import Bound, Row, section
from bench.quality import Outcome, run_draw, spread_of
from rcmvae.data import mnist
from workbench.settings import Settings

PRESET = "semi_supervised_mnist"
DRAWS = 5
ABOUT = (
    "60,000 training images (validation images among them), 100 labels, {draws} label draws, each also another seed of the model, "
    "{epochs} epochs. References: M1+M2 3.33 % (Kingma et al. 2014), ADGM 0.96 % (Maaloe et al. 2016), both means over draws."
)


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    given = sys.argv[1:] if arguments is None else arguments
    draws = int(given[0]) if given else DRAWS
    values = {"max_epochs": int(given[1])} if len(given) > 1 else {}
    dataset = mnist.load(Settings.load())
    about = ABOUT.format(draws=draws, epochs=values.get("max_epochs", "the preset's"))
    name, title = "mnist_quality", "MNIST, 100 labels"
    if values:
        name, title = f"{name}_{given[1]}_epochs", f"{title}, {given[1]} epochs"
    with (
        section(name, title, about, packages=("jax", "flax")) as page,
        tempfile.TemporaryDirectory() as folder,
    ):
        keep = Path(os.environ.get("TRELLIS_BENCH_KEEP", folder))
        outcomes = []
        for draw in range(draws):
            kept = keep / f"{PRESET}-{values.get('max_epochs', 'preset')}-{draw}.json"
            if not kept.exists():
                outcome, _ = run_draw(dataset, PRESET, draw, Path(folder), values=values)
                keep.mkdir(parents=True, exist_ok=True)
                kept.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
            outcomes.append(Outcome(**json.loads(kept.read_text(encoding="utf-8"))))
            print(f"  draw {draw}: {outcomes[-1]}", flush=True)
        errors = [100 * (1 - o.accuracy) for o in outcomes]
        must, goal = (None, None) if values else (Bound(3.3, "most"), Bound(1.5, "most"))
        page.add(
            Row("Test error", statistics.fmean(errors), "%", 3.33, "M1+M2, published", must, goal, spread=spread_of(errors), better="less"),
            Row("Seconds a draw, mean", statistics.fmean(o.seconds for o in outcomes), "s", better="less"),
            Row("KL_z, the smallest", min(o.kl_z for o in outcomes), "nats", must=Bound(1, "least")),
            Row("Effective components over all, the smallest", min(o.used for o in outcomes), "", must=Bound(0.6, "least")),
        )


if __name__ == "__main__":
    main()
