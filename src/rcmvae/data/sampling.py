"""Drawing a model's sample of its dataset: which rows train, validate and test, and which labels are given.

A sample is drawn once, at creation. Train and validation depend on the seed, the number of samples and the validation
share only; more labels with the same seed contain fewer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rcmvae.checks import check_sample, validation_size
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.spread import variance_of
from rcmvae.data.stratify import balanced, pick, proportional
from rcmvae.facts import ImageFacts
from workbench.fields import ConfigError, ConfigModel, FieldProblem

UNKNOWN = -1
"""The true label of an image whose class nobody knows."""

_SAMPLE, _VALIDATION, _LABELLED, _ORDER = range(4)


def facts_of(dataset: LoadedDataset) -> ImageFacts:
    """What validation needs to know about loaded data."""
    images, labels = dataset.images, dataset.true_labels
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    extent = (float(images.min()) / scale, float(images.max()) / scale) if images.size else (0.0, 0.0)
    n, n_test = len(images), len(dataset.test)
    return ImageFacts(
        shape=tuple(images.shape[1:]), n=n, class_names=dataset.class_names, n_train=n - n_test, n_test=n_test,
        value_range=extent, variance=variance_of(images), has_labels=bool((labels != UNKNOWN).any()),
    )  # fmt: skip


def draw_sample(dataset: LoadedDataset, settings: ConfigModel) -> dict[str, np.ndarray]:
    """Draw the index sets of a model's sample.

    Args:
        dataset: the loaded data. settings: a `SampleSettings`.

    Returns:
        Sorted int32 arrays of dataset rows: `train`, `validation` and `test` are disjoint, `test` is the dataset's own,
        and `initially_labelled` is part of `train`. The sample and its validation part are stratified by class (images
        of unknown class count as one more), every class has at least one training image, and labelled images are spread
        over classes as evenly as possible.

    Raises:
        ConfigError: if the dataset cannot give such a sample; problems name the settings.
    """
    s: Any = settings
    facts = facts_of(dataset)
    problems = check_sample(settings, facts) or _class_problems(dataset)
    if problems:
        raise ConfigError(problems)
    pool = np.setdiff1d(np.arange(facts.n), dataset.test)
    total = len(pool) if s.num_samples == "auto" else s.num_samples
    sampled = _sampled(dataset.true_labels, pool, total, s.sampling_seed)
    validation = _validation(dataset.true_labels, sampled, validation_size(total, s.val_split), s.sampling_seed)
    train = np.setdiff1d(sampled, validation)
    labelled = _labelled(dataset.true_labels, train, s.num_labeled, s.sampling_seed)
    sets = {"train": train, "validation": validation, "test": np.sort(dataset.test), "initially_labelled": labelled}
    return {name: rows.astype(np.int32) for name, rows in sets.items()}


def _class_problems(dataset: LoadedDataset) -> list[FieldProblem]:
    """Classes without an image outside the test set."""
    labels = np.delete(dataset.true_labels, dataset.test)
    present = np.bincount(labels[labels != UNKNOWN], minlength=len(dataset.class_names))
    empty = [name for name, count in zip(dataset.class_names, present, strict=False) if count == 0]
    if not empty:
        return []
    names = ", ".join(empty)
    message = f"no image outside the test set has the class {names}, so a model could never learn it"
    return [FieldProblem("dataset", message, names, "Use a dataset with images of every class, or leave the class out of its names.")]


def _strata(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    strata, counts = np.unique(labels, return_counts=True)
    return strata, counts


def _sampled(true_labels: np.ndarray, pool: np.ndarray, total: int, seed: int) -> np.ndarray:
    labels = true_labels[pool]
    strata, counts = _strata(labels)
    quotas = proportional(counts, total, least=(strata != UNKNOWN).astype(counts.dtype))
    return pool[pick(labels, strata, quotas, (seed, _SAMPLE))]


def _validation(true_labels: np.ndarray, sampled: np.ndarray, size: int, seed: int) -> np.ndarray:
    labels = true_labels[sampled]
    strata, counts = _strata(labels)
    quotas = proportional(counts, size, most=counts - (strata != UNKNOWN))
    return sampled[pick(labels, strata, quotas, (seed, _VALIDATION))]


def _labelled(true_labels: np.ndarray, train: np.ndarray, count: int, seed: int) -> np.ndarray:
    known = train[true_labels[train] != UNKNOWN]
    if count > len(known):
        message = f"{count} labelled samples are more than the {len(known)} training images whose class is known"
        raise ConfigError([FieldProblem("num_labeled", message, count, f"Use at most {len(known)}.")])
    labels = true_labels[known]
    strata, counts = _strata(labels)
    order = np.random.default_rng([seed, _ORDER]).permutation(len(strata))
    return known[pick(labels, strata, balanced(counts, count, order), (seed, _LABELLED))]
