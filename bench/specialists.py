"""Whether the components of the decentralized specialists share the work and own classes.

`python -m bench.specialists [DATA] [DRAWS]`; the digits, and five draws, if not given. `mnist` takes long on a processor.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, section
from bench.quality import run_draw, spread_of
from rcmvae.data import digits, mnist
from workbench.settings import Settings

PRESET = "decentralized_specialists"
DRAWS = 5
LABELS = 128


@dataclass(frozen=True)
class Protocol:
    """What is measured on a dataset: heading, the images in words, their number (`auto`: all) and what differs from the preset."""

    title: str
    images: str
    samples: Any = "auto"
    values: Mapping[str, Any] = field(default_factory=dict)


PROTOCOLS = {
    "digits": Protocol("Decentralized specialists", "1,797 real images of 8x8 pixels, 360 held out"),
    "mnist": Protocol(
        "Decentralized specialists on MNIST", "6,000 of MNIST's training images and its 10,000 test images, dense networks", 6_000,
        {"encoder_type": "dense", "decoder_type": "dense"},
    ),
}  # fmt: skip
ABOUT = (
    "{images}, {labels} labels, {draws} label draws, each also another seed of the model. Ownership is the mean over classes of the "
    "responsibility that components whose majority class it is take of its images."
)


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    given = sys.argv[1:] if arguments is None else arguments
    data = next((name for name in given if name in PROTOCOLS), "digits")
    draws = next((int(text) for text in given if text not in PROTOCOLS), DRAWS)
    protocol = PROTOCOLS[data]
    dataset = digits.load() if data == "digits" else mnist.load(Settings.load())
    about = ABOUT.format(images=protocol.images, labels=LABELS, draws=draws)
    name = "specialists" if data == "digits" else f"specialists_{data}"
    with section(name, protocol.title, about, packages=("jax", "flax")) as page, tempfile.TemporaryDirectory() as folder:
        outcomes = []
        sample = {"num_samples": protocol.samples, "num_labeled": LABELS}
        for draw in range(draws):
            outcome, _ = run_draw(dataset, PRESET, draw, Path(folder), values=protocol.values, sample=sample)
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
