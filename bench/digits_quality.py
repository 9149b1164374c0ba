"""Held-out accuracy on the digits with 128 labels: the preset behind "Try it", against label spreading and a plain MLP.

`python -m bench.digits_quality` runs five label draws; arguments `name=value` change fields of the preset for a trial,
which prints and saves nothing.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.semi_supervised import LabelSpreading

from bench.harness import Bound, Row, section
from bench.quality import given_values, run_draw, spread_of
from rcmvae.data import digits
from rcmvae.training.task import Task

PRESET = "semi_supervised_digits"
DRAWS = 5
ABOUT = (
    "1,797 real images of 8x8 pixels, 360 held out, 128 labels, {draws} label draws (each also another seed of the model). The references are "
    "scikit-learn's label spreading (on all training images, best of three kernel widths on the held-out images, so flattered) and an MLP on the "
    "128 labelled images alone, on the same draws. Seconds include compilation; processor seconds count both cores."
)


def references(job: Task) -> dict[str, float]:
    """Held-out accuracy of the references on the job's own labels."""
    images = np.asarray(job.dataset.images).reshape(len(job.dataset.images), -1)
    truth = np.asarray(job.dataset.true_labels)
    rows = np.concatenate([job.sample["train"], job.sample["validation"]])
    shown = np.array([job.labels.get(int(row), -1) for row in rows])
    test = np.asarray(job.sample["test"])
    labelled = rows[shown >= 0]
    spreading = max(
        float(
            (LabelSpreading(kernel="knn", n_neighbors=n, max_iter=200).fit(images[rows], shown).predict(images[test]) == truth[test]).mean()
        )
        for n in (5, 7, 10)
    )
    perceptron = MLPClassifier((256,), max_iter=1000, random_state=0).fit(images[labelled], truth[labelled])
    return {"label spreading": spreading, "plain MLP": float(np.mean(perceptron.predict(images[test]) == truth[test]))}


def mean(values: list[float]) -> float:
    """Arithmetic mean."""
    return statistics.fmean(values)


def main(arguments: list[str] | None = None) -> None:
    """Measure, or try other values."""
    values, sample = given_values(sys.argv[1:] if arguments is None else arguments)
    with tempfile.TemporaryDirectory() as folder:
        if values or sample:
            outcomes = [run_draw(digits.load(), PRESET, draw, Path(folder), values=values, sample=sample)[0] for draw in range(DRAWS)]
            for outcome in outcomes:
                print(outcome)
            print({**values, **sample}, f"accuracy {mean([o.accuracy for o in outcomes]):.4f}")
        else:
            measure(Path(folder))


def measure(folder: Path) -> None:
    """All draws, the references, and the saved section."""
    with section("digits_quality", "Digits, 128 labels", ABOUT.format(draws=DRAWS), packages=("jax", "flax", "scikit-learn")) as page:
        outcomes, others = [], []
        for draw in range(DRAWS):
            outcome, job = run_draw(digits.load(), PRESET, draw, folder)
            outcomes.append(outcome)
            others.append(references(job))
            print(f"  draw {draw}: {outcome} {others[-1]}", flush=True)
        accuracies = [100 * o.accuracy for o in outcomes]
        spread = spread_of(accuracies)
        for name in others[0]:
            page.add(
                Row(
                    "Held-out accuracy", mean(accuracies), "%", 100 * mean([o[name] for o in others]), name,
                    must=Bound(95, "least"), goal=Bound(97, "least"), spread=spread,
                )
            )  # fmt: skip
        page.add(
            Row("Seconds a draw, the slowest", max(o.seconds for o in outcomes), "s", must=Bound(60, "most"), better="less"),
            Row("Processor seconds a draw, mean", mean([o.processor for o in outcomes]), "s", better="less"),
            Row("KL_z, the smallest", min(o.kl_z for o in outcomes), "nats", must=Bound(1, "least")),
            Row("Effective components over all, the smallest", min(o.used for o in outcomes), "", must=Bound(0.6, "least")),
        )


if __name__ == "__main__":
    main()
