"""Records for tests that need no store."""

from __future__ import annotations

from typing import Any

from rcmvae.holding import ModelPayload, Sample
from workbench.state import DatasetManifest, RunRecord, RunState, Subject

_SAMPLE = Sample(settings={}, artefact="models/m/sample.npz", sha256="0", n_train=90, n_validation=10, n_test=20, n_labelled=30)
_DATA = DatasetManifest(
    source="digits",
    loader_version=1,
    content_sha256="0",
    about={"n": 120, "shape": [8, 8, 1], "dtype": "uint8", "class_names": list("0123456789")},
)


def run_record(**changes: Any) -> RunRecord:
    """A run of the model `model_0000000000000`, queued unless told otherwise."""
    given: dict[str, Any] = {
        "id": "run_0000000000000", "number": 1, "subject": Subject(kind="model", id="model_0000000000000"), "key": "model_0000000000000",
        "family": "rcmvae", "model_type": "rcmvae", "framework": "jax", "state": RunState.QUEUED,
        "config": {"architecture": {"input_shape": [8, 8, 1], "num_classes": 10}, "training": {"max_epochs": 12}},
        "fingerprint": "f", "payload": {"sample": _SAMPLE.model_dump(), "class_names": list("0123456789")}, "dataset": _DATA,
        "uses": ("digits",), "seed": 0, "journal_seq": 5, "code_version": "1", "created_at": "2026-01-01T00:00:00.000Z",
    }  # fmt: skip
    return RunRecord.model_validate(given | changes)


def knowing(classes: int) -> ModelPayload:
    """What a model keeps that knows that many classes."""
    return ModelPayload(sample=_SAMPLE, class_names=tuple(map(str, range(classes))))
