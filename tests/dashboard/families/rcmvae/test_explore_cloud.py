"""What the cloud of the Explore page asks: places, components, projections."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from rcmvae.diagnostics.bundle import TEST, DiagnosticsBundle
from rcmvae.explore.components import NEW_CLASS_FROM, new_class
from rcmvae.explore.projection import file_of
from tests.dashboard.families.rcmvae.test_suggestions_api import UseWeights
from tests.rcmvae.diagnostics import toy
from workbench.apart import Cancelled
from workbench.runs.folder import BUNDLE
from workbench.workbench import Workbench


def columns(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What an answer of columns holds, read without the code that packs it."""
    assert content[:4] == b"TRLC"
    length = int.from_bytes(content[4:8], "little")
    header = json.loads(content[8 : 8 + length])
    start = -(-(8 + length) // 8) * 8
    found = {c["name"]: np.frombuffer(content, c["dtype"], int(np.prod(c["shape"])), start + c["offset"]) for c in header["columns"]}
    return header["meta"], found


@pytest.fixture
def trained(bench: Workbench, model: dict[str, Any]) -> Callable[[DiagnosticsBundle], str]:
    """Gives the model weights with these diagnostics; returns where its scripts ask."""

    def make(bundle: DiagnosticsBundle) -> str:
        run = bench.runs.start(actor="test", model_id=model["id"])
        bench.runs.request_stop(actor="test", run_id=run.id)
        bench.store.execute(UseWeights(model_id=model["id"], run_id=run.id), actor="test")
        bundle.save(Path(bench.runs.where(run.id)) / BUNDLE)
        return f"/explore/{model['id']}"

    return make


def test_places_are_those_of_the_points_in_their_order(client: TestClient, trained: Any) -> None:
    bundle = toy.make(n=300)
    url = trained(bundle)
    _, points = columns(client.get(f"{url}/points").content)
    meta, places = columns(client.get(f"{url}/places").content)
    inside = bundle.split != TEST
    assert points["rows"].tolist() == bundle.rows[inside].tolist()
    assert points["true"].tolist() == bundle.true_labels[inside].tolist()
    dimensions = bundle.mu.shape[1]
    assert meta["dimensions"] == dimensions
    mu = bundle.mu[inside].astype(np.float64)
    if dimensions == 2:
        np.testing.assert_array_equal(places["x"], bundle.mu[inside, 0])
    else:
        spread = np.linalg.svd(mu - mu.mean(axis=0), compute_uv=False)
        assert places["x"].std() == pytest.approx(spread[0] / np.sqrt(len(mu)), rel=1e-4)
        assert meta["x_title"] == f"principal component 1 ({spread[0] ** 2 / (spread**2).sum():.0%} of the variance)"


def test_a_latent_space_of_many_dimensions_says_so_and_what_share_is_shown(client: TestClient, trained: Any) -> None:
    bundle = toy.make(n=200, dims=3)
    url = trained(bundle)
    meta, places = columns(client.get(f"{url}/places").content)
    inside = bundle.mu[bundle.split != TEST].astype(np.float64)
    variances = np.sort(np.linalg.eigvalsh(np.cov(inside.T)))[::-1]
    assert meta["method"] == "pca"
    assert meta["dimensions"] == 3
    assert f"({variances[0] / variances.sum():.0%} of the variance)" in meta["x_title"]
    assert places["x"].var(ddof=1) == pytest.approx(variances[0], rel=1e-3)


def test_images_of_components_with_spaces_of_their_own_stand_in_their_cells(client: TestClient, trained: Any) -> None:
    bundle = toy.make(n=300, decentralized=True)
    url = trained(bundle)
    _, points = columns(client.get(f"{url}/points").content)
    meta, places = columns(client.get(f"{url}/places").content)
    assert meta["method"] == "components"
    cells = {int(cell["name"]): cell for cell in meta["cells"]}
    for component, x, y in zip(points["component"].tolist(), places["x"].tolist(), places["y"].tolist(), strict=True):
        cell = cells[component]
        assert abs(x - cell["x"]) < cell["half"]
        assert abs(y - cell["y"]) < cell["half"]


def test_components_tell_their_use_under_the_labels_of_now(client: TestClient, trained: Any) -> None:
    bundle = toy.make(n=300, labelled=60)
    url = trained(bundle)
    _, points = columns(client.get(f"{url}/points").content)
    found = client.get(f"{url}/components").json()["components"]
    assert [one["number"] for one in found] == list(range(bundle.components))
    assert [one["images"] for one in found] == np.bincount(points["component"], minlength=bundle.components).tolist()
    np.testing.assert_allclose([one["usage"] for one in found], bundle.responsibilities[bundle.split != TEST].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose([one["pi"] for one in found], bundle.pi, rtol=1e-6)


def test_strange_images_are_a_new_class_only_in_numbers_and_where_nobody_claims() -> None:
    enough = np.arange(NEW_CLASS_FROM)
    assert new_class(enough, -1) == tuple(range(NEW_CLASS_FROM))
    assert new_class(enough[1:], -1) == ()
    assert new_class(enough, 3) == ()


def test_a_model_that_was_not_trained_has_places_by_its_pixels(client: TestClient, bench: Workbench, model: dict[str, Any]) -> None:
    meta, found = columns(client.get(f"/explore/{model['id']}/pixels").content)
    read = bench.models.read(bench.models.get(model["id"]))
    assert found["rows"].tolist() == sorted([*read.train.tolist(), *read.validation.tolist()])
    images, _ = toy.digits()
    flat = images[found["rows"]].reshape(len(found["rows"]), -1).astype(np.float64)
    values, vectors = np.linalg.eigh(np.cov(flat.T))
    alone = (flat - flat.mean(axis=0)) @ vectors[:, -1]
    assert abs(np.corrcoef(alone, found["x"])[0, 1]) == pytest.approx(1, abs=1e-6)
    assert f"({values[-1] / values.sum():.0%} of the variance)" in meta["x_title"]


def test_umap_is_refused_where_there_is_nothing_to_project(client: TestClient, trained: Any) -> None:
    url = trained(toy.make(n=200))
    answer = client.post(f"{url}/projection", json={"act": "begin"})
    assert answer.status_code == 422
    assert "at most two dimensions" in answer.json()["error"]["message"]
    assert client.get(f"{url}/projection").json()["state"] == "none"
    assert client.get(f"{url}/places?method=umap").status_code == 409
    assert client.get(f"{url}/places?method=tsne").status_code == 422
    assert client.post(f"{url}/projection", json={"act": "other"}).status_code == 422


def test_a_projection_goes_on_in_words_can_be_cancelled_and_fails_in_words(client: TestClient, bench: Workbench, trained: Any) -> None:
    url = trained(toy.make(n=200, dims=3))
    told, go = threading.Event(), threading.Event()

    class Beside:
        def call(self, target: str, *arguments: Any, progress: Any, cancelled: Any) -> None:
            progress(50, 200)
            told.set()
            while not cancelled():
                if go.wait(0.01):
                    raise ValueError("no room")
            raise Cancelled

        def close(self) -> None:
            """Nothing is held."""

    object.__setattr__(bench, "apart", Beside())
    assert client.post(f"{url}/projection", json={"act": "begin"}).json()["state"] == "under way"
    assert told.wait(10)
    assert client.get(f"{url}/projection").json() == {"state": "under way", "words": "laying out, 25%", "share": 0.25}
    assert client.post(f"{url}/projection", json={"act": "cancel"}).json()["state"] == "none"
    told.clear()
    go.set()
    client.post(f"{url}/projection", json={"act": "begin"})
    assert told.wait(10)
    for thread in [one for one in threading.enumerate() if one.name == "projection"]:
        thread.join(10)
    assert client.get(f"{url}/projection").json() == {"state": "failed", "words": "UMAP failed: no room", "share": None}
    assert not file_of(bench, url.rsplit("/", 1)[1]).exists()
