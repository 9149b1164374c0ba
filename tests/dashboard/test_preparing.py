from __future__ import annotations

import threading
from typing import Any

import flask
from dash import html
from starlette.testclient import TestClient

from dashboard import context, preparing
from dashboard.context import AppContext, actor
from dashboard.pages.page import Page
from dashboard.pages.registry import all_pages
from dashboard.preparing import Preparing


def server() -> flask.Flask:
    made = flask.Flask("test")
    context.install(made, AppContext(lambda: None, None))  # type: ignore[arg-type, return-value]
    return made


def test_a_page_is_drawn_once_ahead_and_then_what_its_callbacks_need() -> None:
    done: list[Any] = []

    def render(_context: AppContext, **given: Any) -> html.Div:
        done.append(("drawn", given, actor().startswith("browser:")))
        return html.Div()

    page = Page("/x/<id>", "X", render, ahead=lambda _context, **given: done.append(("ahead", given)))
    ahead, app = Preparing(), server()
    thread = ahead.begin(app, page, {"id": "1"})
    assert thread is not None
    thread.join()
    assert done == [("drawn", {"id": "1"}, True), ("ahead", {"id": "1"})]
    assert ahead.begin(app, page, {"id": "2"}) is None


def test_a_page_waits_for_what_gets_ready_and_one_that_fails_keeps_nobody_waiting() -> None:
    goes_on, order = threading.Event(), []

    def render(_context: AppContext) -> html.Div:
        goes_on.wait(10)
        order.append("prepared")
        raise ValueError("as it may")

    page, ahead = Page("/x", "X", render), Preparing()
    prepared = ahead.begin(server(), page, {})
    waits = threading.Thread(target=lambda: (ahead.wait(page), order.append("drawn")))
    waits.start()
    waits.join(0.05)
    assert waits.is_alive()
    goes_on.set()
    waits.join(10)
    assert prepared is not None
    prepared.join(10)
    assert order == ["prepared", "drawn"]


def test_a_page_that_was_drawn_already_is_not_prepared() -> None:
    page, ahead = Page("/x", "X", lambda _context: html.Div()), Preparing()
    ahead.wait(page)
    assert ahead.begin(server(), page, {}) is None


def test_asking_for_a_frame_prepares_its_page_and_a_wrong_address_nothing(client: TestClient, monkeypatch: Any) -> None:
    begun: list[tuple[str, Any]] = []
    monkeypatch.setattr(preparing.Preparing, "begin", lambda _self, _server, page, given: begun.append((page.path_template, given)))
    for address in ("/", "/runs?group=state", "/runs?group=nothing", "/nowhere", "/runs/compare?ids="):
        client.get(address)
    templates = {page.path_template for page in all_pages()}
    assert {template for template, _ in begun} <= templates
    assert begun == [("/", {"query": {}}), ("/runs", {"query": {"group": "state"}}), ("/runs/compare", {"query": {"ids": ""}})]
