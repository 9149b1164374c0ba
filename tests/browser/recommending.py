"""What the browser tests of recommenders share: configurations made through REST, a person without a mouse, an export looked into."""

from __future__ import annotations

import hashlib
import json
import time
import zipfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SHOP = "retail"
RUN_MS = 240_000
"""The longest that a small test may take, TensorFlow's start included, on a busy machine."""
SMALL = {"epochs_override": 1, "sample_percent": 5}
"""A test that is over soon."""
MOST_TABS = 400


def id_features(user: str = "customer_id", item: str = "product_id") -> dict[str, Any]:
    """Features of both ids and nothing else."""
    embedding = {"embedding": {"embedding_dim": 8}}
    return {
        "buyer_model_features": [{"column": user, "data_type": "text", "is_primary_id": True, "transforms": embedding}],
        "product_model_features": [{"column": item, "data_type": "text", "is_primary_id": True, "transforms": embedding}],
    }


def features(server: Any, name: str, *, dataset: str = SHOP, user: str = "customer_id", item: str = "product_id") -> str:
    """Store features of both ids and return their id."""
    return server.api("/feature-configs/", {"name": name, "dataset_id": dataset, **id_features(user, item)})["id"]


def model(server: Any, name: str, kind: str = "retrieval", **settings: Any) -> str:
    """Store a model with the Standard towers and return its id."""
    return server.api("/model-configs/", {"name": name, "model_type": kind, **settings})["id"]


def started(server: Any, features_id: str, model_id: str, **settings: Any) -> str:
    """Start a small test and return its id."""
    return server.api("/quick-tests/", {"feature_config_id": features_id, "model_config_id": model_id, **SMALL, **settings})["id"]


def ended(server: Any, test_id: str) -> dict[str, Any]:
    """The test once it has ended."""
    until = time.monotonic() + RUN_MS / 1e3
    while time.monotonic() < until:
        test = server.api(f"/quick-tests/{test_id}")
        if test["status"] not in ("pending", "running"):
            return test
        time.sleep(0.2)
    raise TimeoutError(f"test {test_id} has not ended")


def kept(page: Page, *words: str) -> None:
    """Wait until the browser keeps a draft with these words in it: a moment after the page shows them."""
    page.wait_for_function("words => Object.values(sessionStorage).some(draft => words.every(one => draft.includes(one)))", arg=list(words))


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
