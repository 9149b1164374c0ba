"""A person's file before it is imported: what its columns would become, what is odd about them, and some rows as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recsys.data.facts import Notice, TableFacts
from recsys.data.options import TableOptions
from recsys.data.shortening import shortened
from recsys.data.upload import read_import
from recsys.data.uploaded_file import opened_file
from workbench.datasets import DatasetError

ROWS = 10
"""Rows that are shown."""


@dataclass(frozen=True)
class FirstLook:
    """What an import would make of a file.

    Attributes:
        facts: columns with their types, roles and figures; None where the file cannot be imported at all.
        rows: the first rows as text, None where nothing stands. left_out: columns that are, each with its reason.
        problems: what stands in the way of the import, by column; "" for what is about the file.
    """

    facts: TableFacts | None
    rows: tuple[Mapping[str, str | None], ...] = ()
    left_out: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    def notices(self, column: str) -> tuple[Notice, ...]:
        """What a person should know of a column."""
        return tuple(n for n in (self.facts.notices if self.facts else ()) if n.column == column)


def first_look(path: Path, options: TableOptions) -> FirstLook:
    """What importing a file with these options would make of it; nothing is kept.

    A choice for a column that its values do not allow is told as a problem of it, and the column is read as if nobody
    had chosen.
    """
    problems: dict[str, str] = {}
    rows: tuple[Mapping[str, str | None], ...] = ()
    try:
        rows = _first_rows(path, options)
        while True:
            try:
                read = read_import(path, options)
            except DatasetError as error:
                without = _without(options, error.where, keep_roles=error.code == "DS_CAST")
                if without == options:
                    raise
                problems.setdefault(error.where, str(error))
                options = without
            else:
                break
    except DatasetError as error:
        return FirstLook(None, rows, problems={**problems, "": str(error)})
    assert isinstance(read.content, Path)  # as tables are kept
    read.content.unlink(missing_ok=True)
    return FirstLook(TableFacts.of(read.manifest), rows, read.skipped, problems)


def look_values(found: FirstLook) -> dict[str, Any]:
    """A look as JSON values, for programs."""
    facts = found.facts
    notices = facts.notices if facts is not None else ()
    return {
        "importable": facts is not None and not found.problems,
        "row_count": None if facts is None else facts.rows,
        "columns": [asdict(info) for info in (facts.columns if facts is not None else ())],
        "rows": [dict(row) for row in found.rows],
        "left_out": list(found.left_out),
        "notices": [asdict(notice) for notice in notices],
        "problems": [
            {"column": column or None, "message": message} for column, message in found.problems.items()
        ],
    }


def _without(options: TableOptions, column: str, *, keep_roles: bool) -> TableOptions:
    """The options without what is chosen for a column: its type, else its role."""
    which: Any = "types" if keep_roles or column not in options.by_column("roles") else "roles"
    left = {name: word for name, word in options.by_column(which).items() if name != column}
    return options if len(left) == len(options.by_column(which)) else options.model_copy(update={which: left})


def _first_rows(path: Path, options: TableOptions) -> tuple[Mapping[str, str | None], ...]:
    with opened_file(path, options) as given:
        rows = given.rows.head(ROWS).collect().rows(named=True)
    return tuple(
        {name: None if value is None else _text(value) for name, value in row.items()} for row in rows
    )


def _text(value: object) -> str:
    return shortened(", ".join(map(str, value)) if isinstance(value, list) else str(value))
