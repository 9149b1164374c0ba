"""A look at data in plain values: what a family shows of a dataset or of a sample, and pages and REST pass on."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Plain(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class Picture(_Plain):
    """A small picture: its `data:` address, and what it shows."""

    src: str
    name: str = ""


class Counts(_Plain):
    """How many there are of each thing, in order."""

    title: str
    items: tuple[tuple[str, int], ...]


class Table(_Plain):
    """Rows of plain values under their titles."""

    title: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Look(_Plain):
    """What is shown of data.

    Attributes:
        words: sentences. facts: (name, value) pairs. notices: what a person should know of it, such as repeated items.
    """

    words: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    counts: tuple[Counts, ...] = ()
    tables: tuple[Table, ...] = ()
    notices: tuple[str, ...] = ()
