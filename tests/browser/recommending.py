"""What the browser tests of recommenders share: a person without a mouse, an export looked into."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

RUN_MS = 240_000
"""The longest that a small test may take, TensorFlow's start included, on a busy machine."""
MOST_TABS = 400


def tab_to(page: Page, target: Any) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached with {MOST_TABS} presses of Tab")


def press(page: Page, target: Any, key: str = "Enter") -> None:
    """Go to an element by Tab and press a key on it."""
    tab_to(page, target)
    page.keyboard.press(key)


def type_into(page: Page, target: Any, text: str) -> None:
    """Go to a field by Tab and type in place of what it holds."""
    tab_to(page, target)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def look_into_export(path: Path, test: dict[str, Any]) -> None:
    """Assert that an exported file is whole, has what a model needs, and says itself what is in it."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        said = {file["name"]: (file["size"], file["sha256"]) for file in manifest["files"]}
        held = {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}
        metrics = json.loads(held["metrics.json"])
    assert said == {name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in held.items()}
    assert manifest["test"] == {"id": test["id"], "number": test["number"]}
    assert {"trainer.py", "preprocessing.py", "embeddings.npz", "saved_model/saved_model.pb"} <= set(held)
    assert any(name.startswith("vocab/") for name in held)
    assert metrics["model_type"] == test["model_type"]
    compile(held["trainer.py"], "trainer.py", "exec")
