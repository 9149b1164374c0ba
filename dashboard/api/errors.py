"""Every REST error in one shape, `{"error": {"code", "message", "fields", "hint"}}`, and never a traceback."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DatabaseError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api.wording import problem_of
from dashboard.below import at
from workbench.artefacts import ArtefactError, ArtefactsAway, DiskFull
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.fields import ConfigError, FieldProblem, with_name
from workbench.logs import Seldom
from workbench.outages import for_anyone
from workbench.runs.starting import ExecutorError
from workbench.store.engine import explained, shown_address
from workbench.store.errors import StoreBusy, StoreError, StoreFull, VersionConflict

_log = logging.getLogger(__name__)
_away = Seldom(_log)
STATUS_OF_CODE = {"not_found": 404, "conflict": 409, "invalid": 422, "forbidden": 403}

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SAID = 3
"""So many problems of a request are in its message; `fields` has them all."""

FULL = (errno.ENOSPC, errno.EDQUOT)


class FieldErrorBody(BaseModel):
    """What is wrong with one field of the request."""

    path: str = Field(description="The field, dotted where it is nested.")
    message: str
    value: Any = None
    code: str | None = Field(None, description="The rule that speaks, for programs, where rules have codes.")


class ErrorDetail(BaseModel):
    """One refused request."""

    code: str = Field(
        description="not_found, conflict, damaged, invalid, forbidden, unsupported, not_allowed, busy, disk_full, unavailable or internal; "
        "or that of a rule: VERSION_CONFLICT, IN_USE, DS_PARSE."
    )
    message: str = Field(description="What is wrong and what to do, in plain words.")
    fields: list[FieldErrorBody] = Field(default_factory=list)
    hint: str | None = None
    current_version: int | None = Field(None, description="Of a record that somebody else changed meanwhile: its version now.")


class ErrorBody(BaseModel):
    """The body of every error response."""

    error: ErrorDetail


ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorBody, "description": description}
    for status, description in {
        400: "The request cannot be read",
        403: "The user's role does not allow it (the message says which does), or the request comes from a page of another origin",
        404: "No such record",
        409: "In conflict with the present state, or with a stored file that is damaged",
        415: "The body is not application/json",
        422: "Invalid input",
        503: "The store, or the object storage of its files, cannot be used now; the message says why",
        507: "The disk is full; nothing was changed",
    }.items()
}
"""For `responses=` of every route."""


def error_response(
    status: int,
    code: str,
    message: str,
    fields: Iterable[FieldProblem] = (),
    hint: str | None = None,
    current_version: int | None = None,
) -> JSONResponse:
    """An error response in the common shape."""
    shown = [FieldErrorBody(path=p.path, message=p.message, value=_plain(p.value), code=p.code) for p in fields]
    body = ErrorBody(error=ErrorDetail(code=code, message=message, fields=shown, hint=hint, current_version=current_version))
    return JSONResponse(body.model_dump(mode="json"), status_code=status)


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception of the API in the common shape."""

    @app.exception_handler(CommandError)
    async def _command(request: Request, error: CommandError) -> JSONResponse:
        if isinstance(error.__cause__, DiskFull):
            return error_response(507, "disk_full", error.message)
        current = error.current if isinstance(error, VersionConflict) else None
        return error_response(STATUS_OF_CODE[error.code], error.rule or error.code, error.message, error.problems, error.hint, current)

    @app.exception_handler(ConfigError)
    async def _config(request: Request, error: ConfigError) -> JSONResponse:
        count = len(error.problems)
        return error_response(422, "invalid", f"The config has {count} problem{'s' if count != 1 else ''}.", error.problems)

    @app.exception_handler(DatasetError)
    async def _dataset(request: Request, error: DatasetError) -> JSONResponse:
        fields = [FieldProblem(error.where, error.message)] if error.where else []
        return error_response(422, error.code, error.message, fields, error.hint or None)

    @app.exception_handler(RequestValidationError)
    async def _request(request: Request, error: RequestValidationError) -> JSONResponse:
        body, query = _body_type(request), _query_names(request)
        found = [problem_of(item, body, query) for item in error.errors()]
        problems = [replace(problem, value=_plain(problem.value)) for problem in found]
        told = "; ".join(with_name(problem.path, problem.message) for problem in problems[:SAID])
        message = told if len(problems) <= SAID else f"{told}; and {len(problems) - SAID} more."
        return error_response(422, "invalid", message, problems, next((p.hint for p in problems if p.hint), None))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = {
            400: "invalid",
            403: "forbidden",
            404: "not_found",
            405: "not_allowed",
            408: "too_slow",
            413: "too_large",
            415: "unsupported",
        }.get(error.status_code, "invalid")
        message = str(error.detail)
        if error.status_code == 404 and message == "Not Found":
            message = f"Nothing is served at {at(request.url.path)}; see {at('/docs')} for what is."
        response = error_response(error.status_code, code, message)
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            return _not_allowed(request, _allowed(app, request.scope))
        return response

    @app.exception_handler(StoreError)
    async def _store(request: Request, error: StoreError) -> JSONResponse:
        return store_response(error)

    @app.exception_handler(DatabaseError)
    async def _database(request: Request, error: DatabaseError) -> JSONResponse:
        return store_response(explained(error, shown_address(app.state.workbench.store.engine.url)))

    @app.exception_handler(ArtefactError)
    async def _artefact(request: Request, error: ArtefactError) -> JSONResponse:
        return error_response(507, "disk_full", str(error)) if isinstance(error, DiskFull) else error_response(409, "damaged", str(error))

    @app.exception_handler(ArtefactsAway)
    async def _artefacts_away(request: Request, error: ArtefactsAway) -> JSONResponse:
        _away.warning(str(error))
        return _again_soon(error_response(503, "unavailable", str(error)))

    @app.exception_handler(ExecutorError)
    async def _executor(request: Request, error: ExecutorError) -> JSONResponse:
        _away.warning(str(error))
        return error_response(503, "unavailable", for_anyone(error))

    app.add_middleware(_Unforeseen)


