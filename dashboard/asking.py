"""Addresses that the scripts of a page ask on their own, past Dash's callbacks: they answer JSON or columns, and refuse in words."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import flask
from dash import Dash
from pydantic import BaseModel, ValidationError

from dashboard.acting import needs, require
from dashboard.failures import in_words
from workbench.artefacts import ArtefactError, ArtefactsAway
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.roles import Role

if TYPE_CHECKING:
    import numpy as np

_OF_PEOPLE = ("string_too_long", "string_too_short", "too_long", "too_short")
"""What is wrong with a body that a person has typed, not a page of another version."""

COLUMNS = "application/octet-stream"
"""The media type of columns."""

_STATUS = {"not_found": 404, "conflict": 409, "forbidden": 403}

Body = TypeVar("Body", bound=BaseModel)


def address(app: Dash, rule: str, answer: Callable[..., flask.Response], *, method: str = "GET", role: Role | None = None) -> None:
    """Let `answer(**path variables)` serve an address; what it raises is answered in words, with the format that REST has.

    Args:
        role: what a user must be to ask it; whoever may look may GET it, if nothing else is said.

    Raises ValueError for another method whose role is not said.
    """
    if role is None and method != "GET":
        raise ValueError(f"{method} {rule} may change something: say which role it needs")
    need: Role = role or "read"

    @needs(need)
    @functools.wraps(answer)
    def answered(**given: Any) -> flask.Response:
        try:
            require(need)
            return answer(**given)
        except Exception as error:
            return refusal(error)

    app.server.add_url_rule(rule, f"{method} {rule}", answered, methods=[method])


def read_body(kind: type[Body]) -> Body:
    """What the page says, typed. Raises CommandError for what no page of this server says."""
    try:
        return kind.model_validate(flask.request.get_json(silent=True))
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] in _OF_PEOPLE and first["loc"]:
            name = str(first["loc"][-1])
            raise CommandError(f"{name}: {first['msg'][0].lower()}{first['msg'][1:]}.", name) from error
        raise CommandError(
            "This is nothing that a page of this server says.", hint="If the page is of an earlier version, reload it."
        ) from error


def as_json(content: Any) -> flask.Response:
    """JSON values as an answer."""
    return flask.Response(json.dumps(content, allow_nan=False), mimetype="application/json", headers={"cache-control": "no-store"})


def as_columns(meta: Mapping[str, Any], columns: Mapping[str, np.ndarray], *, key: str | None = None) -> flask.Response:
    """Columns as an answer (see `dashboard.columns`).

    Args:
        key: names the content; a browser that has the same already is told so. None: it is never kept.
    """
    # imported here, because the first page is served before numpy is loaded
    from dashboard.columns import packed

    if key is None:
        return flask.Response(packed(meta, columns), mimetype=COLUMNS, headers={"cache-control": "no-store"})
    response = flask.Response(mimetype=COLUMNS, headers={"cache-control": "private, no-cache"})
    response.set_etag(key)
    response.make_conditional(flask.request)
    if response.status_code != 304:
        response.set_data(packed(meta, columns))
    return response


def squeezed(response: flask.Response) -> flask.Response:
    """The answer in gzip, for content that this makes many times smaller, whoever asks."""
    if "gzip" in flask.request.headers.get("accept-encoding", ""):
        response.set_data(gzip.compress(response.get_data(), 3, mtime=0))
        response.headers["content-encoding"] = "gzip"
    response.headers["vary"] = "accept-encoding"
    return response


def refusal(error: Exception) -> flask.Response:
    """An error as an answer: its code, a sentence, and what to do."""
    status, text = refused(error)
    return flask.Response(text, status, mimetype="application/json")


def refused(error: Exception) -> tuple[int, str]:
    """The status and the JSON of a refusal."""
    message, hint = in_words(error)
    code = error.code if isinstance(error, CommandError) else "failed"
    status = (
        _STATUS.get(code, 422)
        if isinstance(error, CommandError | DatasetError | ArtefactError)
        else 503
        if isinstance(error, ArtefactsAway)
        else 500
    )
    return status, json.dumps({"error": {"code": code, "message": message, "fields": [], "hint": hint}})
