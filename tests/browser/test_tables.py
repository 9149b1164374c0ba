"""A person's own table, from a file to a dataset; and a table with its splits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems

ROWS, MANY = 150, 200
NO_TABLE = {
    "prose.txt": (b"It was the best of times, it was the worst of times,\nit was the age of wisdom.\n", "no table|no CSV|first line"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "PNG|no table|no CSV"),
    "empty.csv": (b"", "empty"),
    "names.csv": (b"user_id,item_id,day\n", "(0|no) rows"),
}
"""Files that are no table: name -> content, and what must be said of it."""


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Sales whose dates may have the day or the month first, and whose prices have a decimal comma in all but one row."""
    rows = [f"c{n % 9};p{n % 7};0{n % 9 + 1}/04/2024;{1000 + n % 5};{n},50" for n in range(120)]
    (tmp_path / "Sales.csv").write_text("\n".join(["customer_id;product_id;bought;branch;price", *rows]))
    return tmp_path / "Sales.csv"


def table(path: Path, columns: int = 3) -> Path:
    """Interactions with no number but those of columns past the third."""
    more = range(columns - 3)
    lines = [",".join(["user_id", "item_id", "day", *(f"figure_{n}" for n in more)])]
    for row in range(ROWS):
        values = [
            f"p{row % 30}",
            f"t{row * 7 % 40}",
            f"2024-{1 + row % 6:02d}-{1 + row % 28:02d}",
            *(f"{(row * (n + 3)) % 97 / 7:.2f}" for n in more),
        ]
        lines.append(",".join(values))
    path.write_text("\n".join(lines) + "\n")
    return path


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
    with page.expect_request("**/api/uploads"):
        choose(page, sales)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("button", name="Upload .csv")).to_be_visible()
    assert len(held) == 1
    page.unroute("**/api/uploads")
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(2049 * 1024**2)
    choose(page, large)
    expect(page.get_by_text("large.csv has 2049 MB; at most 2048 can be uploaded here.")).to_be_visible()
    choose(page, sales)
    page.wait_for_url("**/recommenders/datasets/new?upload=*")
    page.get_by_role("button", name="Throw away").click()
    expect(page.get_by_role("button", name="Upload .csv")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/recommenders/datasets/new$"))


def test_a_shop_shows_its_splits_and_what_nobody_can_beat(server: Any, visit: Any) -> None:
    page = visit(server, "/recommenders/datasets/retail", dark=True)
    expect(page.locator("#recsys-dataset-splits tbody tr")).to_have_count(6)
    expect(page.locator("#recsys-dataset-ceiling")).to_contain_text("Recall@10, at most")
    expect(page.locator("#recsys-dataset-columns tr", has_text="user_rating").locator(".mini-histogram i")).to_have_count(5)
    assert accessibility_problems(page) == []


@pytest.mark.parametrize("name", NO_TABLE)
def test_a_file_that_is_no_table_is_refused_in_words_and_the_next_one_is_taken(
    server: Any, visit: Any, sales: Path, tmp_path: Path, name: str
) -> None:
    before = server.api("/datasets")["items"]
    content, words = NO_TABLE[name]
    (tmp_path / name).write_bytes(content)
    page: Page = visit(server, "/recommenders/datasets/new")
    choose(page, tmp_path / name)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    said = page.get_by_role("alert")
    expect(said).to_contain_text(re.compile(words))
    expect(said).not_to_contain_text(re.compile("Traceback|Error:|None"))
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Throw away").click()
    expect(page.get_by_role("heading", name=name)).to_have_count(0)
    choose(page, sales)
    expect(page.get_by_role("heading", name=sales.name)).to_be_visible()
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_enabled()
    assert server.api("/datasets")["items"] == before


def test_a_table_of_very_many_columns_is_looked_at_imported_and_used(server: Any, visit: Any, tmp_path: Path) -> None:
    page: Page = visit(server, "/recommenders/datasets/new")
    choose(page, table(tmp_path / "wide.csv", MANY))
    expect(page.locator("#recsys-first-look tbody tr")).to_have_count(MANY)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="wide", level=1, exact=True)).to_be_visible()
    assert len(server.api("/datasets/wide")["schema"]) == MANY
    page.goto(f"{server.url}/recommenders/features/new?dataset=wide&start=blank&step=2")
    left = page.locator('[data-drag-list="columns"] > [data-drag-item]')
    expect(left).not_to_have_count(0)
    before = left.count()
    left.last.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(left).to_have_count(before - 1)
    expect(page.locator('[data-drag-list="buyer"]')).to_contain_text(f"figure_{MANY - 4}")