def _not_allowed(request: Request, allowed: list[str]) -> JSONResponse:
    listed = ", ".join(allowed)
    response = error_response(405, "not_allowed", f"{request.method} is not possible at {at(request.url.path)}; {listed} is.")
    response.headers["allow"] = listed
    return response


class _Unforeseen:
    """Answers what nobody foresaw, and lets nothing through to the server, which would drop the connection's next request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if started:
                raise
            await _unforeseen(scope, error)(scope, receive, send)


def _unforeseen(scope: Scope, error: Exception) -> JSONResponse:
    if isinstance(error, OSError) and error.errno in FULL:
        return error_response(507, "disk_full", "The disk is full. Nothing was changed. Free some space and try again.")
    _log.error("unexpected error at %s %s", scope["method"], scope["path"], exc_info=error)
    return error_response(500, "internal", "Trellis could not do this; nothing was changed. The server's log says why.")


def store_response(error: StoreError) -> JSONResponse:
    """The answer where the store cannot be used: full, busy, or not to be opened."""
    _away.warning(str(error))
    if isinstance(error, StoreFull):
        return error_response(507, "disk_full", str(error))
    return _again_soon(error_response(503, "busy" if isinstance(error, StoreBusy) else "unavailable", for_anyone(error)))


def _again_soon(response: JSONResponse) -> JSONResponse:
    response.headers["retry-after"] = "5"
    return response


def _allowed(app: FastAPI, scope: Scope) -> list[str]:
    """Every method that some route takes at this path; the router itself names those of the first route only."""
    asked = {name: value for name, value in scope.items() if name not in ("route", "endpoint", "path_params")}
    return [m for m in METHODS if any(route.matches({**asked, "method": m})[0] is Match.FULL for route in app.routes)]


def _body_type(request: Request) -> Any:
    body_field = getattr(request.scope.get("route"), "body_field", None)
    return getattr(getattr(body_field, "field_info", None), "annotation", None)


def _query_names(request: Request) -> list[str]:
    """The query parameters that the route takes, those of a parameter model by their own names."""
    parameters = getattr(getattr(request.scope.get("route"), "dependant", None), "query_params", ())
    return [
        name
        for parameter in parameters
        for name in getattr(parameter.field_info.annotation, "model_fields", {parameter.alias: None})
    ]  # fmt: skip


def _plain(value: Any) -> Any:
    """The value as it can go out as JSON; text is cut at 200 characters."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value[:20]]
    if isinstance(value, dict):
        return {str(k)[:200]: _plain(v) for k, v in list(value.items())[:20]}
    return str(value)[:200]
