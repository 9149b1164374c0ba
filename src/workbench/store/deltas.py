"""What a command changed, field by field and index by index, with old and new values.

A journal row stores the new values as its changes and the old ones as its inverse; both are read together again as
deltas. Undo, history and catching up with other processes need nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.commands.base import Change, Changes, Put, Remove, SetLabels
from workbench.state import AppState, Kind, LabelValue, Record
from workbench.store.label_map import label_value
from workbench.store.upgrades import JOURNAL_SCHEMA, read_record, upgrade_journal, upgrade_record


class _Absent:
    """Stands for "there is no such key" in a mapping field."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


@dataclass(frozen=True)
class FieldDelta:
    """One field's change. `path` names it, and below it the entry of a mapping: ("config", "training", "learning_rate")."""

    path: tuple[str, ...]
    old: Any
    new: Any


@dataclass(frozen=True)
class RecordDelta:
    """A record's change: created (`old` is None), removed (`new` is None) or changed in `fields`; values are JSON values."""

    kind: str
    id: str
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    fields: tuple[FieldDelta, ...] = ()


@dataclass(frozen=True)
class LabelsDelta:
    """Labels set or cleared on one model; old and new have the same indices."""

    model_id: str
    old: Mapping[int, LabelValue | None]
    new: Mapping[int, LabelValue | None]


BOOKKEEPING = frozenset({"updated_at", "schema_version"})
"""Fields that follow other changes: alone they are no change, and Undo leaves them."""

Delta = RecordDelta | LabelsDelta
Deltas = tuple[Delta, ...]


def deltas_between(state: AppState, changes: Changes) -> Deltas:
    """What `changes` would really change in `state`: several to one thing are joined, those that change nothing are left out."""
    records: dict[tuple[str, str], Record | None] = {}
    labels: dict[str, dict[int, LabelValue | None]] = {}
    for change in changes:
        if isinstance(change, Put):
            records[(change.kind, change.id)] = change.record
        elif isinstance(change, Remove):
            records[(change.kind, change.id)] = None
        else:
            labels.setdefault(change.model_id, {}).update(change.labels)
    found: list[Delta] = []
    for (kind, id), new in records.items():
        delta = _record_delta(kind, id, state.of(kind).get(id), new)
        if delta is not None:
            found.append(delta)
    for model_id, wanted in labels.items():
        current = state.labels.get(model_id, {})
        differing = {index: value for index, value in wanted.items() if current.get(index) != value}
        if differing:
            found.append(LabelsDelta(model_id, {index: current.get(index) for index in differing}, differing))
    return tuple(found)


def changes_of(state: AppState, deltas: Iterable[Delta]) -> Changes:
    """The changes that bring the deltas' new values into `state`. Raises KeyError if a changed record is not there."""
    return tuple(_change(state, delta) for delta in deltas)


def inverted(deltas: Iterable[Delta]) -> Deltas:
    """The same deltas with old and new exchanged, in the opposite order."""
    return tuple(
        LabelsDelta(d.model_id, d.new, d.old)
        if isinstance(d, LabelsDelta)
        else RecordDelta(d.kind, d.id, d.new, d.old, tuple(FieldDelta(f.path, f.new, f.old) for f in d.fields))
        for d in reversed(tuple(deltas))
    )


def subjects_of(deltas: Iterable[Delta]) -> tuple[tuple[str, str], ...]:
    """The entities that the deltas touch, each once."""
    return tuple(dict.fromkeys((Kind.MODEL, d.model_id) if isinstance(d, LabelsDelta) else (d.kind, d.id) for d in deltas))


def with_fields(record: Record, values: Iterable[tuple[tuple[str, ...], Any]]) -> Any:
    """The record with some fields, or entries of mapping fields, replaced by JSON values (ABSENT takes an entry away).

    Fields that stay are the same objects, which many records may share.
    """
    data, changed = record.model_dump(mode="json"), set[str]()
    for path, value in values:
        changed.add(path[0])
        place = data
        for name in path[:-1]:
            place = place[name]
        if value is ABSENT:
            place.pop(path[-1], None)
        else:
            place[path[-1]] = value
    new = type(record).model_validate(data)
    vars(new).update({name: value for name, value in vars(record).items() if name not in changed})
    if new.__pydantic_fields_set__ == record.__pydantic_fields_set__:
        object.__setattr__(new, "__pydantic_fields_set__", record.__pydantic_fields_set__)
    return new


