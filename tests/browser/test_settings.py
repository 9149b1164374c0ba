"""Settings in a browser: being told of runs that ended, on the desktop and by the server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WAIT_MS, Server, start_server, stop_server

NOTICES = """
  window.shownNotices = [];
  window.Notification = class {
    constructor(title, options) { window.shownNotices.push([title, options.tag]); }
    static get permission() { return window.sessionStorage.getItem("asked") || "default"; }
    static async requestPermission() { window.sessionStorage.setItem("asked", "granted"); return "granted"; }
    addEventListener() {}
  };
  Object.defineProperty(document, "hidden", { configurable: true, get: () => window.outOfSight === true });
"""
"""A browser that shows notices, and a page that can be put out of sight."""


class Taking(BaseHTTPRequestHandler):
    got: list[Any] = []  # noqa: RUF012 (one receiver a module)

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def telling(tmp_path: Path) -> Iterator[Server]:
    """A server that posts to a receiver on this machine."""
    receiver = HTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{receiver.server_port}/"
    started = start_server(tmp_path / "home", more={"TRELLIS_NOTIFY_WEBHOOK": address, "TRELLIS_NOTIFY_PRIVATE": "true"})
    yield started
    stop_server(started)
    receiver.shutdown()
    receiver.server_close()


def out_of_sight(page: Any, hidden: bool) -> None:
    page.evaluate(f"window.outOfSight = {json.dumps(hidden)}; document.dispatchEvent(new Event('visibilitychange'))")


def test_a_notice_is_shown_once_it_was_allowed_and_only_while_the_page_is_out_of_sight(telling: Server, visit: Any) -> None:
    page = visit(telling, "/settings")
    page.add_init_script(NOTICES)
    page.reload()
    choice = page.get_by_role("button", name="Notices on this desktop")
    expect(choice).to_have_attribute("aria-pressed", "false")
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#settings-desktop-said")).to_have_text("They are on in this browser.")
    page.reload()
    expect(choice).to_have_attribute("aria-pressed", "true")
    with page.expect_response("**/api/endings", timeout=WAIT_MS):
        out_of_sight(page, True)
    model = telling.model("Ash")
    run = telling.api("/runs", {"model_id": model})["id"]
    telling.api(f"/runs/{run}/stop", {})
    page.wait_for_function("window.shownNotices.length > 0", timeout=2 * WAIT_MS)
    ((title, tag),) = page.evaluate("window.shownNotices")
    assert title.startswith("Run #1 of Ash: ")
    assert tag.startswith(run)
    out_of_sight(page, False)
    choice.click()
    expect(choice).to_have_attribute("aria-pressed", "false")
    assert any(message["kind"] == "run_ended" and message["run"] == run for message in Taking.got)


def test_a_test_of_the_server_s_messages_says_that_it_was_sent(telling: Server, visit: Any) -> None:
    Taking.got.clear()
    page = visit(telling, "/settings")
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#settings-notify-said")).to_have_text("Sent by webhook.")
    assert [message["kind"] for message in Taking.got] == ["test"]


def test_the_theme_that_is_chosen_is_marked_when_the_page_opens(telling: Server, visit: Any) -> None:
    page = visit(telling, "/settings")
    chosen = page.locator("#page").get_by_role("button", name="As the system")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    page.locator("#page").get_by_role("button", name="Dark").click()
    page.reload()
    expect(page.locator("#page").get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    expect(chosen).to_have_attribute("aria-pressed", "false")
