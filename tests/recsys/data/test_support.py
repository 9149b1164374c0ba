"""Data of recommenders in a workbench: built-in, simulated by one's own settings, imported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.data.facts import TableFacts
from recsys.data.shops import BUILT_IN, RetailParams
from recsys.data.support import DATA
from recsys.data.table import Table
from tests.support import table_family
from workbench import families
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.families import Family
from workbench.services.imports import readers_of
from workbench.settings import Settings
from workbench.workbench import Workbench

FAMILY = Family(
    name="recsys", title="Recommenders", description="For tests.", framework="tensorflow", models=(), data=DATA,
    trainer=table_family.FAMILY.trainer, audit=table_family.FAMILY.audit, load_bundle=table_family.FAMILY.load_bundle,
)  # fmt: skip


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A workbench with the recommenders' data and no other family."""
    monkeypatch.setattr(families, "FAMILIES", {"recsys": f"{__name__}:FAMILY"})
    families.family.cache_clear()
    monkeypatch.setattr(families, "family", lambda name: {"recsys": FAMILY}[name])
    opened = Workbench.open(Settings.load(home=home, check_state=True))
    yield opened
    opened.close()


def bought(rows: int = 150) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [f"c{r % 9}" if r % 10 else None for r in range(rows)],
            "product_id": [float(r % 13) for r in range(rows)],
            "bought_at": [1_700_000_000 + 86_400 * r for r in range(rows)],
            "note": ["=1+1"] * rows,
        }
    )


def test_the_built_in_shop_is_ready_to_use(bench: Workbench) -> None:
    record = bench.state().datasets[BUILT_IN]
    assert bench.datasets.row(record)["rows"] == 60_000
    table: Table = bench.datasets.load(BUILT_IN)
    assert table.truth is not None
    assert table.truth.tastes.shape[0] == 1_000
    row = bench.datasets.row(bench.state().datasets[BUILT_IN])
    assert (row["rows"], row["users"], row["items"]) == (60_000, 1_000, 500)
    assert (row["user_column"], row["item_column"], row["timestamp_column"]) == (
        "customer_id",
        "product_id",
        "trans_date",
    )
    assert row["dates"] == "2023-01-01 to 2024-12-31"
    assert [column["role"] for column in row["schema"]].count("outcome") == 4
    json.dumps(row, allow_nan=False)
    assert bench.datasets.load(BUILT_IN) is table


def test_a_shop_of_ones_own_settings_is_a_dataset(bench: Workbench) -> None:
    record = bench.datasets.create(
        actor="me", source="retail_simulator", name="Mine", params={"rows": "2000", "seed": 7}
    )
    assert record.status == "ready"
    table: Table = bench.datasets.load(record.id)
    assert (table.frame.height, table.manifest.source) == (2_000, "retail_simulator")
    assert "2,000 interactions" in bench.datasets.source(record.id).description
    again = bench.datasets.create(actor="me", source="retail_simulator", params={"rows": 2_000, "seed": 7})
    assert again.manifest is not None
    assert record.manifest is not None
    assert again.manifest.content_sha256 == record.manifest.content_sha256


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"rows": 10}, "1,?000 to 20,?000,?000"),
        ({"rating_rate": 0}, "greater than 0"),
        ({"size": "tiny"}, "small, medium, large|one of the choices"),
        ({"colour": 1}, "colour"),
    ],
)
def test_settings_out_of_range_are_refused(bench: Workbench, params: dict[str, Any], said: str) -> None:
    before = set(bench.state().datasets)
    with pytest.raises(CommandError) as caught:
        bench.datasets.create(actor="me", source="retail_simulator", params=params)
    words = " ".join([caught.value.message, *(problem.message for problem in caught.value.problems)])
    assert re.search(said, words), words
    assert set(bench.state().datasets) == before


