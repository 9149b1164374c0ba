from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import accessibility_problems


def npz(folder: Path) -> Path:
    images = np.random.default_rng(4).integers(0, 256, (40, 8, 8), dtype=np.uint8)
    np.savez_compressed(folder / "Bugs.npz", images=images, labels=np.arange(40) % 4, names=np.array(["ant", "bee", "cat", "dog"]))
    return folder / "Bugs.npz"


def test_a_file_that_is_no_data_set_shows_an_error(server: Any, visit: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    for path in ("/datasets", "/create"):
        page = visit(server, path)
        page.set_input_files("input[type=file]", tmp_path / "notes.txt")
        expect(page.get_by_text("notes.txt is not an .npz file").first).to_be_visible()


def test_data_is_uploaded_looked_at_renamed_deleted_and_brought_back(server: Any, visit: Any, tmp_path: Path) -> None:
    page = visit(server, "/datasets")
    assert accessibility_problems(page) == []
    page.set_input_files("input[type=file]", npz(tmp_path))
    page.wait_for_url("**/datasets/bugs")
    expect(page.locator("#dataset-preview img")).to_have_count(40)
    expect(page.locator("#dataset-statistics")).to_contain_text("For training")
    assert accessibility_problems(page) == []
    page.locator("#dataset-name").fill("Insects")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Insects")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Datasets", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Insects")).to_have_count(0)
    page.locator(".toast-note", has_text="Deleted").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Insects")).to_be_visible()


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(server: Any, visit: Any, tmp_path: Path) -> None:
    with (tmp_path / "huge.npz").open("wb") as file:
        file.truncate(46 * 1024**2)
    page = visit(server, "/datasets")
    page.set_input_files("input[type=file]", tmp_path / "huge.npz")
    expect(page.get_by_text("huge.npz has 46 MB; at most 45 MB")).to_be_visible()


@pytest.mark.parametrize("path", ["/datasets", "/datasets?shown=traffic", "/datasets?shown=recsys", "/datasets?shown=rcmvae"])
def test_the_list_of_datasets_fits_its_page_wide_and_small(server: Any, visit: Any, path: str) -> None:
    page = visit(server, path, dark=True)
    assert page.locator(".table-scroll:has(.datasets-table)").evaluate("box => box.scrollWidth <= box.clientWidth")
    assert accessibility_problems(page) == []
    page.set_viewport_size({"width": 400, "height": 800})
    sides = page.locator(".datasets-table td").evaluate_all("found => found.map(cell => cell.getBoundingClientRect().right)")
    assert max(sides) <= 400
