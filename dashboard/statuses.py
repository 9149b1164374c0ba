"""The right status for what Dash itself answers with a page or a failure.

Dash serves its one page at every address and takes any callback for well-formed. Here an address that leads nowhere gets
the same page as a 404, an unknown file a 404, and a callback that no page of this server can have sent a 400.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import flask
from dash import Dash
from dash.exceptions import DependencyException
from werkzeug.exceptions import HTTPException

from dashboard import standing
from dashboard.context import current
from dashboard.failures import in_words
from dashboard.pages.page import Page, arguments, find, query_of
from dashboard.preparing import Preparing
from workbench.artefacts import ArtefactsAway
from workbench.commands.base import CommandError
from workbench.store.errors import StoreError

CALLBACK = "/_dash-update-component"
FIRST, CATCH_ALL = "/", "/<path:path>"

SUITES = "/_dash-component-suites/"


def install(app: Dash, pages: Sequence[Page], preparing: Preparing) -> None:
    """Give the Dash app over these pages its statuses. Call it when every route is there.

    A page whose frame was asked for is prepared.
    """
    server: Any = app.server
    inner, first = server.view_functions[CATCH_ALL], server.view_functions[FIRST]

    def prepare(path: str, search: str) -> None:
        found = find(pages, path)
        if found is not None:
            page, variables = found
            if page.named(variables):  # no state is read for a page that needs none
                variables = standing.numbered(current().workbench.state(), page, variables)
            preparing.begin(server, page, arguments(page, variables, search))

    def first_page() -> Any:
        response = first()
        prepare("/", _search())
        return response

    def any_address(path: str) -> Any:
        if path.startswith("_"):
            return _refused(404, "not_found", "Nothing is served here.")
        response = flask.make_response(inner(path=path))
        there = leads_somewhere(pages, "/" + path, _search())
        response.status_code = 200 if there else 404
        if there:
            prepare("/" + path, _search())
        return response

    server.view_functions[CATCH_ALL], server.view_functions[FIRST] = any_address, first_page

    def well_formed() -> Any:
        asked = flask.request
        if asked.path != CALLBACK or asked.method != "POST" or is_callback(app, asked.get_json(silent=True)):
            return None
        text = "This is no callback of this server's pages; if they are of an earlier version, reload them."
        return _refused(400, "invalid", text)

    def unforeseen(error: Exception) -> Any:
        if isinstance(error, HTTPException):
            return error
        if flask.request.path.startswith(SUITES) and isinstance(error, FileNotFoundError | DependencyException | ValueError):
            return _refused(404, "not_found", "Nothing is served here.")
        message, hint = in_words(error)
        if isinstance(error, ArtefactsAway | StoreError):
            return _refused(503, "unavailable", message, hint)
        return _refused(500, "internal", message, hint)

    server.before_request(well_formed)
    server.register_error_handler(Exception, unforeseen)


def _search() -> str:
    return flask.request.query_string.decode("utf-8", "replace")


def leads_somewhere(pages: Sequence[Page], path: str, search: str = "") -> bool:
    """Whether a page is at this address, and what it names is there."""
    found = find(pages, path)
    if found is None:
        return False
    page, variables = found
    try:
        state = current().workbench.state()
        variables = standing.numbered(state, page, variables)
        standing.require(state, page, variables)
        page.require_known(current(), query_of(search))
        if page.find is not None:
            page.find(current(), **arguments(page, variables, search))
    except CommandError as error:
        return error.code != "not_found"
    return True


def is_callback(app: Dash, body: Any) -> bool:
    """Whether a body has the form of a callback that this server's pages know."""
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    known = app.callback_map.get(body["output"])
    if known is None:
        return False
    changed = body.get("changedPropIds", [])
    return (
        _are_values(body.get("inputs", []), len(known["inputs"]))
        and _are_values(body.get("state", []), len(known["state"]))
        and isinstance(body.get("outputs", []), dict | list)
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
    )


def _are_values(items: Any, count: int) -> bool:
    """Whether these are so many values of properties, one or, for a pattern, a list each."""
    if not isinstance(items, list) or len(items) != count:
        return False
    return all(_is_value(v) for item in items for v in (item if isinstance(item, list) else [item]))


def _is_value(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str | dict) and isinstance(item.get("property"), str)


def _refused(status: int, code: str, message: str, hint: str | None = None) -> flask.Response:
    error = {"code": code, "message": message, "fields": [], "hint": hint}
    return flask.Response(json.dumps({"error": error}), status, mimetype="application/json")
