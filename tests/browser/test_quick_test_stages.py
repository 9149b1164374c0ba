"""A quick test is cancelled, and its page loaded anew, in every stage: real tests of a real worker, each held in one stage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.families.recsys.pages.tests.tables import stage_words
from tests.browser.conftest import start_server, stop_server
from tests.browser.recommending import RUN_MS, ended, features, model, started

HOLDING = Path(__file__).parent / "holding"
BEFORE = ("split", "fit_transforms", "generate", "check", "train")
"""Stages in which a cancel ends the test early; what was trained by then is measured."""
AFTER = ("evaluate", "baselines", "export")
"""Stages that are no longer cut short: the weights are there, and the test completes."""


@pytest.fixture(scope="module")
def hold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder whose files hold tests in the stages of their names."""
    return tmp_path_factory.mktemp("hold")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, hold: Path) -> Iterator[Any]:
    """A server whose workers can be held, with features and a model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(HOLDING), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("TRELLIS_TEST_HOLD", str(hold))
        begun = start_server(tmp_path_factory.mktemp("home"))
    yield begun
    stop_server(begun)


@pytest.fixture(scope="module")
def pair(server: Any) -> tuple[str, str]:
    """Ids of small features and a small model."""
    return features(server, "Ids"), model(server, "Small", batch_size=512)


def held_in(page: Page, stage: str) -> None:
    """Assert that the page says that the test is in a stage."""
    row = page.locator("#recsys-test-progress .stage-running")
    expect(row).to_contain_text(stage_words(stage), timeout=RUN_MS)
    expect(row).to_contain_text("under way")


@pytest.mark.parametrize("stage", [*BEFORE, *AFTER])
def test_in_every_stage_the_page_may_be_loaded_anew_and_the_test_cancelled(
    server: Any, pair: tuple[str, str], hold: Path, visit: Any, stage: str
) -> None:
    (hold / stage).touch()
    test = started(server, *pair)
    page: Page = visit(server, f"/recommenders/tests/{test}")
    held_in(page, stage)
    page.reload()
    held_in(page, stage)
    assert server.api(f"/quick-tests/{test}")["current_stage"] == stage
    page.get_by_role("button", name="Cancel", exact=True).first.click()
    expect(page.locator("#recsys-test-cancel")).to_be_disabled()
    (hold / stage).unlink()
    found = ended(server, test)
    assert found["status"] == ("cancelled" if stage in BEFORE else "completed")
    expect(page.locator("#run-state")).to_contain_text("Stopped" if stage in BEFORE else "Completed")
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="Export (zip)")).to_have_count(0 if stage in BEFORE else 1)
    expect(page.locator(".test-failure")).to_have_count(0)


def test_one_that_waits_behind_another_is_cancelled_before_it_begins(server: Any, pair: tuple[str, str], hold: Path, visit: Any) -> None:
    (hold / "split").touch()
    first = started(server, *pair)
    second = started(server, *pair)
    page: Page = visit(server, f"/recommenders/tests/{second}")
    expect(page.locator("#recsys-test-progress")).to_contain_text("It waits for a worker.")
    page.reload()
    expect(page.locator("#recsys-test-progress")).to_contain_text("It waits for a worker.")
    page.get_by_role("button", name="Cancel", exact=True).first.click()
    expect(page.locator("#run-state")).to_contain_text("Stopped")
    assert server.api(f"/quick-tests/{second}")["status"] == "cancelled"
    (hold / "split").unlink()
    assert ended(server, first)["status"] == "completed"
