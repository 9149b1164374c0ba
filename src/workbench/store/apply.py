"""Applying changes to the state: pure, and cheap for what did not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from workbench.commands.base import Changes, Put, Remove
from workbench.state import AppState, Kind, Record, RunRecord
from workbench.store.label_map import LabelMap


def labels_key(model_id: str) -> str:
    """The key in `AppState.versions` under which a model's labels keep their own version."""
    return f"{model_id}/labels"


def apply(state: AppState, changes: Changes, seq: int) -> AppState:
    """The state after `changes` at journal number `seq`; `state` stays as it is."""
    records: dict[str, dict[str, Any]] = {}
    labels = _copied(state.labels)
    versions = _copied(state.versions)
    new_runs: list[RunRecord] = []
    changed_runs: dict[str, RunRecord | None] = {}
    runs_moved = False
    for change in changes:
        if isinstance(change, Put | Remove):
            of_kind = records.get(change.kind)
            if of_kind is None:
                of_kind = records[change.kind] = _copied(state.of(change.kind))
            old: Record | None = of_kind.get(change.id)
            if isinstance(change, Put):
                of_kind[change.id] = change.record
                versions[change.id] = seq
                if isinstance(change.record, RunRecord):
                    changed_runs[change.id] = change.record
                    if old is None:
                        new_runs.append(change.record)
            else:
                of_kind.pop(change.id, None)
                versions.pop(change.id, None)
                if change.kind == Kind.RUN:
                    runs_moved = True
                    changed_runs[change.id] = None
        else:
            updated = _as_label_map(labels.get(change.model_id)).updated(change.labels)
            versions[labels_key(change.model_id)] = seq
            if updated:
                labels[change.model_id] = updated
            else:
                labels.pop(change.model_id, None)
    kept = dict(state.records)
    for kind, of_kind in records.items():
        kept[str(kind)] = MappingProxyType(of_kind)
        if not of_kind:
            del kept[str(kind)]
    new = replace(
        state,
        version=seq,
        records=MappingProxyType(kept),
        labels=MappingProxyType(labels),
        versions=MappingProxyType(versions),
    )
    if not runs_moved:
        new.keep_run_ids(state, new_runs)
    new.keep_active_runs(state, changed_runs)
    return new


def _copied(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A copy as a dict; many times faster for the read-only views of dicts that states hold than `dict(...)`."""
    return mapping.copy() if isinstance(mapping, MappingProxyType) else dict(mapping)


def _as_label_map(labels: Mapping[int, Any] | None) -> LabelMap:
    return labels if isinstance(labels, LabelMap) else LabelMap(labels)
