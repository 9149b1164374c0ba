"""Trellis below a path of another site's host name, behind a proxy that knows nothing else: one walk through everything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DRAWN, Server, start_server, stop_server
from tests.browser.training import PATIENCE_SECONDS, wait_for_points
from tests.support.proxy import Proxy, in_front_of
from workbench.settings import Settings
from workbench.workbench import Workbench

PATH, PASSWORD = "/tools/trellis", "correct horse battery"
LONG_MS = PATIENCE_SECONDS * 1e3


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> Iterator[tuple[Server, Proxy]]:
    """A server with a user and a small model, as it is found through the proxy."""
    home: Path = tmp_path_factory.mktemp("home")
    bench = Workbench.open(Settings.load(home=home, database_url=f"sqlite:///{home / 'trellis.db'}"))
    bench.people.add(by="user:test", name="ann", role="administer", display_name="Ann Ames", password=PASSWORD)
    bench.models.create(
        actor=bench.people.get("ann").actor, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={"max_epochs": 2},
        sample={"num_samples": 200}, name="Small",
    )  # fmt: skip
    bench.close()
    started = start_server(home, compiled=compiled, more={"TRELLIS_BASE_PATH": PATH})
    assert urlsplit(started.url).path == PATH
    with in_front_of(urlsplit(started.url).port or 0, PATH) as found:
        yield Server(found.url, home, started.process), found
    stop_server(started)


@pytest.fixture(autouse=True)
def runs_end() -> None:
    """The one run of this module comes to its end, and asking for others would need a login."""


def go(page: Page, link: str, heading: str) -> None:
    """Follow an entry of the bar."""
    page.locator("header").get_by_role("link", name=link, exact=True).click()
    expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()


def test_everything_works_below_a_path_and_nothing_is_asked_beside_it(proxy: tuple[Server, Proxy], visit: Any) -> None:
    server, asked = proxy

    # Whoever is not logged in comes back to where they wanted to go.
    page: Page = visit(server, "/runs?group=model", wait="#login")
    page.fill("#name", "ann")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{server.url}/runs?group=model")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    cookies = {cookie.get("name"): cookie.get("path") for cookie in page.context.cookies()}
    assert cookies == {"trellis_session": PATH, "trellis_browser": PATH}

    # A model is created.
    go(page, "Models", "Models")
    assert page.url == f"{server.url}/"
    expect(page.get_by_text("Small", exact=True)).to_be_visible()
    page.get_by_role("link", name=re.compile("^New model|^Create")).first.click()
    page.locator("#create-strip .strip").wait_for()
    page.locator("#create-name").fill("Made below")
    page.locator("#create-only").click()
    page.wait_for_url(f"{server.url}/model/*/train")
    expect(page.get_by_role("heading", name="Made below")).to_be_visible()

    # The other one is trained to its end, which the page follows.
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.get_by_role("link", name="Small", exact=True).first.click()
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#live-metrics")).to_contain_text("Completed", timeout=LONG_MS)
    assert wait_for_points(page, 2) == 2

    # Its images are explored: points, an image's own picture, a label that the server keeps.
    page.get_by_role("link", name="Explore and label", exact=True).click()
    page.wait_for_selector("#explore-cloud[data-drawn]", timeout=LONG_MS)
    page.get_by_label("Colour by").select_option("predicted")
    page.wait_for_selector("#explore-cloud[data-colour=predicted]")
    page.get_by_role("link", name="Data", exact=True).click()
    picture = page.locator(f'#page img[src^="{PATH}/model-data/"]').first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("link", name="Diagnose", exact=True).click()
    expect(page.locator(".figure-card .js-plotly-plot .main-svg").first).to_be_visible(timeout=LONG_MS)

    # Its run is in the list, with its report and its files.
    go(page, "Runs", "Runs")
    page.get_by_role("link", name="#1", exact=True).click()
    page.wait_for_url(f"{server.url}/run/*")
    report = page.locator("iframe.report-frame")
    report.scroll_into_view_if_needed()
    expect(report).to_have_attribute("src", re.compile(f"^{PATH}/"))
    expect(report.content_frame.locator("h1")).to_be_visible()
    with page.expect_download() as coming:
        page.locator('a[href$="?download=1"]').first.click()
    assert coming.value.url.startswith(f"{server.url}/")
    assert Path(coming.value.path()).stat().st_size > 0
    page.reload()
    page.wait_for_selector(DRAWN)

    go(page, "Forecasting", "Forecasting")
    expect(page.locator(".merged tr").first).to_be_visible()
    page.get_by_label("Model", exact=True).select_option("xlstm_small")
    page.wait_for_url(f"{server.url}/forecasting?*model=xlstm_small*")
    go(page, "Recommenders", "Recommenders")

    # An address that leads nowhere says so with all of it; REST's docs are drawn.
    page.goto(f"{server.url}/docs")
    expect(page.locator("#swagger-ui .opblock").first).to_be_visible(timeout=LONG_MS)
    expect(page.locator("#swagger-ui .servers select")).to_have_value(PATH)
    page.get_by_role("link", name="Back to Trellis").click()
    page.wait_for_selector(DRAWN)
    assert page.url == f"{server.url}/"

    go(page, "Settings", "Settings")
    expect(page.get_by_text("Ann Ames").first).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).first.click()
    page.wait_for_url(f"{server.url}/login")
    answer = page.context.request.get(f"{server.url}/api/models")
    assert (answer.status, json.loads(answer.text())["error"]["code"]) == (401, "token_needed")
    assert asked.strange == []
