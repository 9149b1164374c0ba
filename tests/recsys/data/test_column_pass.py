"""What one pass over every column finds, against polars over the whole table."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from recsys.data import column_pass
from recsys.data.column_pass import pass_over
from recsys.data.fingerprint import fingerprint, fingerprint_of
from recsys.data.schema import ColumnStats
from recsys.data.upload import read_import

ROWS = 150
FRAME = pl.DataFrame({
    "user_id": [f"u{row % 9}" for row in range(ROWS)],
    "item_id": [row % 12 for row in range(ROWS)],
    "price": [None if row % 50 == 0 else row / 4 for row in range(ROWS)],
    "bought": [row % 2 == 0 for row in range(ROWS)],
    "at": [dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=row) for row in range(ROWS)],
})  # fmt: skip


@pytest.mark.parametrize("large", [1, 10**9])
def test_figures_and_fingerprint_are_those_of_the_table(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    monkeypatch.setattr(column_pass, "_LARGE", large)
    found = pass_over(FRAME.lazy())
    assert fingerprint_of(column.digest for column in found.values()) == fingerprint(FRAME)
    assert found["price"].stats == ColumnStats(147, 0.25, 37.25, 3)
    assert found["user_id"].stats == ColumnStats(9, None, None, 0)
    assert {column.rows for column in found.values()} == {ROWS}


def test_numbers_that_are_not_finite_are_neither_in_the_range_nor_distinct_values() -> None:
    frame = pl.DataFrame(
        {"x": [float("inf"), 2.0, None, -3.0, float("-inf")], "y": [float("inf")] * 5, "z": [None] * 5}
    )
    found = pass_over(frame.cast({"z": pl.Float64}).lazy())
    assert found["x"].stats == ColumnStats(2, -3.0, 2.0, 1)
    assert found["y"].stats == ColumnStats(0, None, None, 0)
    assert found["z"].stats == ColumnStats(0, None, None, 5)


def test_a_parquet_file_of_fitting_types_is_kept_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "shop.parquet"
    FRAME.write_parquet(path)
    read = read_import(path)
    assert isinstance(read.content, Path)
    assert read.content.read_bytes() == path.read_bytes()
    read.content.unlink()
    assert read.manifest.content_sha256 == fingerprint(FRAME)
    assert read.notices == ()


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (pl.col("price").cast(pl.Float32), pl.col("price")),
        (pl.when(pl.col("item_id") > 1).then("user_id").otherwise(pl.lit("")).alias("user_id"), pl.when(pl.col("item_id") > 1).then("user_id")),
        (pl.col("at").dt.cast_time_unit("ms"), pl.col("at")),
        (pl.col("user_id").alias(" name "), pl.col("user_id").alias("name")),
        (pl.col("user_id").cast(pl.Categorical), pl.col("user_id")),
        (pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ").cast(pl.Categorical), pl.col("at")),
        (pl.struct("price").alias("nested"), None),
        (pl.col("price").fill_null(float("nan")), pl.col("price")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_written_anew(tmp_path: Path, change: pl.Expr, wanted: pl.Expr | None) -> None:
    path = tmp_path / "shop.parquet"
    FRAME.with_columns(change).write_parquet(path)
    read = read_import(path)
    assert isinstance(read.content, Path)
    kept = pl.read_parquet(read.content)
    read.content.unlink()
    expected = FRAME if wanted is None else FRAME.with_columns(wanted)
    assert kept.equals(expected)
    assert read.manifest.content_sha256 == fingerprint(expected)


def test_nan_in_a_parquet_file_is_missing_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "shop.parquet"
    FRAME.with_columns(pl.col("price").fill_null(float("nan"))).write_parquet(path)
    read = read_import(path)
    assert isinstance(read.content, Path)
    assert pl.read_parquet(read.content)["price"].null_count() == 3
    read.content.unlink()
    assert read.notices == ('3 of 150 numbers of "price" are NaN and count as missing.',)
