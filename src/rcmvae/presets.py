"""Named starting points. A preset is a set of values, those that follow from the data by a rule among them (see `rcmvae.following`).

What a preset sets stands in `configs/models/rcmvae_<preset>.yaml` and `configs/training/rcmvae_<preset>.yaml` and nowhere
else; the files are read when the values are first looked at. This module adds what people read about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rcmvae.config import SPECS, resolve
from rcmvae.facts import ImageFacts
from rcmvae.following import NETWORKS, RULES
from workbench.families import Preset
from workbench.families.shipped import ShippedValues
from workbench.fields import AUTO, applies
from workbench.values import by_rules


def _shipped(
    name: str, title: str, sentence: str, *, sample: Mapping[str, Any] | None = None, dataset: str | None = None, expected: str = ""
) -> Preset:
    values = ShippedValues(f"models/rcmvae_{name}.yaml", f"training/rcmvae_{name}.yaml")
    return Preset(name, title, sentence, values, sample or {}, dataset, expected)


PRESETS: tuple[Preset, ...] = (
    _shipped(
        "semi_supervised",
        "Semi-supervised",
        "Learns anybody's images from a few labels: its values follow from the images, their number and their labels.",
        sample={"num_samples": "auto"},
        expected="Measured on the digits, five draws of 128 labels: 98.0 % of held-out digits right. On the twelve sets measured "
        "better than simple methods with the same labels.",
    ),
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
    """A preset's flat values for a dataset: what its files leave to the data (`auto`) follows from the facts, networks that it does
    not name among them; what does not apply then is left out. `input_shape` and `num_classes` are the data's and not among the values.
    """
    named = dict.fromkeys(NETWORKS, AUTO) | dict(preset.values)
    full = {spec.name: spec.default for spec in SPECS if not spec.required} | named
    found = by_rules(RULES, full, named, facts)
    resolved = resolve(found)
    return {spec.name: found[spec.name] for spec in SPECS if spec.name in named and applies(spec, resolved)}
