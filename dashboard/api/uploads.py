"""REST for files that are looked at before a dataset is made of them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, RecordId
from dashboard.api.errors import ERRORS
from dashboard.bodies import Gone, TooLarge, TooSlow
from dashboard.receiving import receive_file

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
@needs("train")
async def add_upload(bench: Bench, request: Request) -> UploadView:
    """Send a file without making a dataset of it yet."""
    length = request.headers.get("content-length", "0")
    with bench.datasets.uploads.arriving(int(length) if length.isdecimal() else 0) as arriving:
        try:
            name = await receive_file(request.stream(), request.headers.get("content-type", ""), arriving.file)
        except TooLarge as error:
            raise HTTPException(413, f"A file may have at most {bench.settings.max_upload_mib:,} MiB.") from error
        except TooSlow as error:
            raise HTTPException(408, "The file did not arrive in time.") from error
        except Gone as error:
            raise HTTPException(400, "The file did not arrive whole.") from error
        made = await run_in_threadpool(arriving.keep, name)
    return UploadView(id=made.id, name=made.name, size=made.path.stat().st_size)


@router.delete("/{upload_id}", status_code=204)
@needs("train")
def remove_upload(bench: Bench, upload_id: RecordId) -> Response:
    """Throw an uploaded file away."""
    bench.datasets.uploads.get(upload_id)
    bench.datasets.uploads.remove(upload_id)
    return Response(status_code=204)
