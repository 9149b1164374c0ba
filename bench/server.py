"""The server and its first page: time to the first answer, memory, and the Models page with a thousand models."""

from __future__ import annotations

import statistics
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, Section, missing, section
from bench.seeding import add_models, first_model
from bench.serving import BrowserMissing, browser, serving
from dashboard.pages_app import PLOTLY
from workbench.settings import Settings
from workbench.workbench import Workbench

STARTS = 5
LOADS = 5
MODELS = 1_000

_DRAWN = """
() => new Promise((resolve) => {
  const look = () => document.querySelector('.model-card, .ag-row')
    ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())))
    : requestAnimationFrame(look);
  look();
})
"""
"""Milliseconds since the navigation began at which the list of models has been painted."""


def starts(result: Section) -> None:
    """From the start of the process to the first answer with status 200, and the memory it then has; then until the store is open.

    Each home is started twice: the first start in a home also cuts the pages' icons, which the next finds.
    """
    seconds, megabytes, healthy = ([], []), [], []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
            with serving(Path(folder)) as server:
                seconds[0].append(server.answered - server.started)
            with serving(Path(folder)) as server:
                seconds[1].append(server.answered - server.started)
                megabytes.append(server.megabytes())
                with urllib.request.urlopen(f"{server.address}health") as answer:
                    answer.read()
                healthy.append(time.time() - server.started)
    goal, must = Bound(150, "most"), Bound(1.5, "most")
    result.add(
        Row("server start to first answer, in a new home", statistics.median(seconds[0]), "s", must=must, better="less"),
        Row("server start to first answer, later", statistics.median(seconds[1]), "s", must=must, better="less"),
        Row("server memory after its first answer", statistics.median(megabytes), "MB", goal=goal, better="less"),
        Row("server start to the store's first answer", statistics.median(healthy), "s", better="less"),
    )


def first_visits(result: Section) -> None:
    """From the start of the process until the first visit's page is drawn, in a browser that is open already."""
    name = "server start to the first visit's page, drawn"
    seconds = []
    try:
        for _ in range(LOADS):
            with browser() as page, tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder)) as server:
                page.goto(server.address, wait_until="commit")
                page.locator("#models-try").wait_for(state="visible")
                seconds.append(time.time() - server.started)
    except BrowserMissing as error:
        result.add(missing(name, "s", str(error)))
        return
    result.add(Row(name, statistics.median(seconds), "s", better="less"))


def thousand_models(result: Section) -> None:
    """The Models page with `MODELS` models and runs, as a person's browser draws it."""
    name, must = f"Models page with {MODELS:,} models and runs, to drawn", Bound(1, "most")
    with tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder:
        bench = Workbench.open(Settings.load(home=Path(folder)))
        add_models(bench, first_model(bench), MODELS)
        bench.close()
        with serving(Path(folder)) as server:
            try:
                with browser() as page:
                    cold = _load(page, server.address)
                    warm = [_load(page, server.address) for _ in range(LOADS)]
                    nodes = page.evaluate("document.querySelectorAll('*').length")
            except BrowserMissing as error:
                result.add(missing(name, "s", str(error), must=must))
                return
            note = f"the very first visit, with nothing in the browser's cache, took {cold:.2f} s; the page has {nodes:,} elements"
            result.add(Row(name, statistics.median(warm), "s", must=must, note=note, better="less"))
            result.add(Row("server memory then", server.megabytes(), "MB", better="less"))


def first_page(result: Section) -> None:
    """What a browser on another machine loads of a first visit, before it loads Plotly, which draws the first graph."""
    name, must = "first visit, packed, before the first graph", Bound(600, "most")
    try:
        with browser() as page, tempfile.TemporaryDirectory(prefix="trellis-bench-") as folder, serving(Path(folder)) as server:
            sizes, addresses = {}, {}
            watching = page.context.new_cdp_session(page)
            watching.send("Network.enable")
            watching.on("Network.responseReceived", lambda told: addresses.update({told["requestId"]: told["response"]["url"]}))
            watching.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
            # as a proxy says it: text goes unpacked to browsers on this machine
            page.set_extra_http_headers({"x-forwarded-for": "192.0.2.1"})
            page.goto(server.address)
            page.locator("#models-try").wait_for(state="visible")
            page.wait_for_load_state("networkidle")
    except BrowserMissing as error:
        result.add(missing(name, "kB", str(error), must=must))
        return
    sent = {request: size for request, size in sizes.items() if not addresses[request].startswith("data:")}
    own = {request: size for request, size in sent.items() if PLOTLY not in addresses[request]}
    note = f"{len(own)} answers with their headers; Plotly comes after them, {(sum(sent.values()) - sum(own.values())) / 1e3:,.0f} kB"
    result.add(Row(name, sum(own.values()) / 1e3, "kB", must=must, note=note, better="less"))


def _load(page: Any, address: str) -> float:
    page.goto(address, wait_until="commit")
    return page.evaluate(_DRAWN) / 1e3


def main() -> None:
    """Measure all of them."""
    about = (
        "`python app.py` on a fresh home folder, and on one with many models, drawn by headless Chromium on the same machine. "
        "Drawn means that the list has been painted."
    )
    with section("server", "Server and first page", about, packages=("dash", "fastapi", "uvicorn", "playwright")) as result:
        starts(result)
        first_visits(result)
        first_page(result)
        thousand_models(result)


if __name__ == "__main__":
    main()
