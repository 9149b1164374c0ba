"""Reconstructions of one image: the kept panel's, the model's, and a decoder asked component by component agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from rcmvae.active.asking import kept_of, trained
from rcmvae.active.dropout import predictor_of
from rcmvae.diagnostics.bundle import load
from rcmvae.explore import reconstruct as model_side
from rcmvae.explore.pictures import images_of
from rcmvae.explore.reconstructions import make_ready, reconstructions_of
from tests.rcmvae.explore.conftest import ME, SMALL
from tests.workbench.runs import inline
from workbench.commands.base import CommandError
from workbench.settings import Settings
from workbench.state import ModelRecord
from workbench.workbench import Workbench

ROOT = Path(__file__).parent.parent.parent.parent


def test_an_image_is_decoded_by_the_selected_component_by_all_weighted_and_by_the_runner_up(bench: Workbench, model: ModelRecord) -> None:
    row = int(bench.models.read(model).train[2])
    found = reconstructions_of(bench, model.id, row)
    assert found.names == ("selected", "weighted", "runner_up")
    record, run, _ = kept_of(bench, model.id)
    predictor = predictor_of(trained(bench, record, run))
    size = predictor.batch_size
    image = images_of(bench, model.id)[row]
    said = predictor.classify(np.repeat(image[None], size, axis=0))
    r, means = said.responsibilities[0], said.mean[0]
    each = []
    for component in range(len(r)):
        z = means[component if len(means) > 1 else 0]
        each.append(predictor.decode(np.tile(z, (size, 1)), np.full(size, component))[0])
    order = np.argsort(-r)
    assert found.components == tuple(order[:2])
    wanted = (each[order[0]], np.tensordot(r.astype(np.float64), np.array(each), axes=1), each[order[1]])
    for pixels, image in zip(found.pixels, wanted, strict=True):
        assert pixels.shape == image.shape
        assert np.abs(pixels.astype(float) - 255 * image).max() <= 0.51


def test_the_kept_panel_and_the_model_give_the_same_images(bench: Workbench, model: ModelRecord) -> None:
    bundle = load(kept_of(bench, model.id)[2])
    images = images_of(bench, model.id)
    for at, position in enumerate(bundle.panel[:5]):
        found = model_side.reconstruct(bench, model.id, images[bundle.rows[position]])
        for mine, kept in (
            (found.selected, bundle.panel_selected), (found.weighted, bundle.panel_weighted), (found.runner_up, bundle.panel_runner_up),
        ):  # fmt: skip
            assert mine is not None
            assert np.abs(mine.astype(int) - kept[at]).max() <= 1


def test_without_components_there_is_one_reconstruction(bench: Workbench) -> None:
    values = {"prior_type": "standard", "hidden_dims": (8,), "max_epochs": 1}
    made = bench.models.create(actor=ME, family="rcmvae", model_type="rcmvae", dataset_id="digits", name="Plain", values=values)
    bench.runs.start(actor=ME, model_id=made.id)
    inline.work(bench)
    found = reconstructions_of(bench, made.id, int(bench.models.read(made).train[0]))
    assert (found.names, found.components) == (("weighted",), ())
    bundle = load(kept_of(bench, made.id)[2])
    again = model_side.reconstruct(bench, made.id, images_of(bench, made.id)[bundle.rows[bundle.panel[0]]])
    assert np.abs(again.weighted.astype(int) - bundle.panel_weighted[0]).max() <= 1


@pytest.fixture
def beside(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """The same workbench as a server has it."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}/src:{ROOT}")
    opened = Workbench.open(Settings.load(home=bench.settings.home), apart=True)
    yield opened
    opened.close()


def test_a_process_beside_the_server_gives_the_same_and_reads_no_data(beside: Workbench, bench: Workbench, model: ModelRecord) -> None:
    rows = bench.models.read(model).train[:3].tolist()
    make_ready(beside, model.id)
    for row in rows:
        mine, its = reconstructions_of(bench, model.id, row), reconstructions_of(beside, model.id, row)
        assert its.names == mine.names
        assert its.components == mine.components
        assert np.abs(its.pixels.astype(int) - mine.pixels).max() <= 1
    assert beside.apart is not None
    mine = beside.apart.call("tests.support.apart_calls:process", framework="jax")[0]
    assert mine != beside.apart.call("tests.support.apart_calls:process")[0]
    assert mine == beside.apart.call("tests.support.apart_calls:process", framework="jax")[0]
    assert beside.apart.call("tests.support.apart_calls:imported", "jax", framework="jax")
    assert not beside.apart.call("tests.support.apart_calls:imported", "jax")
    assert beside.apart.call("tests.support.apart_calls:variable", "JAX_COMPILATION_CACHE_DIR", framework="jax")
    assert psutil.pid_exists(mine)


def test_a_damaged_checkpoint_is_told_in_words_and_a_model_without_weights_has_none(bench: Workbench) -> None:
    made = bench.models.create(actor=ME, family="rcmvae", model_type="rcmvae", dataset_id="digits", name="Damaged", values=SMALL)
    row = int(bench.models.read(made).train[0])
    with pytest.raises(CommandError, match="no weights yet"):
        reconstructions_of(bench, made.id, row)
    bench.runs.start(actor=ME, model_id=made.id)
    inline.work(bench)
    weights = bench.models.get(made.id).weights
    assert weights is not None
    bench.artefacts.path(weights.path).write_bytes(b"torn")
    with pytest.raises(CommandError, match="damaged"):
        reconstructions_of(bench, made.id, row)
