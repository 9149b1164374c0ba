"""What REST routes share: the workbench, the actor and the version a client has seen."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Path, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from workbench.workbench import Workbench

ACTOR = "api"
"""Who a request without a token of its own acts as."""

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')
_ETAG_OR_ANY = r'^(\*|(W/)?"\d{1,18}")$'


class Body(BaseModel):
    """Base of request bodies: unknown fields are errors, because a typo should be seen."""

    model_config = ConfigDict(extra="forbid")


def workbench_of(request: Request) -> Workbench:
    """The workbench this server serves."""
    return request.app.state.workbench


Bench = Annotated[Workbench, Depends(workbench_of)]
RecordId = Annotated[str, Path(max_length=100, description="The record's id, as lists and `Location` give it.")]


def if_match(
    header: Annotated[
        str | None, Header(alias="If-Match", pattern=_ETAG_OR_ANY, description="The `ETag` last seen; another version is a conflict.")
    ] = None,
) -> int | None:
    """The version that `If-Match` names, or None without it and for `*`."""
    found = _ETAG.fullmatch(header) if header is not None else None
    return int(found.group(1)) if found else None


IfMatch = Annotated[int | None, Depends(if_match)]


def set_version(response: Response, version: int) -> None:
    """Give the response the record's version as its ETag."""
    response.headers["ETag"] = f'"{version}"'