def test_settings_are_those_of_the_simulator() -> None:
    settings = RetailParams(size="medium", seed=3, rows=5_000, zipf_exponent=0.5).settings()
    assert (settings.size, settings.seed, settings.row_count, settings.zipf_exponent) == (
        "medium",
        3,
        5_000,
        0.5,
    )


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_imported_table_is_an_artefact_and_outlives_its_source(
    bench: Workbench, tmp_path: Path, home: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / f"sales.{kind}"
    bought().write_csv(source) if kind == "csv" else bought().write_parquet(source)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    made = bench.datasets.import_data(actor="me", path=source, name="Sales", options={"roles": "note=ignore"})
    source.unlink()
    assert list(scratch.iterdir()) == []
    assert made.record.source == kind
    assert any("15 of 150 rows" in notice for notice in made.notices)
    bench.close()
    again = Workbench.open(Settings.load(home=home))
    table: Table = again.datasets.load("sales")
    assert table.frame.height == 135
    assert table.interactions.item_ids == sorted(str(n) for n in range(13))
    assert table.manifest == made.record.manifest
    assert table.manifest.files[0].path.endswith("data.parquet")
    assert table.facts.roles == {
        "customer_id": "user_id", "product_id": "item_id", "bought_at": "timestamp", "note": "ignore"
    }  # fmt: skip
    assert "imported from sales" in again.datasets.source("sales").description
    assert again.datasets.problem("sales") is None
    artefact = again.artefacts.path(table.manifest.files[0].path)
    artefact.write_bytes(artefact.read_bytes() + b"x")
    assert "is not what was written" in str(again.datasets.problem("sales"))
    with pytest.raises(DatasetError, match="is not what was written"):
        again.datasets.load("sales")
    again.close()


def test_what_is_refused_leaves_nothing_behind(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("user_id,item_id\n1,2\n")
    with pytest.raises(DatasetError) as caught:
        bench.datasets.import_data(actor="me", path=tmp_path / "few.csv", name="Few")
    assert caught.value.code == "DS_TOO_SMALL"
    assert "few" not in bench.state().datasets
    assert bench.artefacts.files("datasets") == ()
    with pytest.raises(CommandError, match="did you mean numeric"):
        bench.datasets.import_data(
            actor="me", path=tmp_path / "few.csv", name="Few", options={"types": {"user_id": "numbers"}}
        )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv", "recsys"),
        ("a.PARQUET", "recsys"),
        ("a.npz", "rcmvae"),
        ("folder", "rcmvae"),
        ("a.odd", "rcmvae"),
    ],
)
def test_a_file_is_read_by_the_family_that_reads_such_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: str
) -> None:
    registered = {"rcmvae": families.family("rcmvae"), "recsys": FAMILY}
    monkeypatch.setattr("workbench.services.imports.all_families", lambda: tuple(registered.values()))
    (tmp_path / "folder").mkdir()
    assert readers_of(None, tmp_path / name)[0].name == expected


def test_looks_show_rows_columns_and_what_should_be_known(bench: Workbench, tmp_path: Path) -> None:
    bought().write_csv(tmp_path / "sales.csv")
    bench.datasets.import_data(actor="me", path=tmp_path / "sales.csv", name="Sales")
    preview, found = bench.datasets.preview("sales"), bench.datasets.statistics("sales")
    assert preview.words == ("20 of 135 rows.",)
    assert preview.tables[0].columns == ("customer_id", "product_id", "bought_at", "note")
    assert ("Left out, without a user or an item", "15") in found.facts
    assert [row[0] for row in found.tables[0].rows] == list(preview.tables[0].columns)
    assert any("read as times, in s since 1970" in notice for notice in found.notices)
    for look in (preview, found, bench.datasets.statistics(BUILT_IN)):
        json.dumps(look.model_dump(mode="json"), allow_nan=False)


def test_a_damaged_description_is_a_dataset_whose_content_is_not_known(
    bench: Workbench, tmp_path: Path
) -> None:
    bought().write_csv(tmp_path / "sales.csv")
    record = bench.datasets.import_data(actor="me", path=tmp_path / "sales.csv", name="Sales").record
    assert record.manifest is not None
    damaged = record.model_copy(
        update={"manifest": record.manifest.model_copy(update={"about": {"rows": "x"}})}
    )
    source = DATA.describe(damaged, None)
    assert "not known" in source.description
    assert source.facts == TableFacts(columns=(), rows=0)
    assert DATA.row(source.facts)["users"] is None
