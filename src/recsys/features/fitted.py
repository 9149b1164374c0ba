"""What fitting keeps of the train part, to turn further rows into tensors: frozen, with a JSON form.

text = fitted.model_dump_json()
Fitted.model_validate_json(text) == fitted
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from recsys.features.columns import Columns
from recsys.features.config import Tower
from recsys.features.numbers import Edges, Frozen, Scale
from recsys.features.target import FittedTarget
from recsys.features.vocabulary import Vocabulary


class Reading(Frozen):
    """How a column is read as a number.

    Attributes:
        column: its name. type: numbers, or times as seconds since `origin`.
        log_transform: whether ln(1 + x) follows. origin: the train part's earliest time, int64 seconds since
            1970.
    """

    column: str
    type: Literal["numeric", "temporal"]
    log_transform: bool = False
    origin: int = 0

    def values(self, columns: Columns) -> np.ndarray:
        """The column as float64 of shape (rows,): NaN where null, -infinity where there is no logarithm."""
        if self.type == "temporal":
            seconds = columns.seconds(self.column)
            return np.where(seconds.null, np.nan, (seconds.values - self.origin).astype(np.float64))
        numbers = columns.numbers(self.column)
        if not self.log_transform:
            return numbers
        with np.errstate(divide="ignore"):
            return np.log1p(np.maximum(numbers, -1.0))


class EmbeddedTerms(Frozen):
    """Rows of a table of terms: int64."""

    kind: Literal["embedding"] = "embedding"
    name: str
    column: str
    vocabulary: Vocabulary


class Normalized(Frozen):
    """One number on a scale: float32."""

    kind: Literal["norm"] = "norm"
    name: str
    reading: Reading
    scale: Scale


class Bucketed(Frozen):
    """Rows of a table of quantiles: int64."""

    kind: Literal["bucket"] = "bucket"
    name: str
    reading: Reading
    edges: Edges


class Cycle(Frozen):
    """Sine and cosine of a time's phase in a cycle: arrays of float32, `{name}_sin` and `{name}_cos`."""

    kind: Literal["cycle"] = "cycle"
    name: str
    column: str
    cycle: str


class NullFlag(Frozen):
    """1.0 where a value is null or NaN: float32."""

    kind: Literal["null"] = "null"
    name: str
    reading: Reading


class EarlierItems(Frozen):
    """Rows of the item table for the latest `max_length` items that a buyer took before: int64, in pieces."""

    kind: Literal["history"] = "history"
    name: str
    shared: str
    max_length: int


class TermMember(Frozen):
    """A cross's member by its term."""

    kind: Literal["text"] = "text"
    column: str


class BucketMember(Frozen):
    """A cross's member by its bucket's number."""

    kind: Literal["bucket"] = "bucket"
    reading: Reading
    edges: Edges


class Crossed(Frozen):
    """Rows of a hashed table of combinations: int64."""

    kind: Literal["cross"] = "cross"
    name: str
    members: tuple[Annotated[TermMember | BucketMember, Field(discriminator="kind")], ...]
    rows: int


FittedOutput = EmbeddedTerms | Normalized | Bucketed | Cycle | NullFlag | EarlierItems | Crossed


class Fitted(Frozen):
    """Both towers' tensors in the order in which they are joined, and the target.

    Attributes:
        train_rows: rows that it was fitted on.
    """

    train_rows: int
    buyer: tuple[Annotated[FittedOutput, Field(discriminator="kind")], ...]
    product: tuple[Annotated[FittedOutput, Field(discriminator="kind")], ...]
    target: FittedTarget | None = None

    def outputs(self, tower: Tower) -> tuple[FittedOutput, ...]:
        """The tensors of one tower."""
        return self.buyer if tower == "buyer" else self.product

    def items(self, output: EarlierItems) -> Vocabulary:
        """The vocabulary of items that a history shares."""
        return next(
            o.vocabulary for o in self.product if isinstance(o, EmbeddedTerms) and o.name == output.shared
        )

    def table_rows(self, tower: Tower) -> dict[str, int]:
        """The rows of each table that a tower owns, by name; a history owns none."""
        rows: dict[str, int] = {}
        for output in self.outputs(tower):
            if isinstance(output, EmbeddedTerms):
                rows[output.name] = output.vocabulary.rows
            elif isinstance(output, Bucketed):
                rows[output.name] = output.edges.rows
            elif isinstance(output, Crossed):
                rows[output.name] = output.rows
        return rows
