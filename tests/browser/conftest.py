"""Browser tests: a real server on a fresh home, headless Chromium, and two things asserted on every page.

No console error, no request that leaves the machine: `visit` fails a test at its end for either.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.profiles import Browsers, usual_port
from tests.browser.training import active_runs, stop
from workbench.runs.process import ProcessIdentity

ROOT = Path(__file__).parent.parent.parent
DRAWN = "#page > :not(.page-outline)"
"""What is there once a page is drawn."""
WAIT_MS = 30_000
"""The longest that anything on a page may take on a busy machine."""

expect.set_options(timeout=WAIT_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(str(item.fspath)).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    """A running server: its address and home; `api` asks it."""

    url: str
    home: Path
    process: subprocess.Popen[str]

    def api(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """The JSON answer of a REST call; POST if there is a body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api{path}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None

    def model(self, name: str, **more: Any) -> str:
        """Create a small model on the digits and return its id; one that the same test made when it was tried before goes."""
        body = {"name": name, "dataset": "digits", "config": {"max_epochs": 2}, "sample": {"num_samples": 200}, **more}
        try:
            return self.api("/models", body)["id"]
        except HTTPError as error:
            if error.code != 409:
                raise
        found = self.api(f"/models?{urlencode({'search': name, 'limit': 500})}")["items"]
        (former,) = [item["id"] for item in found if item["name"] == name]
        self.api(f"/models/{former}", method="DELETE")
        return self.api("/models", body)["id"]


def start_server(home: Path, port: int = 0, compiled: Path | None = None, more: Mapping[str, str] | None = None) -> Server:
    """Start `python app.py` on the usual port, or on the one given; returns once it answers.

    Args:
        compiled: where workers keep compiled code. more: variables of the environment besides the usual ones.
    """
    environment = os.environ | {
        "TRELLIS_HOME": str(home),
        "TRELLIS_PORT": str(port or usual_port()),
        "TRELLIS_WORKER_IDLE_SECONDS": "300",
        "TRELLIS_WARM_WORKER": "false",
        "PYTHONUNBUFFERED": "1",
        **(more or {}),
    }
    if compiled is not None:
        environment["JAX_COMPILATION_CACHE_DIR"] = str(compiled)
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://[\d.]+:\d+[^\s]*(?=/ )", line)
    assert found, f"the server said {line!r} instead of its address"
    return Server(found.group(), home, process)


def stop_server(server: Server) -> None:
    """End the server as Ctrl+C does, and the workers it left waiting."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
    try:
        server.process.wait(20)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
        raise
    for pid, started in _workers(server.home):
        ProcessIdentity(pid, started).kill()


def _workers(home: Path) -> list[tuple[int, float]]:
    with sqlite3.connect(home / "trellis.db") as database:
        return [(pid, started) for pid, started in database.execute("SELECT pid, process_started FROM workers") if pid]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one module's workers have compiled, the next module's need not compile again, nor those of a test process beside this one."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> Iterator[Server]:
    """One server for a module's tests."""
    started = start_server(tmp_path_factory.mktemp("home"), compiled=compiled)
    yield started
    stop_server(started)


@pytest.fixture(autouse=True)
def runs_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test of the module's server started is stopped at its end, so that no later test waits for it.

    Runs that fixtures of the module started go on.
    """
    if "server" not in request.fixturenames:
        yield
        return
    server: Server = request.getfixturevalue("server")
    others = set(active_runs(server))
    yield
    if server.process.poll() is None:
        for run in active_runs(server):
            if run not in others:
                stop(server, run)


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server on a home of its own, on which nothing has been compiled."""
    started = start_server(tmp_path / "home")
    yield started
    stop_server(started)


@pytest.fixture(scope="session")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    """Headless Chromium."""
    with sync_playwright() as playwright, ExitStack() as ends:
        yield Browsers(playwright, tmp_path_factory.mktemp("profiles"), ends)


def late_timer(error: Any) -> bool:
    """Whether an error is that of dash-bootstrap-components' Input whose debounce ends after its page was left; nothing comes of it."""
    return "reading 'value'" in str(error) and "dash_bootstrap_components" in str(error.stack)


@dataclass
class Seen:
    """What a test's pages did that none may do."""

    console: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


Visit = Callable[..., Page]

GONE = ("net::ERR_", "Failed to fetch", "Callback failed")
"""What the console may say of requests to a server that is killed or away.

Which of its many network errors Chromium names depends on the instant: no answer, half an answer, a connection that it kept.
"""


@pytest.fixture
def visit(browsers: Browsers) -> Iterator[Visit]:
    """Opens a page as a browser of its own (cookies, storage): `visit(server, "/create", dark=True)`.

    `visit.expects("words")` allows console errors with these words, in a test that causes them on purpose; `visit.expects(*GONE)`
    those of a server that goes away.
    """
    seen = Seen()

    def open_page(server: Server, path: str = "/", *, dark: bool = False, width: int = 1280, wait: str = DRAWN) -> Page:
        page = lent.page(server.url, dark=dark, width=width)
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}") if message.type == "error" else None)
        page.on("pageerror", lambda error: None if late_timer(error) else seen.console.append(f"{error}\n{error.stack}"))
        page.on(
            "request",
            lambda request: seen.outside.append(request.url) if not request.url.startswith((server.url, "data:", "blob:")) else None,
        )
        page.goto(server.url + path)
        page.wait_for_selector(wait)
        return page

    open_page.expects = lambda *words: seen.expected.extend(words)  # type: ignore[attr-defined]
    with browsers.lent() as lent:
        yield open_page
    assert seen.outside == [], "a page asked another machine"
    unexpected = [line for line in seen.console if not any(words in line for words in seen.expected)]
    assert unexpected == [], "a page wrote errors to the console"


def accessibility_problems(page: Page) -> list[str]:
    """What axe finds wrong on the page as it stands, one line a rule, with the first element it names."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    return [f"{v['id']}: {v['help']} ({len(v['nodes'])} x, such as {v['nodes'][0]['html'][:200]})" for v in found["violations"]]