def field_value(record: Record, path: tuple[str, ...]) -> Any:
    """The JSON value of a field or of an entry of a mapping field; ABSENT if there is no such entry."""
    value: Any = record.model_dump(mode="json", include={path[0]})[path[0]]
    for name in path[1:]:
        value = value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value


def write_changes(deltas: Deltas) -> str:
    """The new values as the journal's JSON text; written of inverted deltas, the inverse."""
    return json.dumps({"schema": JOURNAL_SCHEMA, "items": [_to_json(d) for d in deltas]}, separators=(",", ":"), allow_nan=False)


def read_deltas(changes: str, inverse: str) -> Deltas:
    """The deltas of a journal row, of any earlier schema, from its two texts."""
    forward = upgrade_journal(json.loads(changes))
    backward = upgrade_journal(json.loads(inverse))
    return tuple(_from_json(new, old) for new, old in zip(forward, reversed(backward), strict=True))


def _record_delta(kind: str, id: str, old: Record | None, new: Record | None) -> RecordDelta | None:
    if old is new or old == new:
        return None
    if old is None or new is None:
        return RecordDelta(kind, id, old and old.model_dump(mode="json"), new and new.model_dump(mode="json"))
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    fields = tuple(change for name in after for change in _differences((name,), before.get(name), after[name]))
    return RecordDelta(kind, id, fields=fields) if any(f.path[0] not in BOOKKEEPING for f in fields) else None


def _differences(path: tuple[str, ...], was: Any, now: Any) -> list[FieldDelta]:
    """Where two JSON values differ; in mappings key by key, at any depth."""
    if was == now and type(was) is type(now):
        return []
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return [FieldDelta(path, was, now)]
    keys = dict.fromkeys([*was, *now])
    return [change for key in keys for change in _differences((*path, key), was.get(key, ABSENT), now.get(key, ABSENT))]


def _change(state: AppState, delta: Delta) -> Change:
    if isinstance(delta, LabelsDelta):
        return SetLabels(delta.model_id, delta.new)
    if delta.fields:
        record = with_fields(state.of(delta.kind)[delta.id], ((f.path, f.new) for f in delta.fields))
        return Put(delta.kind, delta.id, record)
    if delta.new is None:
        return Remove(delta.kind, delta.id)
    return Put(delta.kind, delta.id, read_record(delta.kind, delta.new))


def _to_json(delta: Delta) -> dict[str, Any]:
    if isinstance(delta, LabelsDelta):
        return {"op": "labels", "id": delta.model_id, "labels": {str(i): v and [v.label, v.source] for i, v in delta.new.items()}}
    head: dict[str, Any] = {"op": "", "kind": str(delta.kind), "id": delta.id}
    if delta.fields:
        return {**head, "op": "set", "fields": [[list(f.path)] if f.new is ABSENT else [list(f.path), f.new] for f in delta.fields]}
    if delta.new is None:
        return {**head, "op": "remove"}
    return {**head, "op": "put", "record": delta.new}


def _from_json(new: dict[str, Any], old: dict[str, Any]) -> Delta:
    if new["op"] == "labels":
        return LabelsDelta(new["id"], _labels(old["labels"]), _labels(new["labels"]))
    kind, id = new["kind"], new["id"]
    if new["op"] == "set":
        before = {tuple(entry[0]): entry[1] if len(entry) > 1 else ABSENT for entry in old["fields"]}
        after = {tuple(entry[0]): entry[1] if len(entry) > 1 else ABSENT for entry in new["fields"]}
        return RecordDelta(kind, id, fields=tuple(FieldDelta(path, before.get(path, ABSENT), value) for path, value in after.items()))
    return RecordDelta(kind, id, _record_data(kind, old), _record_data(kind, new))


def _record_data(kind: Kind, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The record that an item puts, in the newest shape, so that it compares with the records of now."""
    return upgrade_record(kind, item["record"]) if "record" in item else None


def _labels(stored: Mapping[str, Any]) -> dict[int, LabelValue | None]:
    return {int(index): None if value is None else label_value(value[0], value[1]) for index, value in stored.items()}
