"""Loaded tables: what is known of them, and rows that cannot be used."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest

from recsys.data.facts import Notice, TableFacts
from recsys.data.schema import ColumnInfo, ColumnStats, Role
from recsys.data.table import table_of
from workbench.datasets import DatasetError
from workbench.state import DatasetManifest

FRAME = pl.DataFrame(
    {
        "who": ["a", "b", None, "", "a"],
        "what": [1.0, 2.0, 1.0, 2.0, float("nan")],
        "when": [dt.datetime(2024, 1, 2), None, dt.datetime(2020, 1, 1), None, None],
        "price": [2.5, float("inf"), -9.0, 1.0, 1.0],
        "tags": [["x"], [], None, ["y"], ["z"]],
    }
)
ROLES: dict[str, Role] = {"who": "user_id", "what": "item_id", "when": "timestamp", "price": "outcome"}


def test_rows_without_a_user_or_an_item_are_dropped_and_counted() -> None:
    table = table_of(FRAME, ROLES, source="made_up")
    assert table.frame["who"].to_list() == ["a", "b"]
    assert table.interactions.item_ids == ["1", "2"]
    facts = table.facts
    assert (facts.rows, facts.dropped, facts.usable, facts.users, facts.items) == (5, 3, 2, 2, 2)
    assert facts.dates == ("2024-01-02", "2024-01-02")


def test_columns_are_described_by_the_rows_that_are_used() -> None:
    columns = table_of(FRAME, ROLES, source="made_up").schema.columns
    assert columns[0] == ColumnInfo("who", "String", "text", "user_id", ColumnStats(2, nulls=0))
    assert columns[1] == ColumnInfo("what", "Float64", "numeric", "item_id", ColumnStats(2, 1.0, 2.0, 0))
    assert columns[2].data_type == "temporal"
    assert columns[3].stats == ColumnStats(1, 2.5, 2.5, 0)
    assert columns[4] == ColumnInfo("tags", "List(String)", "list_text", "ignore", ColumnStats())


def test_facts_survive_as_json_in_a_manifest() -> None:
    facts = table_of(FRAME, ROLES, source="made_up", notices=(Notice("A", "b"),)).facts
    stored = json.loads(json.dumps(facts.about()))
    manifest = DatasetManifest(source="x", loader_version=1, content_sha256="0" * 64, about=stored)
    assert TableFacts.of(manifest) == facts
    assert facts.notices == (Notice("A", "b"),)
    with pytest.raises(DatasetError, match="is damaged"):
        TableFacts.of(manifest.model_copy(update={"about": {"columns": 3}}))


def test_without_roles_nothing_is_dropped_and_interactions_are_refused() -> None:
    table = table_of(FRAME, {"who": "user_id"}, source="made_up")
    assert table.facts.items is None
    assert not table.facts.timed
    assert table.facts.dates is None
    with pytest.raises(DatasetError, match="No column of this dataset is an item id") as caught:
        _ = table.interactions
    assert caught.value.code == "DS_ROLES"
    assert table_of(FRAME, {}, source="made_up").frame.height == 5


@pytest.mark.parametrize("dtype", [pl.Duration, pl.Binary, pl.Struct({"a": pl.Int64}), pl.List(pl.Int64)])
def test_a_type_without_a_meaning_is_refused(dtype) -> None:
    with pytest.raises(TypeError, match="has no meaning"):
        table_of(pl.DataFrame({"a": pl.Series([], dtype=dtype)}), {}, source="made_up")
