"""What earlier versions wrote about datasets, read in the shape of now."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.records import run_record
from workbench.state import DatasetRecord, Kind, RunRecord
from workbench.store import upgrades
from workbench.store.deltas import read_deltas
from workbench.store.upgrades import read_record, upgrade_journal

ABOUT: dict[str, Any] = {"n": 60, "shape": [8, 8, 1], "dtype": "uint8", "class_names": ["ant", "bee"]}
BARE: dict[str, Any] = {"source": "npz", "loader_version": 1, "files": [], "content_sha256": "a"}
OLD: dict[str, Any] = {
    "id": "mine", "schema_version": 2, "name": "Mine", "family": "rcmvae", "source": "npz", "status": "ready",
    "manifest": {**BARE, **ABOUT}, "error": None, "imported": {"original": "mine.npz", "n_test": 12, "n_known": 40}, "notes": "",
    "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:00.000Z", "deleted_at": None,
}  # fmt: skip


def test_what_a_dataset_of_images_said_of_itself_is_in_about() -> None:
    record: Any = read_record(Kind.DATASET, OLD)
    assert isinstance(record, DatasetRecord)
    assert record.manifest is not None
    assert record.manifest.about == {**ABOUT, "original": "mine.npz", "n_test": 12, "n_known": 40}
    assert (record.params, record.uses, record.schema_version) == ({}, (), 3)


@pytest.mark.parametrize("imported", [None, "none at all"])
def test_a_dataset_that_was_not_read_yet_has_no_manifest_still(imported: str | None) -> None:
    old = {**OLD, "manifest": None, "imported": None}
    if imported is not None:
        old = {name: value for name, value in old.items() if name != "imported"} | {"schema_version": 1}
    assert read_record(Kind.DATASET, old).manifest is None  # pyright: ignore[reportAttributeAccessIssue]


def test_a_runs_copy_of_the_manifest_is_read_likewise() -> None:
    now = run_record().model_dump(mode="json")
    old = {**now, "schema_version": 1, "dataset": {**BARE, **ABOUT}}
    run = upgrades.RECORD_STEPS[(Kind.RUN, 1)](old)
    assert run["dataset"] == {**BARE, "about": ABOUT}
    assert {**run, "dataset": None} == {**old, "dataset": None}
    assert isinstance(read_record(Kind.RUN, now), RunRecord)


def test_journal_rows_name_a_datasets_fields_where_they_are_now() -> None:
    item = {"op": "set", "kind": "dataset", "id": "mine"}
    old = [
        [["manifest"], {**BARE, **ABOUT}],
        [["manifest", "n"], 61],
        [["manifest", "content_sha256"], "b"],
        [["manifest"], None],
        [["name"]],
    ]
    (new,) = upgrade_journal({"schema": 1, "items": [{**item, "fields": old}]})
    assert new["fields"] == [
        [["manifest"], {**BARE, "about": ABOUT}],
        [["manifest", "about", "n"], 61],
        [["manifest", "content_sha256"], "b"],
        [["manifest"], None],
        [["name"]],
    ]
    other = {"op": "set", "kind": "run", "id": "r", "fields": [[["manifest", "n"], 1]]}
    assert upgrade_journal({"schema": 1, "items": [other]})[0]["fields"] == other["fields"]


def test_a_record_in_an_old_row_compares_with_the_record_of_now() -> None:
    import json

    row = json.dumps({"schema": 1, "items": [{"op": "put", "kind": "dataset", "id": "mine", "record": OLD}]})
    gone = json.dumps({"schema": 1, "items": [{"op": "remove", "kind": "dataset", "id": "mine"}]})
    (delta,) = read_deltas(row, gone)
    assert delta.new == read_record(Kind.DATASET, OLD).model_dump(mode="json")  # pyright: ignore[reportAttributeAccessIssue]
