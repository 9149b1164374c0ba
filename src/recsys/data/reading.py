"""How a column of a file is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.data.schema import DataType

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Reading:
    """How a column is read: its type, the values made of it, and what a person should know of that.

    Attributes:
        advice: what to do about values that could not be read as what they look like.
    """

    data_type: DataType
    values: pl.Expr
    notice: str | None = None
    advice: str = ""
