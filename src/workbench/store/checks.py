"""Development checks around a command: it must not mutate its state, and the state must survive JSON."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

from workbench.state import AppState
from workbench.store.label_map import LabelMap, label_value
from workbench.store.upgrades import read_record


def state_to_json(state: AppState) -> str:
    """The whole state as JSON text, keys sorted."""
    data: dict[str, Any] = {"version": state.version, "versions": dict(state.versions)}
    data["records"] = {
        kind: {id: record.model_dump(mode="json") for id, record in of_kind.items()} for kind, of_kind in state.records.items()
    }
    data["labels"] = {id: {str(i): [v.label, v.source] for i, v in labels.items()} for id, labels in state.labels.items()}
    return json.dumps(data, sort_keys=True, allow_nan=False)


def state_from_json(text: str) -> AppState:
    """The state behind `state_to_json`'s text."""
    data = json.loads(text)
    records = {
        kind: MappingProxyType({id: read_record(kind, record) for id, record in of_kind.items()})
        for kind, of_kind in data["records"].items()
    }
    labels = {id: LabelMap({int(i): label_value(v[0], v[1]) for i, v in of_model.items()}) for id, of_model in data["labels"].items()}
    return AppState(
        version=data["version"],
        records=MappingProxyType(records),
        labels=MappingProxyType(labels),
        versions=MappingProxyType(data["versions"]),
    )


def assert_unchanged(before: str, state: AppState, command: str) -> None:
    """Raise AssertionError if a command mutated the state it was given."""
    if state_to_json(state) != before:
        raise AssertionError(f"{command} mutated its input state")


def assert_survives_json(state: AppState, command: str) -> None:
    """Raise AssertionError if the state after a command is not the same after a journey through JSON."""
    if state_from_json(state_to_json(state)) != state:
        raise AssertionError(f"the state after {command} does not survive JSON")
