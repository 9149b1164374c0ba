"""What a quick test was made of, whole: both configurations, settings, data, and under what it ran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recsys.hashes import content_hash
from recsys.model.config import ModelConfig, document_of, said_of
from recsys.records import model_of
from recsys.trial import TrialPayload
from workbench.state import RunRecord


def effective(payload: TrialPayload, model: ModelConfig) -> dict[str, Any]:
    """What a test trains with: an override where there is one, 0 included, else the configuration's."""
    changed = payload.overrides.model_dump()
    return {
        name: getattr(model.training, name) if value is None else value for name, value in changed.items()
    }


def snapshot_hash(run: RunRecord) -> str:
    """Equal for tests of the same configurations, settings and data, whatever they are called."""
    payload = TrialPayload.model_validate(run.payload)
    return content_hash({
        "features": payload.features, "model": said_of(model_of(run.config)), "settings": payload.settings,
        "overrides": payload.overrides.model_dump(), "data": run.dataset.content_sha256 if run.dataset else None,
    })  # fmt: skip


def snapshot(run: RunRecord, environment: Mapping[str, Any], code_sha256: str) -> dict[str, Any]:
    """A test's copies of everything that it depends on, as JSON values.

    Args:
        environment: versions, host and cores, as the worker wrote them. code_sha256: of its trainer.
    """
    payload, model = TrialPayload.model_validate(run.payload), model_of(run.config)
    data = run.dataset
    return {
        "test": {"id": run.id, "number": run.number, "name": payload.name, "created_at": run.created_at},
        "snapshot_hash": snapshot_hash(run),
        "code_sha256": code_sha256,
        "dataset": None if data is None else {"source": data.source, "content_sha256": data.content_sha256},
        "columns": payload.columns.model_dump(),
        "feature_config": payload.features_of.model_dump(),
        "features": payload.features,
        "model_config": None if payload.model_of is None else payload.model_of.model_dump(),
        "model": document_of(model),
        "settings": payload.settings,
        "overrides": payload.overrides.model_dump(),
        "effective": effective(payload, model),
        "environment": dict(environment),
    }
