"""A quick test in every stage of its life: a reload shows the same stage and harms nothing, a cancel ends it and says what is missing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from recsys.progress import STAGE_WORDS
from tests.browser.conftest import start_server, stop_server
from tests.browser.recommending import RUN_MS, ended, features, model, started

STAGES = ("split", "fit_transforms", "generate", "check", "train", "evaluate", "baselines", "export")
BEFORE, TRAINED, MEASURED = (
    "nothing was computed",
    "the figures of quality, the baselines and the export",
    "the exported model and the files",
)
MISSING = dict.fromkeys(STAGES[:4], BEFORE) | {"train": TRAINED, "evaluate": TRAINED, "baselines": MEASURED, "export": MEASURED}
"""What a test that is cancelled in a stage says that it has not."""


@dataclass(frozen=True)
class Holding:
    """Holds tests in a stage: `hold` before the test gets there, `wait` until it is there, `let_go`. A cancelled test goes on by itself."""

    folder: Path

    def hold(self, *stages: str) -> None:
        for stage in stages:
            (self.folder / stage).touch()

    def wait(self, stage: str) -> None:
        """Until a worker is held in the stage."""
        until = time.monotonic() + RUN_MS / 1e3
        while not (self.folder / f"{stage}.held").exists():
            assert time.monotonic() < until, f"no worker came to {stage}"
            time.sleep(0.05)

    def let_go(self, *stages: str) -> None:
        for stage in stages:
            (self.folder / stage).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def holding(tmp_path_factory: pytest.TempPathFactory) -> Holding:
    return Holding(tmp_path_factory.mktemp("held"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, holding: Holding) -> Iterator[Any]:
    """A server with one worker at a time, which is held in stages."""
    path = [str(Path(__file__).parent / "holding"), *filter(None, [os.environ.get("PYTHONPATH")])]
    more = {
        "PYTHONPATH": os.pathsep.join(path),
        "HOLD_STAGES_IN": str(holding.folder),
        "TRELLIS_MAX_CONCURRENT_RUNS": "1",
        "TRELLIS_STOP_GRACE_SECONDS": "60",
    }
    found = start_server(tmp_path_factory.mktemp("home"), more=more)
    yield found
    stop_server(found)


@pytest.fixture(scope="module")
def pair(server: Any) -> tuple[str, str]:
    """Features and a model that finds."""
    return features(server, "Ids"), model(server, "Finds", epochs=2)


def under_way(page: Page) -> Any:
    return page.locator("#live-steps").get_by_role("listitem").filter(has_text="under way")


def cancel(page: Page) -> None:
    """Press Cancel and wait until the server has been asked."""
    page.get_by_role("button", name="Cancel", exact=True).click()
    # pressed, it cannot be pressed again; a test that ended at once has none any more
    expect(page.get_by_role("button", name="Cancel", exact=True, disabled=False)).to_have_count(0)


def test_a_reload_in_any_stage_shows_it_and_the_test_goes_on(server: Any, visit: Any, holding: Holding, pair: tuple[str, str]) -> None:
    holding.hold(*STAGES)
    test = started(server, *pair, epochs_override=2)
    page: Page = visit(server, f"/recommenders/tests/{test}")
    for number, stage in enumerate(STAGES, 1):
        holding.wait(stage)
        expect(under_way(page)).to_contain_text(STAGE_WORDS[stage])
        page.reload()
        expect(under_way(page)).to_contain_text(STAGE_WORDS[stage])
        expect(page.locator("#live-steps").get_by_role("listitem")).to_have_count(number)
        expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_enabled()
        holding.let_go(stage)
    expect(page.locator(".headline-value")).to_be_visible(timeout=RUN_MS)
    assert server.api(f"/quick-tests/{test}")["status"] == "completed"


def test_a_test_that_waits_is_shown_after_a_reload_and_cancelled(server: Any, visit: Any, holding: Holding, pair: tuple[str, str]) -> None:
    holding.hold("split")
    before = started(server, *pair)
    holding.wait("split")
    test = started(server, *pair)
    page: Page = visit(server, f"/recommenders/tests/{test}")
    for _ in range(2):
        expect(page.locator("#live-words")).to_contain_text("Queued behind run")
        page.reload()
    cancel(page)
    expect(page.get_by_role("status").filter(has_text="The test was cancelled.")).to_be_visible()
    holding.let_go("split")
    assert ended(server, test)["status"] == "cancelled"
    assert ended(server, before)["status"] == "completed"


@pytest.mark.parametrize("stage", STAGES)
def test_a_cancel_in_any_stage_ends_the_test_and_says_what_is_missing(
    server: Any, visit: Any, holding: Holding, pair: tuple[str, str], stage: str
) -> None:
    holding.hold(stage)
    test = started(server, *pair, epochs_override=2)
    page: Page = visit(server, f"/recommenders/tests/{test}")
    holding.wait(stage)
    expect(under_way(page)).to_contain_text(STAGE_WORDS[stage])
    cancel(page)
    said = page.get_by_role("status").filter(has_text="The test was cancelled.")
    expect(said).to_contain_text(MISSING[stage], timeout=RUN_MS)
    holding.let_go(stage)
    assert server.api(f"/quick-tests/{test}")["status"] == "cancelled"
    # What it has by then is shown, and no more.
    expect(page.get_by_role("heading", name="Figures of quality")).to_have_count(1 if MISSING[stage] is MEASURED else 0)
    expect(page.get_by_role("button", name="Resume")).to_have_count(0 if MISSING[stage] is BEFORE else 1)
