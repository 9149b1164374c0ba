"""A model's Export tab in a browser: files made and fetched, sizes before, and a script that works elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, accessibility_problems
from tests.browser.training import trained


@pytest.fixture(scope="module")
def model(server: Any) -> str:
    """A trained model."""
    return trained(server, "Export me")[0]


def fetch(page: Any, title: str, folder: Path) -> Path:
    """What a row's button gives."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=f"Download: {title}", exact=True).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def test_files_are_fetched_and_the_script_predicts_elsewhere(server: Any, model: str, visit: Any, tmp_path: Path) -> None:
    page = visit(server, f"/model/{model}/export")
    assert accessibility_problems(page) == []
    told = {item["name"]: item for item in server.api(f"/models/{model}/exports")["items"]}
    weights, script = fetch(page, "Weights", tmp_path), fetch(page, "Python snippet", tmp_path)
    assert weights.name == "export-me-weights.msgpack"
    assert weights.stat().st_size == told["weights"]["bytes"]
    np.save(tmp_path / "images.npy", np.zeros((3, 8, 8, 1), np.uint8))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    said = subprocess.run(
        [sys.executable, script.name, "images.npy"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert said.returncode == 0, said.stderr
    assert [line.split(":")[0] for line in said.stdout.splitlines()] == ["image 0", "image 1", "image 2"]
    weights.write_bytes(weights.read_bytes()[:-1])
    torn = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert torn.returncode != 0
    assert "is not the file" in torn.stderr


def test_the_part_chosen_is_the_part_fetched_and_its_size_is_told(server: Any, model: str, visit: Any, tmp_path: Path) -> None:
    page = visit(server, f"/model/{model}/export", dark=True)
    row = page.locator(".export-row").filter(has=page.get_by_role("heading", name="Latents, CSV"))
    before = row.locator(".export-size").inner_text()
    page.get_by_label("Of", exact=True).select_option(label="Held-out images")
    expect(row.locator(".export-size")).not_to_have_text(before)
    path = fetch(page, "Latents, CSV", tmp_path)
    assert path.name == "export-me-latents-test.csv"
    assert len(path.read_text().splitlines()) == 361


def test_a_model_without_weights_says_why_and_what_to_do(server: Any, visit: Any) -> None:
    bare = server.model("Bare")
    page = visit(server, f"/model/{bare}/export", width=400)
    button = page.get_by_role("button", name="Download: Weights")
    expect(button).to_be_disabled()
    expect(page.locator(".export-why").first).to_contain_text("Train it first")
    expect(page.get_by_role("button", name="Download: Labels, CSV")).to_be_enabled()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
