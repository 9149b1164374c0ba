"""A person's own table, from a file to a dataset; and a table with its splits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Sales whose dates may have the day or the month first, and whose prices have a decimal comma in all but one row."""
    rows = [f"c{n % 9};p{n % 7};0{n % 9 + 1}/04/2024;{1000 + n % 5};{n},50" for n in range(120)]
    (tmp_path / "Sales.csv").write_text("\n".join(["customer_id;product_id;bought;branch;price", *rows]))
    return tmp_path / "Sales.csv"


def choose(page: Page, file: Path) -> None:
    """Choose a file by the button, as a person does."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload .csv").click()
    chooser.value.set_files(file)


def test_a_table_is_looked_at_and_put_right_before_it_is_imported(server: Any, visit: Any, sales: Path) -> None:
    page = visit(server, "/recommenders/datasets/new")
    expect(page.locator("#recsys-shop-size")).to_contain_text("60,000 rows")
    page.locator("#simulated").get_by_label("Size").select_option("medium")
    expect(page.locator("#recsys-shop-size")).to_contain_text("1,000,000 rows of 10,000 customers")
    assert accessibility_problems(page) == []
    choose(page, sales)
    page.wait_for_url("**/recommenders/datasets/new?upload=*")
    row = page.locator("#recsys-first-look tr", has_text="bought")
    expect(row).to_contain_text("may have the day or the month first")
    expect(page.locator("#recsys-first-rows")).to_contain_text("01/04/2024")
    assert accessibility_problems(page) == []
    page.get_by_label("Type of branch").select_option("boolean")
    expect(page.locator("#recsys-first-look tr", has_text="branch")).to_contain_text("cannot be read as boolean")
    page.get_by_label("Type of branch").select_option("text")
    page.get_by_label("Type of bought").select_option("temporal_day_first")
    expect(row).to_contain_text("read day first, as was chosen")
    page.get_by_label("Role of branch").select_option("context")
    go = page.get_by_role("button", name="Import", exact=True)
    expect(go).to_be_enabled()
    go.click()
    page.wait_for_url(re.compile(r"/recommenders/datasets/sales$"))
    stored = {column["column"]: column for column in server.api("/datasets/sales")["schema"]}
    assert (stored["bought"]["data_type"], stored["bought"]["role"]) == ("temporal", "timestamp")
    assert (stored["branch"]["data_type"], stored["branch"]["role"]) == ("text", "context")
    expect(page.locator("#recsys-dataset-splits tr", has_text="each user's last row")).to_be_visible()
    assert accessibility_problems(page) == []


def test_an_upload_can_be_cancelled_and_a_file_thrown_away(server: Any, visit: Any, sales: Path, tmp_path: Path) -> None:
    page = visit(server, "/recommenders/datasets/new")
    held: list[Any] = []
    page.route("**/api/uploads", lambda route: held.append(route))
    choose(page, sales)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("button", name="Upload .csv")).to_be_visible()
    assert len(held) == 1
    page.unroute("**/api/uploads")
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(2048 * 1024**2)
    choose(page, large)
    expect(page.get_by_text("large.csv has 2048 MB; at most 2047 can be uploaded here.")).to_be_visible()
    choose(page, sales)
    page.wait_for_url("**/recommenders/datasets/new?upload=*")
    page.get_by_role("button", name="Throw away").click()
    page.wait_for_url(re.compile(r"/recommenders/datasets/new$"))


def test_a_shop_shows_its_splits_and_what_nobody_can_beat(server: Any, visit: Any) -> None:
    page = visit(server, "/recommenders/datasets/retail", dark=True)
    expect(page.locator("#recsys-dataset-splits tbody tr")).to_have_count(6)
    expect(page.locator("#recsys-dataset-ceiling")).to_contain_text("Recall@10, at most")
    expect(page.locator("#recsys-dataset-columns tr", has_text="user_rating").locator(".mini-histogram i")).to_have_count(5)
    assert accessibility_problems(page) == []
