"""Where tests were told differently, or a configuration says something else, in words: values by the settings' labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recsys.data.split_settings import TimeHoldout
from recsys.features.config import TOWERS, FeatureConfig
from recsys.model.config import SECTIONS, document_of
from recsys.records import model_of
from recsys.trial import TrialPayload, TrialSettings
from workbench.fields import FieldSpec, field_specs, value_words
from workbench.state import RunRecord

ABSENT = "–"
_SPLIT = (
    "split",
    "train",
    "val",
    "test",
    "holdout_days",
    "val_fraction",
    "train_days",
    "val_days",
    "test_days",
    "split_seed",
)
_SETTINGS = {spec.name: spec for spec in field_specs(TrialSettings) if spec.name not in _SPLIT}
_SEEN = {"all": "Kept", "unseen": "Left out"}


def told(run: RunRecord, found: Mapping[str, Any]) -> dict[str, str]:
    """What a test was told and what that came to: label -> words. Overrides stand where they took effect.

    Args:
        found: what it kept (see `recsys.training.bundle.Bundle.told`).
    """
    payload = TrialPayload.model_validate(run.payload)
    dataset = "" if run.dataset is None else run.dataset.content_sha256[:12]
    return {
        "Data": dataset,
        **_settings(payload, found),
        **_model(run, payload),
        **features_in_words(payload.features),
    }


def rows(tests: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
    """A row each label whose words are not the same in all tests."""
    labels = dict.fromkeys(label for test in tests for label in test)
    cells = [(label, *(test.get(label, ABSENT) for test in tests)) for label in labels]
    return tuple(row for row in cells if len(set(row[1:])) > 1)


def _settings(payload: TrialPayload, found: Mapping[str, Any]) -> dict[str, str]:
    settings = TrialSettings.model_validate(payload.settings)
    timed = payload.columns.timestamp is not None
    words = settings.split_words(timed=timed)
    split = settings.split_settings(timed=timed)
    if isinstance(split, TimeHoldout):
        words += f", {100 * split.val_fraction:g} % of the rows before for validation"
    values = {spec.label: value_words(spec, getattr(settings, name)) for name, spec in _SETTINGS.items()}
    if settings.exclude_seen == "auto" and found.get("seen") in _SEEN:
        values[_SETTINGS["exclude_seen"].label] = f"{_SEEN[found['seen']]} (auto)"
    target = payload.features.get("target_column")
    if settings.rating_column is None and target:
        values[_SETTINGS["rating_column"].label] = str(target["column"])
    return {"Split": words, **values}


def _model(run: RunRecord, payload: TrialPayload) -> dict[str, str]:
    overrides = {name: value for name, value in payload.overrides.model_dump().items() if value is not None}
    return _by_label({**document_of(model_of(run.config)), **overrides})


def model_in_words(sections: Mapping[str, Any]) -> dict[str, str]:
    """What a stored model configuration says: label -> words."""
    return _by_label(document_of(model_of(dict(sections))))


def _by_label(values: Mapping[str, Any]) -> dict[str, str]:
    specs = [spec for section in SECTIONS.values() for spec in field_specs(section)]
    return {spec.label: value_words(spec, values[spec.name]) for spec in specs if spec.name in values}


def features_in_words(given: Mapping[str, Any]) -> dict[str, str]:
    """What a feature configuration says: label -> words, each feature and cross under a label of its own."""
    document = FeatureConfig.model_validate(given).model_dump(mode="json")
    specs = {spec.name: spec for spec in field_specs(FeatureConfig)}
    found: dict[str, str] = {}
    for tower in TOWERS:
        for entry in document.get(f"{tower}_model_features", ()):
            label = f"{tower.capitalize()} feature {entry['column']}"
            found[label] = _entry(specs[f"{tower}_model_features"], entry)
        for entry in document.get(f"{tower}_model_crosses", ()):
            columns = " × ".join(member["column"] for member in entry["features"])
            found[f"{tower.capitalize()} cross {columns}"] = _entry(specs[f"{tower}_model_crosses"], entry)
    target = document.get("target_column")
    found["Target of the features"] = (
        "none" if target is None else value_words(specs["target_column"], target)
    )
    return found


def _entry(spec: FieldSpec, entry: Mapping[str, Any]) -> str:
    return value_words(spec, (entry,))
