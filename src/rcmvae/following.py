"""What follows from a model's images: the rules behind each `auto` of a preset or a configuration file.

A recipe that names numbers was tuned on one set. Here a number is a rule over facts (size, channels and spread of the images, how many there
are, how many labels): the same rule for everybody's images. Which rules hold is decided on the panel of image sets (`bench/panel.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from rcmvae.facts import ImageFacts
from workbench.families import DerivedRule

CONV_PIXELS = 16
"""Colour images of at least this many pixels each way get a convolutional encoder where nobody says which."""
STEPS = 3_000
STEPS_IMAGES = 1_000
STEPS_POWER = 0.3
"""Training takes `STEPS` steps for `STEPS_IMAGES` images and fewer; with more images it grows by this power of their number."""
BUDGET = 2e13
"""Floating point operations of a whole training that the number of epochs keeps to."""
LEAST_EPOCHS, MOST_EPOCHS = 3, 1_000
NATS = 25.0
"""What the mean image leaves to be explained, in nats: enough to learn from, too little to drown the labels."""
USUAL_VARIANCE = 0.07
"""Of a pixel over images in [0, 1], where nobody measured it: that of MNIST and of the digits."""
LEAST_SIGMA, MOST_SIGMA = 0.05, 10.0

NETWORKS = ("encoder_type", "decoder_type")
"""The fields that say which kind of network."""

Values = Mapping[str, Any]


def _shape(_: Values, facts: ImageFacts) -> tuple[int, ...]:
    return tuple(facts.shape)


def _classes(_: Values, facts: ImageFacts) -> int:
    return len(facts.class_names)


def encoder_for(facts: ImageFacts) -> str:
    """Convolutional for colour images that are large enough, else dense.

    With few labels a dense encoder is as good on grey images and many times faster; on colour images it is worse.
    """
    height, width, channels = facts.shape
    return "conv" if channels > 1 and min(height, width) >= CONV_PIXELS else "dense"


def _encoder(_: Values, facts: ImageFacts) -> str:
    return encoder_for(facts)


def _decoder(_values: Values, _facts: ImageFacts) -> str:
    return "dense"


def images_of(facts: ImageFacts) -> int:
    """Training images of the sample, as far as they are known."""
    return max(1, facts.n_sampled or facts.n_train)


def steps_for(images: int) -> int:
    """How many steps a training on so many images takes."""
    return round(STEPS * max(1.0, images / STEPS_IMAGES) ** STEPS_POWER)


def _epochs(values: Values, facts: ImageFacts) -> int:
    from rcmvae.config import resolve
    from rcmvae.counting import operations_per_epoch

    images = images_of(facts)
    wanted = steps_for(images) / math.ceil(images / min(images, int(values["batch_size"])))
    affordable = BUDGET / max(1.0, operations_per_epoch(resolve(values), images))
    return max(LEAST_EPOCHS, min(MOST_EPOCHS, round(min(wanted, affordable))))


def _share(share: float, least: int) -> Callable[[Values, ImageFacts], int]:
    """So much of the epochs."""
    return lambda values, _facts: max(least, round(share * int(values["max_epochs"])))


def _sigma(_: Values, facts: ImageFacts) -> float:
    variance = facts.variance or USUAL_VARIANCE
    sigma = math.sqrt(math.prod(facts.shape) * variance / (2 * NATS))
    return float(f"{min(MOST_SIGMA, max(LEAST_SIGMA, sigma)):.2g}")


def _claims(_: Values, facts: ImageFacts) -> float:
    return max(1.0, round(facts.n_labelled / max(1, len(facts.class_names)), 1))


def _shift(_: Values, facts: ImageFacts) -> int:
    return max(1, round(min(facts.shape[:2]) / 10))


def _colour(_: Values, facts: ImageFacts) -> float:
    return 0.3 if facts.shape[2] > 1 else 0.0


_EPOCHS = ("max_epochs",)

RULES = (
    DerivedRule("input_shape", "image shape of the dataset", _shape),
    DerivedRule("num_classes", "classes of the dataset", _classes),
    DerivedRule(
        "encoder_type", f"conv for colour images from {CONV_PIXELS}x{CONV_PIXELS} pixels on, else dense", _encoder, ("input_shape",), on_auto=True
    ),
    DerivedRule("decoder_type", "with few labels dense is as good as conv, and many times faster", _decoder, on_auto=True),
    DerivedRule(
        "max_epochs",
        f"{STEPS:,} steps for {STEPS_IMAGES:,} images, growing by the power {STEPS_POWER:g} of their number, within {BUDGET / 1e12:.0f} trillion operations",
        _epochs,
        ("batch_size", "input_shape", "num_classes", "encoder_type", "decoder_type"),
        on_auto=True,
    ),
    *(
        DerivedRule(name, f"{share:.0%} of the epochs", _share(share, least), _EPOCHS, on_auto=True)
        for name, share, least in (
            ("kl_z_anneal_epochs", 0.1, 0), ("routing_warmup_epochs", 0.05, 1),
            ("consistency_warmup_epochs", 0.1, 0), ("consistency_ramp_epochs", 0.1, 1),
        )
    ),
    DerivedRule("observation_sigma", f"{NATS:g} nats between the mean image and a perfect one", _sigma, ("input_shape",), on_auto=True),
    DerivedRule("tau_claim_strength", "labels a class", _claims, ("num_classes",), on_auto=True),
    DerivedRule("augment_shift", "a tenth of the image", _shift, ("input_shape",), on_auto=True),
    DerivedRule("augment_colour", "0.3 for colour images, none for grey ones", _colour, ("input_shape",), on_auto=True),
)  # fmt: skip
"""Values that follow from the data."""
