"""Whether the components of the decentralized specialists share the work and own classes, on the digits."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench.harness import Bound, Row, section
from bench.quality import run_draw, spread_of
from rcmvae.data import digits

PRESET = "decentralized_specialists"
DRAWS = 5
LABELS = 128
ABOUT = (
    "1,797 real images of 8x8 pixels, 360 held out, {labels} labels, {draws} label draws, each also another seed of the model. Ownership is the "
    "mean over classes of the responsibility that components whose majority class it is take of its images."
)


def main() -> None:
    """Measure."""
    with (
        section("specialists", "Decentralized specialists", ABOUT.format(labels=LABELS, draws=DRAWS), packages=("jax", "flax")) as page,
        tempfile.TemporaryDirectory() as folder,
    ):
        outcomes = []
        for draw in range(DRAWS):
            outcome, _ = run_draw(digits.load(), PRESET, draw, Path(folder), sample={"num_samples": "auto", "num_labeled": LABELS})
            outcomes.append(outcome)
            print(f"  draw {draw}: {outcome}", flush=True)
        accuracies = [100 * o.accuracy for o in outcomes]
        page.add(
            Row("Effective components over all, the smallest", min(o.used for o in outcomes), "", must=Bound(0.6, "least")),
            Row("Ownership diagonal, the smallest", min(o.ownership for o in outcomes), "", must=Bound(0.6, "least")),
            Row("Purity of components, mean", statistics.fmean(o.purity for o in outcomes), "", goal=Bound(0.9, "least")),
            Row("Held-out accuracy", statistics.fmean(accuracies), "%", spread=spread_of(accuracies)),
            Row("KL_z, the smallest", min(o.kl_z for o in outcomes), "nats", must=Bound(1, "least")),
        )


if __name__ == "__main__":
    main()
