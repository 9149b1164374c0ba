"""What REST routes share: the workbench, the actor and the version a client has seen."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from starlette.responses import Response

from dashboard.acting import declared, person, require, required
from workbench.commands.rules import id_of
from workbench.state import Kind
from workbench.workbench import Workbench

_NOBODY = "api"
"""Who a request acts as without users."""
_READING = ("GET", "HEAD", "OPTIONS")

_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')
_ETAG_OR_ANY = r'^(\*|(W/)?"\d{1,18}")$'


class Body(BaseModel):
    """Base of request bodies: unknown fields are errors, because a typo should be seen."""

    model_config = ConfigDict(extra="forbid")


def acting_as() -> str:
    """Who acts in the request being served, as the journal says it."""
    found = person()
    return _NOBODY if found is None else found.actor


def allowed(request: Request) -> None:
    """For every route: refuse it to those whose role does not allow it. Whoever may look may read what says nothing else; what may
    change something and says nothing is for administrators. Raises Forbidden."""
    if person() is not None:
        endpoint = request.scope["endpoint"]
        require("read" if declared(endpoint) is None and request.method in _READING else required(endpoint))


def workbench_of(request: Request) -> Workbench:
    """The workbench this server serves."""
    return request.app.state.workbench


Bench = Annotated[Workbench, Depends(workbench_of)]
RecordId = Annotated[str, Path(max_length=100, description="The record's id, as lists and `Location` give it.")]
KeyInPath = Annotated[str, Path(max_length=100, description="The record's id, or its number.")]
_MOST = 10**18 - 1


def _key(value: Any) -> int | str:
    number = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST
    if number or (isinstance(value, str) and 1 <= len(value) <= 100):
        return value
    raise ValueError("must be the record's id as text, or its number, such as 3")


Key = Annotated[
    int | str,
    PlainValidator(_key),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": _MOST}, {"type": "string", "minLength": 1, "maxLength": 100}]}),
    Field(description="The record's id, or its number as a number or as text."),
]


def _model_id(bench: Bench, model_id: KeyInPath) -> str:
    return id_of(bench.state(), Kind.MODEL, model_id)


def _run_id(bench: Bench, run_id: KeyInPath) -> str:
    return id_of(bench.state(), Kind.RUN, run_id)


ModelId = Annotated[str, Depends(_model_id)]
"""The id of the model that a path means by its id or its number."""

RunId = Annotated[str, Depends(_run_id)]
"""The same of a run."""


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
