"""How long ids may be: they name rows of tables, files and answers, where a text of many pages has no place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.data.facts import Notice
from recsys.data.limits import MAX_ID, too_large
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class LongId:
    """A column that cannot be an id: its longest value's characters, and the row of that value, from 1."""

    column: str
    characters: int
    row: int

    def refusal(self, role: str) -> DatasetError:
        """DS_TOO_LARGE, for a column that somebody chose as an id."""
        return too_large(
            f'"{self.column}" cannot be the {role}: its value in row {self.row:,} has',
            self.characters,
            MAX_ID,
            "characters",
            where=self.column,
            hint="Choose another column, or shorten its values.",
        )

    def notice(self, role: str) -> Notice:
        """Why a column that looks like an id was not taken for one."""
        words = f"its value in row {self.row:,} has {self.characters:,} characters, and an id has {MAX_ID:,} at most"
        return Notice("DS_TOO_LARGE", f'"{self.column}" is not taken for the {role}: {words}.', self.column)


def long_ids(rows: pl.LazyFrame, columns: Iterable[str]) -> tuple[LongId, ...]:
    """Those of some columns that hold a text too long for an id."""
    import polars as pl

    schema, found = rows.collect_schema(), []
    for column in columns:
        if schema[column] != pl.String:
            continue
        # a text has at most as many characters as bytes, and those are known without reading it
        if (
            rows.select(pl.col(column).str.len_bytes().max()).collect(engine="streaming").item() or 0
        ) <= MAX_ID:
            continue
        length = pl.col(column).str.len_chars()
        longest, place = (
            rows.select(length.max(), length.arg_max().alias("place")).collect(engine="streaming").row(0)
        )
        if (longest or 0) > MAX_ID:
            found.append(LongId(column, int(longest), int(place) + 1))
    return tuple(found)
