"""Columns that are read as their first values suggest: the same comes out as if all values were looked at before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.data import upload
from recsys.data.guessing import Guessed, guessed
from recsys.data.upload import read_import
from workbench.datasets import ReadImport

ROWS = 2_500
COLUMNS: dict[str, Any] = {
    "whole": lambda r: str(r - 7), "plus": lambda r: f"+{r}", "real": lambda r: f"{r / 8}", "mixed": lambda r: "1" if r % 2 else "2.5e3",
    "odd_real": lambda r: "NaN" if r == 3 else "-inf" if r == 4 else ".5", "flag": lambda r: "true" if r % 2 else "FALSE",
    "day": lambda r: f"2024-02-{r % 29 + 1:02}", "zoned": lambda r: f"2024-02-01T10:00:{r % 60:02}+01:00", "epoch": lambda r: str(1_700_000_000 + r),
    "millis": lambda r: str(1_700_000_000_000 + r), "word": lambda r: f"w{r % 9}", "list": lambda r: '"[1, ""a""]"', "comma": lambda r: f'"{r},5"',
    "gaps": lambda r: "" if r % 3 else str(r), "day_gaps": lambda r: "" if r % 3 else "2024-01-01", "real_gaps": lambda r: "" if r % 3 else ".5",
    "spaced": lambda r: f" {r} ", "quoted": lambda r: '""' if r % 5 == 0 else f'"{r}"', "blank_word": lambda r: '""' if r % 5 == 0 else '" a "',
    "empty": lambda r: "", "sparse": lambda r: "" if r < 1_200 else str(r), "code": lambda r: f"{r:05}", "long": lambda r: str(10**17 + r),
    "late_real": lambda r: "0.5" if r == 2_400 else str(r), "late_word": lambda r: "x" if r == 2_400 else str(r),
    "late_code": lambda r: "007" if r == 2_400 else "1.5", "late_long": lambda r: "12345678901234567890" if r == 2_400 else "1.5",
    "late_epoch": lambda r: "5" if r == 2_400 else str(1_700_000_000 + r), "late_day": lambda r: "2024-02-30" if r == 2_400 else "2024-02-01",
    "late_flag": lambda r: "yes" if r == 2_400 else "true", "late_space": lambda r: " 3" if r == 2_400 else "3", "late_thousands": lambda r: '"1,234"',
    "late_list": lambda r: '"[1,"' if r == 2_400 else '"[1]"', "late_nan": lambda r: "nan" if r == 2_400 else "1.5",
}  # fmt: skip
"""Values by column; line breaks and delimiters stand in quotes."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("guessed") / "all.csv"
    names = ["user_id", "item_id", *COLUMNS]
    rows = [[f"u{r % 7}", f"i{r % 11}", *(make(r) for make in COLUMNS.values())] for r in range(ROWS)]
    path.write_text("\n".join(",".join(row) for row in [names, *rows]) + "\n")
    return path


def kept(read: ReadImport) -> pl.DataFrame:
    assert isinstance(read.content, Path)
    frame = pl.read_parquet(read.content)
    read.content.unlink()
    return frame


def test_a_guess_gives_what_a_look_at_all_values_gives(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = read_import(file)
    monkeypatch.setattr(upload, "guessed", lambda first, columns: Guessed({}, set()))
    slow = read_import(file)
    for column, other in zip(kept(quick).iter_columns(), kept(slow).iter_columns(), strict=True):
        assert column.dtype == other.dtype, column.name
        assert column.to_list() == other.to_list(), column.name
    assert quick.manifest == slow.manifest
    assert quick.notices == slow.notices


def test_a_file_is_read_once_unless_a_later_value_is_something_else(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = upload._write

    def counted(*arguments: Any) -> None:
        written.append(1)
        write(*arguments)

    monkeypatch.setattr(upload, "_write", counted)
    kept(read_import(file))
    assert len(written) == 2
    frame = pl.read_csv(file, infer_schema=False)
    frame.select(name for name in frame.columns if not name.startswith("late_")).write_csv(
        tmp_path / "plain.csv"
    )
    kept(read_import(tmp_path / "plain.csv"))
    assert len(written) == 3


def test_only_columns_that_hold_something_else_are_named(file: Path) -> None:
    frame = pl.read_csv(file, infer_schema=False)
    guesses = guessed(frame.head(1_000), list(COLUMNS))
    values = [reading.values.alias(name) for name, reading in guesses.readings.items()]
    frame.lazy().select(values).collect(engine="streaming")
    assert guesses.failed == {name for name in COLUMNS if name.startswith("late_")} - {
        "late_thousands",
        "late_nan",
    }
    assert {"empty", "sparse", "late_thousands"}.isdisjoint(guesses.readings)
