"""Saved views as pages, REST and the command line use them."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.commands.base import Command, Put
from workbench.commands.records import DeleteCommand, RenameCommand, RestoreCommand
from workbench.commands.rules import find
from workbench.listing.views import KIND, ChangeViewCommand, CreateViewCommand, ViewPage, ViewRecord
from workbench.store.store import Store


class ViewService:
    """The saved views of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, view_id: str) -> ViewRecord:
        """A view. Raises CommandError not_found."""
        return find(self._store.state(), KIND, view_id)

    def create(self, *, actor: str, name: str, page: ViewPage, query: Mapping[str, str]) -> ViewRecord:
        """Keep what a page shows under a name. Raises CommandError."""
        done = self._store.execute(CreateViewCommand(name=name, page=page, query=dict(query)), actor=actor)
        return next(made for change in done.changes if isinstance(change, Put) and isinstance(made := change.record, ViewRecord))

    def change(
        self,
        *,
        actor: str,
        view_id: str,
        name: str | None = None,
        query: Mapping[str, str] | None = None,
        expected_version: int | None = None,
    ) -> ViewRecord:
        """Rename a view, or have it show something else, or both; None leaves one as it is. Raises CommandError."""
        self.get(view_id)
        wanted: list[Command] = []
        if name is not None:
            wanted.append(RenameCommand(kind=KIND, id=view_id, name=name))
        if query is not None:
            wanted.append(ChangeViewCommand(view_id=view_id, query=dict(query)))
        self._store.execute_all(wanted, actor=actor, expected=None if expected_version is None else (view_id, expected_version))
        return self.get(view_id)

    def delete(self, *, actor: str, view_id: str, expected_version: int | None = None) -> ViewRecord:
        """Mark a view deleted. Raises CommandError not_found."""
        expected = None if expected_version is None else (view_id, expected_version)
        return self._store.execute(DeleteCommand(kind=KIND, id=view_id), actor=actor, expected=expected).state.of(KIND)[view_id]

    def restore(self, *, actor: str, view_id: str) -> ViewRecord:
        """Bring a deleted view back. Raises CommandError not_found."""
        return self._store.execute(RestoreCommand(kind=KIND, id=view_id), actor=actor).state.of(KIND)[view_id]
