"""Datasets of images as one may choose them, from their records: imported ones, and built-in ones that were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from rcmvae.data.about import about_of
from rcmvae.facts import ImageFacts
from workbench.families import DataSource
from workbench.state import DatasetRecord

WHOLE = 4096
"""A dataset with no more training images than this is sampled whole unless told otherwise."""
SAMPLED = 1024
LABELLED = 128
_TRAINED = 0.8
"""Share of the known labels that surely lies in the training part of a sample."""


def describe(record: DatasetRecord, source: DataSource | None) -> DataSource:
    """A dataset as one may choose it: its facts, and a sample to start from that it can give."""
    if source is None:
        return _imported(record)
    if record.manifest is None:
        return source
    try:
        about = about_of(record.manifest)
    except ValidationError:
        return source
    return replace(
        source,
        facts=replace(
            source.facts, shape=about.shape, n=about.n, class_names=about.class_names, variance=about.variance or source.facts.variance
        ),
    )


def row(facts: ImageFacts) -> Mapping[str, Any]:
    """What lists, REST and the command line show of a dataset."""
    return {"n": facts.n, "n_test": facts.n_test, "shape": list(facts.shape), "class_names": list(facts.class_names)}


def _imported(record: DatasetRecord) -> DataSource:
    try:
        about = about_of(record.manifest) if record.manifest is not None else None
    except ValidationError:
        about = None
    if about is None or len(about.shape) != 3:
        unknown = ImageFacts(shape=(), n=0, class_names=(), n_train=0, n_test=0, has_labels=False)
        return DataSource(record.id, record.name, "What is in it is not known. Import it again.", None, unknown)
    n_test, names = about.n_test or 0, about.class_names
    n_train = about.n - n_test
    facts = ImageFacts(
        shape=about.shape, n=about.n, class_names=names, n_train=n_train, n_test=n_test, variance=about.variance, has_labels=bool(names)
    )
    height, width = about.shape[:2]
    classes = f"of {len(names)} class{'' if len(names) == 1 else 'es'}" if names else "without labels"
    kept = f"{n_test:,} of them {'is' if n_test == 1 else 'are'} kept for testing"
    description = (
        f"{about.n:,} image{'' if about.n == 1 else 's'} {classes}, {height}x{width} pixels, imported from {about.original}; {kept}."
    )
    sample = _sample(n_train, about.n_known or 0, len(names))
    return DataSource(record.id, record.name, description, None, facts, sample)


def _sample(n_train: int, n_known: int, classes: int) -> dict[str, Any]:
    total: int | str = "auto" if n_train <= WHOLE else max(SAMPLED, classes)
    share = 1.0 if total == "auto" else int(total) / n_train
    return {"num_samples": total, "num_labeled": min(LABELLED, int(n_known * share * _TRAINED))}
