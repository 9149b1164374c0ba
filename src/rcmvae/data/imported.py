"""The catalogue entry of a dataset that somebody imported, from its record alone."""

from __future__ import annotations

from typing import Any

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
    manifest, imported = record.manifest, record.imported
    assert manifest is not None
    assert imported is not None
    n_train = manifest.n - imported.n_test
    facts = DatasetFacts(
        shape=manifest.shape, n=manifest.n, class_names=manifest.class_names, n_train=n_train, n_test=imported.n_test,
        has_labels=bool(manifest.class_names),
    )  # fmt: skip
    height, width = manifest.shape[:2]
    classes = f"of {len(manifest.class_names)} classes" if manifest.class_names else "without labels"
    description = f"{manifest.n:,} images {classes}, {height}x{width} pixels, imported from {imported.original}; {imported.n_test:,} of them are kept for testing."
    return DatasetSource(record.id, record.name, description, None, facts, _sample(n_train, imported.n_known, len(manifest.class_names)))


def _sample(n_train: int, n_known: int, classes: int) -> dict[str, Any]:
    total: int | str = "auto" if n_train <= WHOLE else max(SAMPLED, classes)
    share = 1.0 if total == "auto" else int(total) / n_train
    return {"num_samples": total, "num_labeled": min(LABELLED, int(n_known * share * _TRAINED))}
