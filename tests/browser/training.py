"""What the browser tests of training share: runs started and awaited through REST, and what a page shows of a run."""

from __future__ import annotations

import contextlib
import time
import urllib.error
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page

from workbench.state import RunState

PATIENCE_SECONDS = 300
LONG = {"max_epochs": 100_000, "patience": 0}
"""Trains for so long that a test always meets it in the middle."""


def start(server: Any, model_id: str) -> str:
    """Start a run and return its id."""
    return server.api("/runs", {"model_id": model_id})["id"]


def wait_for(server: Any, run_id: str, *states: str) -> dict[str, Any]:
    """The run once it is in one of the states."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        run = server.api(f"/runs/{run_id}")
        if run["state"] in states:
            return run
        assert run["state"] != "failed" or "failed" in states, run
        time.sleep(0.3)
    raise TimeoutError(f"run {run_id} is {run['state']} after {PATIENCE_SECONDS} s, not {' or '.join(states)}")


def active_runs(server: Any) -> list[str]:
    """The ids of all runs that wait or go on."""
    found = [server.api(f"/runs?state={state}&limit=200")["items"] for state in RunState if state.active]
    return [run["id"] for runs in found for run in runs]


def stop(server: Any, run_id: str) -> None:
    """Stop a run, unless it ends by itself in this moment, and wait for its end."""
    with contextlib.suppress(urllib.error.HTTPError):
        server.api(f"/runs/{run_id}/stop", {})
    wait_for(server, run_id, *(state for state in RunState if not state.active))


def trained(server: Any, name: str, **config: Any) -> tuple[str, str]:
    """A model trained for two epochs: (model id, run id)."""
    model_id = server.model(name, config={"max_epochs": 2} | config)
    run_id = start(server, model_id)
    wait_for(server, run_id, "completed")
    return model_id, run_id


def points(page: Page) -> int:
    """How many epochs the loss curve shows."""
    return page.evaluate("document.querySelector('#live-loss .js-plotly-plot')?.data?.[0]?.x?.length ?? 0")


def wait_for_points(page: Page, least: int) -> int:
    """The number of epochs on the loss curve once there are at least `least`."""
    page.wait_for_function(
        "n => (document.querySelector('#live-loss .js-plotly-plot')?.data?.[0]?.x?.length ?? 0) >= n",
        arg=least,
        timeout=PATIENCE_SECONDS * 1e3,
    )
    return points(page)


def settled(place: Locator) -> FloatRect:
    """Where something stands once what comes and goes above it has moved it for the last time in a while."""
    box = place.bounding_box()
    while True:
        place.page.wait_for_timeout(500)
        before, box = box, place.bounding_box()
        if box is not None and box == before:
            return box
