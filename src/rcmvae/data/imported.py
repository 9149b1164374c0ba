"""The catalogue entry of a dataset that somebody imported, from its record alone."""

from __future__ import annotations

from typing import Any

from rcmvae.data.about import about_of
from workbench.families import DatasetFacts, DatasetSource
from workbench.state import DatasetRecord

WHOLE = 4096
"""A dataset with no more training images than this is sampled whole unless told otherwise."""
SAMPLED = 1024
LABELLED = 128
_TRAINED = 0.8
"""Share of the known labels that surely lies in the training part of a sample."""


def source_of(record: DatasetRecord) -> DatasetSource:
    """How an imported dataset is offered: its facts, and a sample to start from that it can give."""
    assert record.manifest is not None
    about = about_of(record.manifest)
    n_test, names = about.n_test or 0, about.class_names
    n_train = about.n - n_test
    facts = DatasetFacts(shape=about.shape, n=about.n, class_names=names, n_train=n_train, n_test=n_test, has_labels=bool(names))
    height, width = about.shape[:2]
    classes = f"of {len(names)} classes" if names else "without labels"
    description = (
        f"{about.n:,} images {classes}, {height}x{width} pixels, imported from {about.original}; {n_test:,} of them are kept for testing."
    )
    return DatasetSource(record.id, record.name, description, None, facts, _sample(n_train, about.n_known or 0, len(names)))


def _sample(n_train: int, n_known: int, classes: int) -> dict[str, Any]:
    total: int | str = "auto" if n_train <= WHOLE else max(SAMPLED, classes)
    share = 1.0 if total == "auto" else int(total) / n_train
    return {"num_samples": total, "num_labeled": min(LABELLED, int(n_known * share * _TRAINED))}
