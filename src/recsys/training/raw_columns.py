"""The columns that a served model is asked with, and the one raw form of each.

| what reads a column | form | null |
|---|---|---|
| a term, anywhere | text: whole numbers in decimal, `true`, `false` | "" or `__missing__` |
| a number (of truth values: 0 and 1) | float64 | NaN |
| a time | int64, whole seconds since 1970-01-01T00:00Z | the least int64 |
| a history | text of shape (rows, any), the item ids, oldest first | "" is padding, `__missing__` a lost id |

A column that one tower reads as a term and the other as a number is text. Numbers are float64 because a
quantile's edge may be a value itself: rounded to float32 it would change sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from recsys.codegen.tensor_keys import history_column
from recsys.data.schema import DataType
from recsys.features.columns import MISSING, Columns, term_of
from recsys.features.config import TOWERS, Tower
from recsys.features.fitted import (
    Bucketed,
    Crossed,
    Cycle,
    EarlierItems,
    EmbeddedTerms,
    Fitted,
    FittedOutput,
    Normalized,
    NullFlag,
    TermMember,
)
from recsys.features.histories import ItemHistories

if TYPE_CHECKING:
    import polars as pl

Form = Literal["text", "number", "time", "items"]

NULL_TIME = -(2**63)

_READABLE: Mapping[Form, tuple[DataType, ...]] = {
    "text": ("text", "numeric", "boolean"),
    "number": ("numeric", "boolean"),
    "time": ("temporal",),
}


@dataclass(frozen=True)
class RawColumn:
    """One column of a request.

    Attributes:
        name: the column's. form: how its values come.
        output: the history that it brings along. length: how many items of that count. Not of others.
    """

    name: str
    form: Form
    output: str = ""
    length: int = 0


def raw_columns(fitted: Fitted, schema: Mapping[str, DataType]) -> dict[Tower, dict[str, RawColumn]]:
    """The columns that each tower reads, by name, in the order in which it reads them.

    Args:
        fitted: what `fit` gave. schema: the data's columns and what they are.

    Raises:
        ValueError: for a column that the schema lacks, or that cannot be read as the towers do.
    """
    read: dict[Tower, dict[str, RawColumn]] = {"buyer": {}, "product": {}}
    as_text: set[str] = set()
    for tower in TOWERS:
        for output in fitted.outputs(tower):
            for column in _read(output, schema):
                read[tower].setdefault(column.name, column)
                if column.form == "text":
                    as_text.add(column.name)
    for columns in read.values():
        for name in as_text & columns.keys():
            columns[name] = RawColumn(name, "text")
    return read


def raw_arrays(
    columns: Mapping[str, RawColumn], frame: pl.DataFrame, histories: ItemHistories | None = None
) -> dict[str, np.ndarray]:
    """Rows of a table in the raw form of a request.

    Args:
        columns: which. frame: the rows. histories: what the buyers of these rows took before.

    Returns:
        Arrays by column: text and histories of objects, others float64 or int64; of shape (rows,), histories
        (rows, longest that is asked for).

    Raises:
        ValueError: for a missing column or missing histories. TypeError: for a column of another type.
    """
    source = Columns(frame)
    return {name: _array(column, source, histories) for name, column in columns.items()}


def _read(output: FittedOutput, schema: Mapping[str, DataType]) -> Iterator[RawColumn]:
    if isinstance(output, EarlierItems):
        yield RawColumn(history_column(output.name, schema), "items", output.name, output.max_length)
        return
    for name, form in _columns(output):
        if name not in schema:
            raise ValueError(f'column "{name}", which {output.name} reads, is not in the schema')
        if schema[name] not in _READABLE[form]:
            raise ValueError(f'column "{name}" is {schema[name]}: {output.name} reads a {form} there')
        yield RawColumn(name, form)


def _columns(output: FittedOutput) -> Iterator[tuple[str, Form]]:
    if isinstance(output, EmbeddedTerms):
        yield output.column, "text"
    elif isinstance(output, Cycle):
        yield output.column, "time"
    elif isinstance(output, Normalized | Bucketed | NullFlag):
        yield output.reading.column, _FORM[output.reading.type]
    elif isinstance(output, Crossed):
        for member in output.members:
            if isinstance(member, TermMember):
                yield member.column, "text"
            else:
                yield member.reading.column, _FORM[member.reading.type]


_FORM: Mapping[str, Form] = {"numeric": "number", "temporal": "time"}


def _array(column: RawColumn, source: Columns, histories: ItemHistories | None) -> np.ndarray:
    if column.form == "text":
        terms = source.terms(column.name)
        return np.array(["" if term == MISSING else term for term in terms.distinct], object)[terms.codes]
    if column.form == "number":
        return source.numbers(column.name)
    if column.form == "time":
        seconds = source.seconds(column.name)
        return np.where(seconds.null, NULL_TIME, seconds.values)
    if histories is None:
        raise ValueError(f"{column.name} needs the histories of these rows")
    if len(histories) != len(source):
        raise ValueError(f"there are histories of {len(histories)} rows for {len(source)} rows")
    return _items(column, histories)


def _items(column: RawColumn, histories: ItemHistories) -> np.ndarray:
    """The latest items of each row as text, "" after them."""
    length = np.minimum(histories.length.astype(np.int64), column.length)
    start = histories.start.astype(np.int64) + histories.length - length
    place = np.arange(column.length)
    mask = place < length[:, None]
    ids = np.array([term_of(item) for item in histories.item_ids], object)
    padded = np.full(mask.shape, "", object)
    padded[mask] = ids[histories.items[(start[:, None] + place)[mask]]]
    return padded
