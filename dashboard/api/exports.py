"""REST for what can be taken out of a model as a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from dashboard.api.dependencies import Bench, ModelId
from dashboard.api.errors import ERRORS
from workbench.services import exports

router = APIRouter(prefix="/models/{model_id}/exports", tags=["models"], responses=ERRORS)


class ExportView(BaseModel):
    """A file that a model could give."""

    name: str = Field(description="The last part of its address.")
    title: str
    words: str
    media_type: str
    parts: list[str] = Field(description="Parts of the data, one of which may be chosen; the first if nobody does.")
    bytes: int | None = Field(description="How large it will be; null where it cannot be given now.")
    exact: bool = Field(description="Whether `bytes` is exactly so, rather than about so.")
    reason: str | None = Field(description="Why it cannot be given now, and what to do; null if it can.")


class ExportsView(BaseModel):
    """All of them."""

    items: list[ExportView]
    total: int
    next: None = None


@router.get("")
def list_exports(bench: Bench, model_id: ModelId) -> ExportsView:
    """What can be taken out of the model, with sizes and what stands in the way."""
    found = [ExportView(**exports.plain(offer)) for offer in exports.offers(bench, model_id)]
    return ExportsView(items=found, total=len(found))


@router.get(
    "/{name}",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
def read_export(
    bench: Bench,
    model_id: ModelId,
    name: Annotated[str, Path(max_length=100)],
    part: Annotated[str, Query(max_length=50, description="A part of the data, for exports that have parts.")] = "",
) -> FileResponse:
    """The file; it is made first, which may take a while, unless it lies there, made of the same."""
    found = exports.offer(bench, model_id, name, part)
    path = exports.make_beside(bench, model_id, name, part)
    return FileResponse(
        path,
        media_type=found.export.media_type,
        filename=exports.file_name(bench.models.get(model_id), found.export, part),
        headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"},
    )
