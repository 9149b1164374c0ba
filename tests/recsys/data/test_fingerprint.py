"""Equal tables have equal fingerprints, and others have others."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys

import polars as pl
import pytest

from recsys.data.fingerprint import PIECE, fingerprint

FRAME = pl.DataFrame(
    {
        "text": ["a", "", None, "é中"],
        "whole": [1, None, -3, 2**60],
        "real": [0.5, float("nan"), None, -0.25],
        "truth": [True, None, False, True],
        "time": [dt.datetime(2024, 1, 1), None, dt.datetime(1960, 5, 4), dt.datetime(2000, 1, 1)],
        "list": [["a", "b"], [], None, [None, "c"]],
        "nothing": [None] * 4,
    }
)


def test_it_does_not_depend_on_how_a_table_lies_in_memory() -> None:
    pieces = pl.concat([FRAME[:1], FRAME[1:3], FRAME[3:]], rechunk=False)
    assert fingerprint(pieces) == fingerprint(FRAME)
    sliced = pl.concat([FRAME, FRAME])[2:6]
    again = pl.concat([FRAME[2:], FRAME[:2]])
    assert fingerprint(sliced) == fingerprint(again)


def test_it_is_the_same_in_every_process() -> None:
    code = "import polars as pl; from recsys.data.fingerprint import fingerprint; "
    code += "print(fingerprint(pl.DataFrame({'a': ['x', None, 'yz'], 'b': [1.5, 2.0, None]})))"
    code = f"import sys; sys.path[:0] = {sys.path!r}; {code}"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads},
        ).stdout.strip()
        for seed, threads in (("1", "1"), ("2", "2"))
    }  # fmt: skip
    assert found == {fingerprint(pl.DataFrame({"a": ["x", None, "yz"], "b": [1.5, 2.0, None]}))}


@pytest.mark.parametrize(
    "other",
    [
        FRAME.reverse(),
        FRAME.rename({"text": "Text"}),
        FRAME.select(*reversed(FRAME.columns)),
        FRAME.with_columns(pl.col("text").fill_null("")),
        FRAME.with_columns(text=pl.Series(["", "a", None, "é中"])),
        FRAME.with_columns(pl.col("whole").fill_null(0)),
        FRAME.with_columns(pl.col("whole").cast(pl.Float64)),
        FRAME.with_columns(pl.col("real").fill_nan(None)),
        FRAME.with_columns(pl.col("truth").fill_null(False)),
        FRAME.with_columns(pl.col("time").dt.offset_by("1us")),
        FRAME.with_columns(pl.col("time").dt.replace_time_zone("UTC")),
        FRAME.with_columns(list=pl.Series([["a"], ["b"], None, [None, "c"]])),
        FRAME.with_columns(list=pl.Series([["a", "b"], None, [], [None, "c"]])),
        FRAME[:3],
        FRAME.drop("nothing"),
    ],
)
def test_whatever_differs_changes_it(other: pl.DataFrame) -> None:
    assert fingerprint(other) != fingerprint(FRAME)


def test_text_cannot_be_moved_from_one_row_or_column_to_the_next() -> None:
    assert fingerprint(pl.DataFrame({"a": ["xy", "z"]})) != fingerprint(pl.DataFrame({"a": ["x", "yz"]}))
    moved = pl.DataFrame({"a": ["x"], "b": ["y"]}), pl.DataFrame({"a": ["xy"], "b": [""]})
    assert fingerprint(moved[0]) != fingerprint(moved[1])


def test_rows_past_the_first_piece_count() -> None:
    long = pl.DataFrame({"a": pl.int_range(PIECE + 10, eager=True)})
    last = long.with_columns(pl.when(pl.col("a") == PIECE + 9).then(0).otherwise(pl.col("a")).alias("a"))
    assert fingerprint(last) != fingerprint(long)
    assert fingerprint(long.with_columns(pl.col("a").cast(pl.String))) != fingerprint(long)


def test_an_empty_table_has_one() -> None:
    assert fingerprint(FRAME[:0]) != fingerprint(pl.DataFrame())
