"""What the Datasets pages show of a dataset, read from the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.commands.base import CommandError
from workbench.families import all_families, is_built_in
from workbench.state import DatasetRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

STATES = {"preparing": "not read yet", "ready": "ready", "failed": "cannot be read"}
"""A record's status in words."""


@dataclass(frozen=True)
class DatasetRow:
    """A dataset on a page.

    Attributes:
        family_title: of its family. description: what it is. values: what its family's columns show, by key.
        models: (id, name) of the live models that use it. built_in: whether it came with its family.
        missing: whether its file, which people fetch themselves, is not there; `problem` says where it goes.
    """

    record: DatasetRecord
    family_title: str
    description: str
    values: Mapping[str, Any]
    models: tuple[tuple[str, str], ...]
    built_in: bool
    needs_download: bool = False
    problem: str | None = None
    missing: bool = False

    @property
    def state(self) -> str:
        """Its status in words."""
        return "file missing" if self.missing else "damaged" if self.problem else STATES[self.record.status]


def rows(workbench: Workbench) -> list[DatasetRow]:
    """Every dataset, built-in ones first."""
    live = (d for d in workbench.state().datasets.values() if d.deleted_at is None)
    return [row_of(workbench, d) for d in sorted(live, key=lambda d: (not is_built_in(d), d.name.casefold()))]


def row_of(workbench: Workbench, record: DatasetRecord) -> DatasetRow:
    """One dataset; of one whose family is not registered, what its record says."""
    titles = {family.name: family.title for family in all_families()}
    models = workbench.state().models.values()
    users = tuple((m.id, m.name) for m in models if record.id in m.uses and m.deleted_at is None)
    description, needs_download, problem, missing = "", False, record.error, False
    try:
        source = workbench.datasets.source(record.id)
        description, needs_download = source.description, source.needs_download
        missing = bool(source.missing)
        problem = source.missing or problem or workbench.datasets.problem(record.id)
    except CommandError as error:
        problem = error.message
    return DatasetRow(
        record, titles.get(record.family, record.family), description, workbench.datasets.row(record), users,
        is_built_in(record), needs_download, problem, missing,
    )  # fmt: skip
