"""Applying changes to the state: pure, and cheap for what did not change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from workbench.commands.base import Changes, Put, Remove
from workbench.state import AppState, Kind, RunRecord
from workbench.store.label_map import LabelMap
from workbench.store.overlay import REMOVED, changed
from workbench.store.reading import held_once


def labels_key(model_id: str) -> str:
    """The key in `AppState.versions` under which a model's labels keep their own version."""
    return f"{model_id}/labels"


def apply(state: AppState, changes: Changes, seq: int) -> AppState:
    """The state after `changes` at journal number `seq`; `state` stays as it is."""
    records: dict[str, dict[str, Any]] = {}
    labels: dict[str, Any] = {}
    versions: dict[str, Any] = {}
    new_runs: list[RunRecord] = []
    changed_runs: dict[str, RunRecord | None] = {}
    runs_moved = False
    for change in changes:
        if isinstance(change, Put | Remove):
            of_kind = records.setdefault(str(change.kind), {})
            if isinstance(change, Put):
                record = change.record
                if isinstance(record, RunRecord):
                    if of_kind.get(change.id, state.runs.get(change.id, REMOVED)) is REMOVED:
                        record = held_once(record, _last_run(state, record.subject.id))
                        new_runs.append(record)
                    changed_runs[change.id] = record
                of_kind[change.id] = record
                versions[change.id] = seq
            else:
                of_kind[change.id] = versions[change.id] = REMOVED
                if change.kind == Kind.RUN:
                    runs_moved = True
                    changed_runs[change.id] = None
        else:
            before = labels.get(change.model_id, state.labels.get(change.model_id))
            labels[change.model_id] = _as_label_map(None if before is REMOVED else before).updated(change.labels) or REMOVED
            versions[labels_key(change.model_id)] = seq
    kept = {**state.records, **{kind: changed(state.of(kind), of_kind) for kind, of_kind in records.items()}}
    new = replace(
        state,
        version=seq,
        records=MappingProxyType({kind: of_kind for kind, of_kind in kept.items() if of_kind}),
        labels=changed(state.labels, labels),
        versions=changed(state.versions, versions),
    )
    if not runs_moved:
        new.keep_run_ids(state, new_runs)
    new.keep_active_runs(state, changed_runs)
    return new


def _last_run(state: AppState, subject: str) -> RunRecord | None:
    ids = state.run_ids.get(subject)
    return state.runs.get(ids[-1]) if ids else None


def _as_label_map(labels: Mapping[int, Any] | None) -> LabelMap:
    return labels if isinstance(labels, LabelMap) else LabelMap(labels)
