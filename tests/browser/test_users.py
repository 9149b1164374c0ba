"""Users in a browser: logging in, what a role does not allow, one's own account, and seeing to others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DRAWN, Server, accessibility_problems, start_server, stop_server
from workbench.settings import Settings
from workbench.workbench import Workbench

PASSWORD, OTHER = "correct horse battery", "another long password"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with an administrator, somebody who trains and somebody who looks."""
    home: Path = tmp_path_factory.mktemp("home")
    bench = Workbench.open(Settings.load(home=home, database_url=f"sqlite:///{home / 'trellis.db'}"))
    for name, role, display in (("ann", "administer", "Ann Ames"), ("ted", "train", "Ted Tomm"), ("rob", "read", "Rob Reed")):
        bench.people.add(by="user:test", name=name, role=role, display_name=display, password=PASSWORD)
    bench.models.create(
        actor=bench.people.get("ted").actor, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={},
        sample={"num_samples": 200}, name="Kept",
    )  # fmt: skip
    bench.close()
    started = start_server(home)
    yield started
    stop_server(started)


@pytest.fixture(autouse=True)
def runs_end() -> None:
    """No test here starts a run, and asking for them would need a login."""


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.get_by_role("button", name="Log in").click()


@pytest.fixture
def enter(visit: Any) -> Any:
    """Opens a page as a user, in a browser of its own."""

    def open_page(server: Server, name: str, path: str = "/", **given: Any) -> Page:
        page = visit(server, "/login", wait="#login", **given)
        log_in(page, name)
        page.wait_for_selector(DRAWN)
        if path != "/":
            page.goto(server.url + path)
            page.wait_for_selector(DRAWN)
        return page

    return open_page


def test_whoever_is_not_logged_in_comes_back_to_where_they_wanted_to_go(server: Server, visit: Any) -> None:
    visit.expects("401")
    page = visit(server, "/runs", wait="#login")
    assert "next=%2Fruns" in page.url
    log_in(page, "ted", "not the password")
    expect(page.locator("#answer")).to_have_text("This name and password do not belong together.")
    log_in(page, "ted")
    page.wait_for_url("**/runs")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "wanted", ["https://example.org/", "//example.org", "/%09/example.org", "/%0A/example.org", "/%5Cexample.org", "//["]
)
def test_a_login_leads_to_no_other_server(server: Server, visit: Any, wanted: str) -> None:
    page = visit(server, f"/login?next={wanted}", wait="#login")
    log_in(page, "ted")
    page.wait_for_selector(DRAWN)
    assert page.url in (f"{server.url}/", f"{server.url}/example.org")


def test_a_reader_sees_everything_and_why_they_may_change_nothing(server: Server, enter: Any) -> None:
    page = enter(server, "rob")
    expect(page.get_by_text("Kept")).to_be_visible()
    delete = page.get_by_role("button", name="Delete Kept")
    expect(delete).to_be_disabled()
    assert "“train”" in (delete.get_attribute("title") or "")
    page.get_by_role("link", name="Kept").first.click()
    page.goto(page.url.split("?")[0].removesuffix("/explore") + "/train" if "/train" not in page.url else page.url)
    start = page.locator("#hub-start")
    expect(start).to_be_disabled()
    assert "“read”" in (start.get_attribute("title") or "")
    page.goto(server.url + "/create")
    expect(page.locator("#create-only")).to_be_disabled()


def test_an_account_has_a_password_tokens_and_sessions(server: Server, enter: Any, visit: Any) -> None:
    page, elsewhere = enter(server, "ted", "/settings"), enter(server, "ted")
    visit.expects("401")
    page.fill("#account-token-name", "nightly")
    page.get_by_role("button", name="Make token").click()
    secret = page.locator("#account-token-made code").inner_text()
    assert secret.startswith("trellis_")
    expect(page.locator("#account-tokens")).to_contain_text("nightly")
    expect(page.get_by_text("this browser", exact=True)).to_be_visible()
    assert accessibility_problems(page) == []
    page.fill("#account-password-now", PASSWORD)
    page.fill("#account-password-new", OTHER)
    page.fill("#account-password-again", OTHER)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password was changed")).to_be_visible()
    elsewhere.goto(server.url + "/runs")
    expect(elsewhere.locator("#login")).to_be_visible()
    page.get_by_role("button", name="Log out", exact=True).first.click()
    expect(page.locator("#login")).to_be_visible()
    page.goto(server.url + "/settings")
    expect(page.locator("#login")).to_be_visible()


def test_an_administrator_adds_somebody_who_is_out_at_once_when_disabled(server: Server, enter: Any, visit: Any) -> None:
    visit.expects("401")
    page = enter(server, "ann", "/settings")
    page.fill("#users-new-name", "lea")
    page.fill("#users-new-display", "Lea Lund")
    page.select_option("#users-new-role", "label")
    page.fill("#users-new-password", PASSWORD)
    page.get_by_role("button", name="Add user").click()
    row = page.locator("#users-list tr", has_text="Lea Lund")
    expect(row).to_contain_text("label")
    assert accessibility_problems(page) == []
    lea = enter(server, "lea")
    row.get_by_label("Role of lea").click()
    row.get_by_role("button", name="read", exact=True).click()
    expect(page.get_by_text("Lea Lund has the role “read” now.")).to_be_visible()
    row.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(row).to_contain_text("disabled")
    lea.wait_for_selector("#login")


def test_history_names_who_did_it_also_after_they_changed_their_name(server: Server, enter: Any) -> None:
    page = enter(server, "rob")
    page.get_by_role("link", name="Kept").first.click()
    page.get_by_role("link", name="History").click()
    expect(page.locator("#page")).to_contain_text("Ted Tomm")
