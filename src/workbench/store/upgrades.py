"""Reading what earlier versions wrote: pure one-step upgrades of records and of journal changes.

A record carries its `schema_version`, a journal row's changes carry `schema`. To change a record's shape: raise the
default of its `schema_version`, and add the step from the version before to `RECORD_STEPS`; add the matching step for
changes to `JOURNAL_STEPS` and raise `JOURNAL_SCHEMA`. Nothing stored is ever rewritten for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.kinds import kind_of
from workbench.state import Kind
from workbench.store.errors import StoreError

JOURNAL_SCHEMA = 4
"""The schema of the journal changes that this version writes."""

RecordStep = Callable[[dict[str, Any]], dict[str, Any]]
JournalStep = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]

_IMAGES = ("n", "shape", "dtype", "class_names")
"""What a manifest itself said of images, before each family said of its data what it wants."""


def _about(manifest: Any, more: Mapping[str, Any] | None = None) -> Any:
    """A manifest whose facts of images, and `more` of them, are in `about`."""
    if manifest is None:
        return None
    kept = {name: value for name, value in manifest.items() if name not in _IMAGES}
    return {**kept, "about": {**{name: manifest[name] for name in _IMAGES}, **(more or {})}}


def _dataset_3(data: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in data.items() if name != "imported"}
    return {**kept, "manifest": _about(data.get("manifest"), data.get("imported")), "params": {}, "uses": []}


def _journal_2(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**item, "fields": [_dataset_field(f) for f in item["fields"]]} if _sets_dataset(item) else item for item in items]


def _sets_dataset(item: Mapping[str, Any]) -> bool:
    return item["op"] == "set" and item["kind"] == Kind.DATASET.value


def _dataset_field(entry: list[Any]) -> list[Any]:
    """A dataset's changed field, [path, value] or [path], where it is now."""
    path, *value = entry
    if path == ["manifest"]:
        return [path, *map(_about, value)]
    return [["manifest", "about", path[1]] if path[0] == "manifest" and path[1] in _IMAGES else path, *value]


_SECTIONS = ("architecture", "training")
"""The two sections that models and runs had as fields of their own."""

_SET_BY_MODELS = {"class_names": ["payload", "class_names"], "sample": ["payload", "sample"]}
"""Fields of a model that an edit could change, and where they are since."""


def _sections(data: dict[str, Any], payload: tuple[str, ...]) -> dict[str, Any]:
    """A model's or a run's data with its config by section, and what its family keeps in `payload`."""
    moved = {*_SECTIONS, *payload, "dataset_id"}
    return {
        **{name: value for name, value in data.items() if name not in moved},
        "config": {name: data[name] for name in _SECTIONS},
        "payload": {name: data.get(name) for name in payload},
        "uses": [data["dataset_id"]],
    }


def _run_3(data: dict[str, Any]) -> dict[str, Any]:
    of_model = {"subject": {"kind": "model", "id": data["model_id"]}, "key": data["model_id"]}
    moved = _sections(data, ("sample", "class_names", "labels_artefact"))
    return {**{name: value for name, value in moved.items() if name != "model_id"}, **of_model}


def _journal_3(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**i, "fields": [_model_field(f) for f in i["fields"]]} if _sets_model(i) else i for i in items]


def _sets_model(item: Mapping[str, Any]) -> bool:
    return item["op"] == "set" and item["kind"] == "model"


def _model_field(entry: list[Any]) -> list[Any]:
    """A model's changed field, [path, value] or [path], where it is now."""
    path, *value = entry
    if path[0] in _SECTIONS:
        return [["config", *path], *value]
    return [_SET_BY_MODELS.get(path[0], path[:1]) + path[1:], *value]


RECORD_STEPS: dict[tuple[str, int], RecordStep] = {
    (Kind.DATASET, 1): lambda data: {**data, "imported": None},
    (Kind.DATASET, 2): _dataset_3,
    (Kind.MODEL, 1): lambda data: _sections(data, ("sample", "class_names")),
    (Kind.RUN, 1): lambda data: {**data, "dataset": _about(data["dataset"])},
    (Kind.RUN, 2): _run_3,
    (Kind.RUN, 3): lambda data: {**data, "lost_starts": 0},
}
"""(kind, version) -> the record's data one version newer, `schema_version` aside."""

JOURNAL_STEPS: dict[int, JournalStep] = {1: _journal_2, 2: _journal_3, 3: lambda items: items}
"""schema -> a row's items one schema newer."""


def upgrade_record(kind: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record's data in the newest shape. Raises StoreError for data of a newer Trellis."""
    newest = newest_version(kind)
    version = data.get("schema_version", 1)
    if version == newest:
        return data
    if version > newest:
        raise StoreError(_newer(f"a {kind} of schema {version}"))
    upgraded = dict(data)
    while version < newest:
        upgraded = {**RECORD_STEPS[(kind, version)](upgraded), "schema_version": version + 1}
        version += 1
    return upgraded


def read_record(kind: str, data: Mapping[str, Any]) -> Any:
    """A record from data of any earlier schema."""
    return record_type(kind).model_validate(upgrade_record(kind, data))


def upgrade_journal(stored: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A journal row's items in the newest schema. Raises StoreError for a row of a newer Trellis."""
    schema, items = stored["schema"], stored["items"]
    if schema > JOURNAL_SCHEMA:
        raise StoreError(_newer(f"journal rows of schema {schema}"))
    while schema < JOURNAL_SCHEMA:
        items = JOURNAL_STEPS[schema](items)
        schema += 1
    return items


def newest_version(kind: str) -> int:
    """The schema version that this program writes for a kind."""
    return record_type(kind).model_fields["schema_version"].default


def record_type(kind: str) -> Any:
    """The type of a kind's records. Raises StoreError for a kind that neither the core nor a registered family has."""
    try:
        return kind_of(kind).record
    except KeyError as error:
        message = f"This store holds records of the kind {kind}, which no family that is installed knows."
        raise StoreError(f"{message} Install the family that made them.") from error


def _newer(what: str) -> str:
    return f"This store holds {what}, which a newer version of Trellis wrote. Use that version to open it."
