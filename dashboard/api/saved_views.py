"""REST for saved views: what a list or a comparison of runs shows, under a name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, IfMatch, RecordId, acting_as, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from workbench.listing.views import MAX_VALUE, ViewPage, ViewRecord, views_of
from workbench.state import AppState
from workbench.workbench import Workbench

router = APIRouter(prefix="/views", tags=["views"], responses=ERRORS, route_class=IdempotentRoute)

Value = Annotated[str, Field(max_length=MAX_VALUE)]


class ViewQuery(PageQuery):
    """Filters of the list of views."""

    page: ViewPage | None = None


class SavedView(BaseModel):
    """A saved view."""

    id: str
    name: str
    page: ViewPage
    query: dict[str, str] = Field(
        description="What the page's address says: `where`, `columns`, `sort`, `group`; of a comparison `ids`, `group`, `figure`."
    )
    address: str = Field(description="Where the page is seen.")
    version: int
    created_at: str
    updated_at: str


class CreateView(Body):
    """A new view."""

    name: str = Field(max_length=1_000)
    page: ViewPage = "runs"
    query: dict[str, Value] = Field(default_factory=dict, max_length=10)


class ChangeView(Body):
    """Changes of a view; all of them are made, or none."""

    name: str | None = Field(None, max_length=1_000)
    query: dict[str, Value] | None = Field(None, max_length=10)


def _view(state: AppState, view: ViewRecord) -> SavedView:
    given = view.model_dump(include={"id", "name", "page", "query", "created_at", "updated_at"})
    return SavedView(**given, address=view.address, version=state.versions.get(view.id, 0))


def _show(bench: Workbench, view: ViewRecord, response: Response) -> SavedView:
    shown = _view(bench.state(), view)
    set_version(response, shown.version)
    return shown


@router.get("")
def list_views(bench: Bench, query: Annotated[ViewQuery, Query()]) -> Page[SavedView]:
    """All views that are not deleted, by name unless sorted otherwise."""
    state = bench.state()
    pages: tuple[ViewPage, ...] = (query.page,) if query.page else ("runs", "compare")
    items = [_view(state, view) for page in pages for view in views_of(state, page)]
    keys = {name: (lambda item, name=name: getattr(item, name)) for name in ("name", "page", "created_at", "updated_at")}
    return page_of(items, query, keys=keys, default_sort="name", identity=lambda i: i.id, show=lambda i: i)


@router.post("", status_code=201, dependencies=[IDEMPOTENT])
@needs("label")
def create_view(bench: Bench, body: CreateView, response: Response) -> SavedView:
    """Keep what a page shows under a name."""
    view = bench.views.create(actor=acting_as(), name=body.name, page=body.page, query=body.query)
    response.headers["Location"] = f"/api/views/{view.id}"
    return _show(bench, view, response)


@router.get("/{view_id}")
def read_view(bench: Bench, view_id: RecordId, response: Response) -> SavedView:
    """One view."""
    return _show(bench, bench.views.get(view_id), response)


@router.patch("/{view_id}")
@needs("label")
def change_view(bench: Bench, view_id: RecordId, body: ChangeView, version: IfMatch, response: Response) -> SavedView:
    """Rename a view, or have it show something else."""
    view = bench.views.change(actor=acting_as(), view_id=view_id, name=body.name, query=body.query, expected_version=version)
    return _show(bench, view, response)


@router.delete("/{view_id}", status_code=204)
@needs("label")
def delete_view(bench: Bench, view_id: RecordId, version: IfMatch) -> None:
    """Delete a view; POST to its `restore` brings it back."""
    bench.views.delete(actor=acting_as(), view_id=view_id, expected_version=version)


@router.post("/{view_id}/restore")
@needs("label")
def restore_view(bench: Bench, view_id: RecordId, response: Response) -> SavedView:
    """Bring a deleted view back; if its name is taken, " (2)" is added."""
    return _show(bench, bench.views.restore(actor=acting_as(), view_id=view_id), response)
