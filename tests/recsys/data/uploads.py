"""Tables of people's own as text, and what their import says; the fixture `load` imports one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from recsys.data.table import Table
from workbench.datasets import DatasetError, ReadImport

ROWS = 120
Load = Callable[..., Table]


def read_of(load: Load) -> ReadImport:
    return load.read  # type: ignore[attr-defined]


def table(rows: int = ROWS, sep: str = ",", eol: str = "\n", **columns: Callable[[int], str]) -> str:
    """A CSV of users and items with further columns."""
    made = {"user_id": lambda r: f"u{r % 7}", "item_id": lambda r: f"i{r % 11}", **columns}
    lines = [sep.join(made), *(sep.join(make(r) for make in made.values()) for r in range(rows))]
    return eol.join(lines) + eol


def refused(load: Load, code: str, content: str | bytes | pl.DataFrame, **options: Any) -> DatasetError:
    with pytest.raises(DatasetError) as caught:
        load(content, **options)
    assert caught.value.code == code, caught.value
    assert caught.value.hint
    return caught.value


def dtype_of(found: Table, column: str) -> str | None:
    info = found.schema.find(column)
    return None if info is None else info.data_type
