"""Named starting points. A preset is a fixed set of values with one rule, applied in `apply_preset`.

What a preset sets stands in `configs/models/rcmvae_<preset>.yaml` and `configs/training/rcmvae_<preset>.yaml` and nowhere
else; the files are read when the values are first looked at. This module adds what people read about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rcmvae.config import SPECS, resolve
from rcmvae.facts import ImageFacts
from rcmvae.layered import NETWORKS, network_for
from workbench.families import Preset
from workbench.families.shipped import ShippedValues
from workbench.fields import AUTO, applies


def _named(name: str, value: Any) -> bool:
    """Whether a preset has a value: not a network that its files leave to the data (`auto`)."""
    return name not in NETWORKS or value != AUTO


def _shipped(
    name: str, title: str, sentence: str, *, sample: Mapping[str, Any] | None = None, dataset: str | None = None, expected: str = ""
) -> Preset:
    values = ShippedValues(f"models/rcmvae_{name}.yaml", f"training/rcmvae_{name}.yaml", holds=_named)
    return Preset(name, title, sentence, values, sample or {}, dataset, expected)


PRESETS: tuple[Preset, ...] = (
    _shipped(
        "standard_baseline",
        "Standard",
        "A plain variational autoencoder with a classifier head: the yardstick for all others.",
        expected="Measured on the digits, three draws of 128 labels: 89.2 % of held-out digits right.",
    ),
    _shipped(
        "mixture_10",
        "Mixture (10)",
        "Ten components in one latent space, a component-aware decoder and the tau-classifier.",
        expected="Measured on the digits, three draws of 128 labels: 95.9 % of held-out digits right.",
    ),
    _shipped(
        "vamp_prior",
        "VampPrior",
        "Ten components placed by learned pseudo-images, with the tau-classifier.",
        expected="Measured on the digits, three draws of 128 labels: 87.1 % of held-out digits right.",
    ),
    _shipped(
        "geometric_diagnostic",
        "Geometric (diagnostic)",
        "Ten components fixed on a circle, to see what an imposed arrangement does.",
        expected="Measured on the digits, three draws of 128 labels: 95.5 % of held-out digits right.",
    ),
    _shipped(
        "decentralized_specialists",
        "Decentralized specialists",
        "Every component has a latent space of its own and learns to own one kind of image.",
        expected="Measured on the digits, five draws of 128 labels: every component used, purity 0.95, 95.9 % of held-out digits right.",
    ),
    _shipped(
        "semi_supervised_digits",
        "Semi-supervised (digits)",
        "Learns handwritten digits from 128 labels in under a minute.",
        sample={"num_samples": "auto", "num_labeled": 128},
        dataset="digits",
        expected="Measured: 97.0 % of held-out digits right, mean of five label draws.",
    ),
    _shipped(
        "semi_supervised_mnist",
        "Semi-supervised (MNIST)",
        "Learns MNIST from 100 labels, ten of each digit.",
        sample={"num_samples": "auto", "num_labeled": 100},
        dataset="mnist",
        expected="Measured on all of MNIST, five draws of 100 labels: 2.5 % of test digits wrong.",
    ),
    _shipped(
        "clustering_mnist",
        "Clustering (MNIST)",
        "Finds ten groups in images that nobody labelled: an image and a distorted view of it must lie in the same one.",
        sample={"num_samples": "auto", "num_labeled": 0},
        dataset="mnist",
        expected="Measured on MNIST without a label, three starts: 89.2 % of test digits lie in their digit's group.",
    ),
    Preset("custom", "Custom", "The defaults, to change as you like.", {}),
)


def fit_sample(settings: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Sample settings for imported images: of the labels no more than are surely among them, as their own settings say."""
    return {**settings, "num_labeled": min(settings["num_labeled"], own["num_labeled"])}


def apply_preset(preset: Preset, facts: ImageFacts) -> dict[str, Any]:
    """A preset's flat values for a dataset: networks are convolutional for images of 16x16 pixels and more, else dense.

    A preset that names its networks keeps them; widths of the other kind of network are left out. `input_shape` and
    `num_classes` are the data's and not among the values.
    """
    values = dict.fromkeys(NETWORKS, network_for(facts)) | dict(preset.values)
    resolved = resolve(values | {"input_shape": facts.shape, "num_classes": len(facts.class_names)})
    return {spec.name: values[spec.name] for spec in SPECS if spec.name in values and applies(spec, resolved)}
