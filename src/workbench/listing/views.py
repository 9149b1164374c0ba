"""Saved views: what a list or a comparison of runs shows, under a name, for everybody who uses this workbench."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import Field

from workbench.commands.base import Changes, Command, CommandError, Env, Put
from workbench.commands.records import put
from workbench.commands.rules import find, require_free_name
from workbench.fields import closest
from workbench.kinds import RecordKind
from workbench.listing.asked import QUERY, Asked, asked_of, select
from workbench.roles import Role
from workbench.state import AppState, Record

KIND = "view"
ViewPage = Literal["runs", "compare"]
ADDRESSES: Mapping[ViewPage, str] = {"runs": "/runs", "compare": "/runs/compare"}
QUERIES: Mapping[ViewPage, tuple[str, ...]] = {"runs": QUERY, "compare": ("ids", "group", "figure")}
"""Query values of a page's address that a view of it keeps."""
MAX_VALUE = 2_000
FEWEST, MOST = 2, 10
"""Runs that one comparison shows."""


class ViewRecord(Record):
    """A saved view.

    Attributes:
        page: which page it is a view of. query: what its address says, by name; `QUERIES` lists the names.
    """

    name: str
    page: ViewPage
    query: dict[str, str] = Field(default_factory=dict)
    created_at: str
    updated_at: str
    deleted_at: str | None = None

    @property
    def asked(self) -> Asked:
        """What a view of a list asks for."""
        return asked_of(self.query)

    @property
    def address(self) -> str:
        """Where it is seen."""
        given = self.query | {"view": self.id} if self.page == "compare" else {"view": self.id}
        return f"{ADDRESSES[self.page]}?{urlencode(given, safe=',')}"


VIEW = RecordKind(KIND, "view", ViewRecord, "view", named=True, scope="page", note="", role="label")
"""What the core knows of saved views; their names are unique within a page."""


class CreateViewCommand(Command):
    """Keep what a page shows under a name."""

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    name: str
    page: ViewPage
    query: dict[str, str] = Field(default_factory=dict)

    def decide(self, state: AppState, env: Env) -> Changes:
        query = checked_query(state, self.page, self.query, env.now)
        record = ViewRecord(
            id=env.new_id(KIND), name=require_free_name(state, KIND, self.name, within=self.page), page=self.page, query=query,
            created_at=env.now, updated_at=env.now,
        )  # fmt: skip
        return (Put(KIND, record.id, record),)

    @property
    def words(self) -> str:
        return f"Save the view {self.name}"


class ChangeViewCommand(Command):
    """Have a saved view show something else."""

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    view_id: str
    query: dict[str, str]

    def decide(self, state: AppState, env: Env) -> Changes:
        view: ViewRecord = find(state, KIND, self.view_id)
        query = checked_query(state, view.page, self.query, env.now)
        return () if query == view.query else put(env, KIND, view, query=query)

    def said(self, state: AppState, env: Env) -> str:
        view = state.of(KIND).get(self.view_id)
        return f"Change the view {view.name}" if view is not None else self.words

    @property
    def words(self) -> str:
        return "Change a view"


def checked_query(state: AppState, page: ViewPage, query: Mapping[str, str], now: str) -> dict[str, str]:
    """The values that say something. Raises CommandError for what the page does not know or could not show."""
    known = QUERIES[page]
    for name, value in query.items():
        if name not in known:
            guess = closest(name, known)
            raise CommandError(
                f"A view of {page} has no {name!r}.", "query", f"Did you mean {guess}?" if guess else f"It has {', '.join(known)}."
            )
        if len(value) > MAX_VALUE:
            raise CommandError(f"{name} has at most {MAX_VALUE:,} characters (got {len(value):,}).", "query")
    if page == "runs":
        asked = asked_of(query)
        select(state, asked, now=datetime.fromisoformat(now))
        return asked.query()
    ids = [id for id in query.get("ids", "").split(",") if id]
    if not FEWEST <= len(set(ids)) <= MOST:
        raise CommandError(f"{FEWEST} to {MOST} runs can be compared, not {len(set(ids))}.", "query")
    for id in ids:
        find(state, "run", id)
    return {name: value for name, value in query.items() if value}


def view_named(state: AppState, name: str) -> ViewRecord:
    """The view of a list of runs of that name or id. Raises CommandError not_found with the closest name."""
    known = {view.name: view for view in views_of(state, "runs")}
    found = next((view for view in known.values() if view.id == name or view.name.casefold() == name.casefold()), None)
    if found is None:
        guess = closest(name, known)
        hint = f"Did you mean {guess}?" if guess else f"There are: {', '.join(known)}." if known else "None is saved yet."
        raise CommandError(f"There is no view named {name!r}.", "view", hint, code="not_found")
    return found


def views_of(state: AppState, page: ViewPage) -> list[ViewRecord]:
    """The saved views of a page that are not deleted, by name."""
    found: list[Any] = [view for view in state.of(KIND).values() if view.page == page and view.deleted_at is None]
    return sorted(found, key=lambda view: view.name.casefold())
