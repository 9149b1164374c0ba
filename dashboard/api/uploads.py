"""REST for files that are looked at before a dataset is made of them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dashboard.api.dependencies import Bench, RecordId
from dashboard.api.errors import ERRORS
from dashboard.uploads import read_upload

router = APIRouter(prefix="/uploads", tags=["datasets"], responses=ERRORS)


class UploadView(BaseModel):
    """A file that was sent, kept for a day: POST to /api/datasets with its id as `upload` makes a dataset of it."""

    id: str
    name: str
    size: int


_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}
        }
    },
}


@router.post("", status_code=201, openapi_extra={"requestBody": _BODY})
async def add_upload(bench: Bench, request: Request) -> UploadView:
    """Send a file without making a dataset of it yet."""
    body, content_type = await request.body(), request.headers.get("content-type", "")

    def kept() -> UploadView:
        upload = read_upload(body, content_type)
        made = bench.datasets.uploads.add(upload.name, upload.content)
        return UploadView(id=made.id, name=made.name, size=made.path.stat().st_size)

    return await run_in_threadpool(kept)


@router.delete("/{upload_id}", status_code=204)
def remove_upload(bench: Bench, upload_id: RecordId) -> Response:
    """Throw an uploaded file away."""
    bench.datasets.uploads.get(upload_id)
    bench.datasets.uploads.remove(upload_id)
    return Response(status_code=204)
