"""Replaying a run: its frames stand in the plane of the present weights, and the last of them where those place the images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from rcmvae.active.asking import kept_of
from rcmvae.diagnostics.bundle import TEST, load
from rcmvae.explore.epochs import frame, replays
from rcmvae.figures.cloud import in_cells, plane
from rcmvae.training import snapshots
from tests.rcmvae.explore.conftest import ME, SMALL
from tests.workbench.runs import inline
from workbench.commands.base import CommandError
from workbench.state import ModelRecord
from workbench.workbench import Workbench


@pytest.fixture(autouse=True, scope="module")
def always() -> Iterator[None]:
    """A snapshot after every epoch."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("BEGIN_SECONDS", 0.0), ("PAUSE_SECONDS", 0.0), ("SHARE", 1e9)):
            patch.setattr(snapshots, name, value)
        yield


def train(bench: Workbench, name: str, **changes: object) -> ModelRecord:
    """A model without validation images, whose kept weights are those of its last epoch."""
    made = bench.models.create(
        actor=ME, family="rcmvae", model_type="rcmvae", dataset_id="digits", name=name, values={**SMALL, "max_epochs": 4, **changes},
        sample={"num_samples": 200, "num_labeled": 60, "val_split": 0.0},
    )  # fmt: skip
    again(bench, made)
    return bench.models.get(made.id)


def again(bench: Workbench, model: ModelRecord) -> None:
    bench.runs.start(actor=ME, model_id=model.id)
    inline.work(bench)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 6])
def test_the_last_frame_stands_where_the_kept_weights_place_the_images(bench: Workbench, dimensions: int) -> None:
    model = train(bench, f"D {dimensions}", latent_dim=dimensions)
    (told,) = replays(bench, model.id)
    assert (told["epochs"], told["active"], told["total"]) == ([1, 2, 3, 4], False, 4)
    found = frame(bench, model.id, told["run"], 4)
    bundle = load(kept_of(bench, model.id)[2])
    inside = np.flatnonzero(bundle.split != TEST)
    x, y, _ = plane(bundle.mu[inside], np.random.default_rng(0))
    where = {int(row): at for at, row in enumerate(bundle.rows[inside])}
    at = [where[int(row)] for row in found.rows]
    size = np.ptp(np.concatenate([x, y]))
    assert np.abs(found.x - x[at]).max() < 0.02 * size
    assert np.abs(found.y - y[at]).max() < 0.02 * size
    assert found.predicted.tolist() == bundle.predictions[inside][at].tolist()
    assert (found.meta["shown"], found.meta["images"], found.meta["epoch"]) == (200, 200, 4)


def test_a_run_that_goes_on_begins_where_the_one_before_ended(bench: Workbench) -> None:
    model = train(bench, "Twice", latent_dim=5)
    before = frame(bench, model.id, replays(bench, model.id)[0]["run"], 4)
    again(bench, model)
    second, first = replays(bench, model.id)
    assert (second["number"], first["epochs"]) == (first["number"] + 1, [1, 2, 3, 4])
    start, end = (frame(bench, model.id, second["run"], epoch) for epoch in (1, 4))
    assert np.array_equal(start.rows, before.rows)
    # the present weights are the second run's by now: its last frame lies where they place the images
    bundle = load(kept_of(bench, model.id)[2])
    where = {int(row): at for at, row in enumerate(bundle.rows)}
    inside = np.flatnonzero(bundle.split != TEST)
    x, _, _ = plane(bundle.mu[inside], np.random.default_rng(0))
    at = [int(np.flatnonzero(inside == where[int(row)])[0]) for row in end.rows]
    assert np.abs(end.x - x[at]).max() < 0.02 * np.ptp(x)


def test_components_with_spaces_of_their_own_have_the_cells_of_the_kept_weights(bench: Workbench) -> None:
    model = train(bench, "Apart", latent_dim=2, latent_layout="decentralized")
    found = frame(bench, model.id, replays(bench, model.id)[0]["run"], 4)
    bundle = load(kept_of(bench, model.id)[2])
    own = bundle.selected[bundle.detail]
    wanted = in_cells(own, bundle.component_mu[np.arange(len(own)), own], bundle.components, np.random.default_rng(0))
    where = {int(bundle.rows[position]): at for at, position in enumerate(bundle.detail)}
    at = [where[int(row)] for row in found.rows]
    assert np.abs(found.x - wanted.x[at]).max() < 0.02
    assert np.abs(found.y - wanted.y[at]).max() < 0.02
    assert [cell["name"] for cell in found.meta["cells"]] == [cell.name for cell in wanted.cells]
    early = frame(bench, model.id, replays(bench, model.id)[0]["run"], 1)
    cells = {int(cell["name"]): cell for cell in early.meta["cells"]}
    for x, y, component in zip(early.x, early.y, early.component, strict=True):
        cell = cells[int(component)]
        assert abs(x - cell["x"]) <= cell["half"]
        assert abs(y - cell["y"]) <= cell["half"]


def test_a_first_run_under_way_is_followed_without_kept_weights(bench: Workbench) -> None:
    made = bench.models.create(
        actor=ME,
        family="rcmvae",
        model_type="rcmvae",
        dataset_id="digits",
        name="First",
        values={**SMALL, "latent_dim": 2, "max_epochs": 2},
    )
    assert replays(bench, made.id) == []
    bench.runs.start(actor=ME, model_id=made.id)
    (told,) = replays(bench, made.id)
    assert (told["active"], told["epochs"]) == (True, [])
    inline.work(bench)


def test_what_was_not_kept_and_what_is_damaged_is_said_in_words(bench: Workbench, model: ModelRecord) -> None:
    for run, epoch in (("run_none", 1), (replays(bench, model.id)[0]["run"], 99)):
        with pytest.raises(CommandError, match="was not kept"):
            frame(bench, model.id, run, epoch)
    other = train(bench, f"Beside {model.name}", latent_dim=2)
    theirs = replays(bench, other.id)[0]["run"]
    with pytest.raises(CommandError, match="was not kept"):
        frame(bench, model.id, theirs, 1)
    bench.artefacts.path(f"runs/{theirs}/attempt-1/epochs/000002.npz").write_bytes(b"torn")
    with pytest.raises(ValueError, match="not a readable array file"):
        frame(bench, other.id, theirs, 2)
