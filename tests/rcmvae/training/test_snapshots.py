"""Where images stand after epochs: the right places, what they may cost, and that training does not notice."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.linalg

from rcmvae.diagnostics.bundle import TEST, DiagnosticsBundle
from rcmvae.diagnostics.bundle import load as load_bundle
from rcmvae.snapshots import flattened, read_snapshot, snapshots_in, turn
from rcmvae.training import snapshots
from rcmvae.training.codec import read
from rcmvae.training.snapshots import Snapshots
from rcmvae.training.trainer import train
from tests.rcmvae.training.test_trainer import Dying, same
from tests.support.small_rcmvae import small_data, small_job, started
from workbench.runs.job import LeaseLost
from workbench.runs.scripted import QuietReporter


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot after every epoch, whatever it costs."""
    monkeypatch.setattr(snapshots, "BEGIN_SECONDS", 0.0)
    monkeypatch.setattr(snapshots, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(snapshots, "SHARE", 1e9)


def last(folder: Path) -> Path:
    return next((folder / "checkpoints").glob("*.msgpack"))


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("changes", [{}, {"curriculum_enabled": True, "curriculum_patience": 1}])
def test_training_is_the_same_bit_for_bit_with_and_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    values: dict[str, Any] = {"max_epochs": 4, "dropout_rate": 0.2, **changes}
    sample = {"val_split": 0.2 if changes else 0.0}
    watched = train(small_job(tmp_path / "with", sample=sample, **values), QuietReporter())
    assert len(snapshots_in(tmp_path / "with")) == 4
    monkeypatch.setattr(snapshots, "BEGIN_SECONDS", np.inf)
    alone = train(small_job(tmp_path / "without", sample=sample, **values), QuietReporter())
    assert snapshots_in(tmp_path / "without") == {}
    assert same(watched.kept, alone.kept)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize(
    "changes",
    [
        {"latent_dim": 2},
        {"latent_dim": 1},
        {"latent_dim": 2, "latent_layout": "decentralized"},
        {"latent_dim": 2, "prior_type": "standard", "num_components": "auto", "component_embedding_dim": "auto"},
    ],
    ids=["two", "one", "apart", "plain"],
)
def test_places_predictions_and_components_are_those_of_the_weights(tmp_path: Path, changes: dict[str, Any]) -> None:
    job = small_job(tmp_path, sample={"val_split": 0.0}, **changes)
    summary = train(job, QuietReporter())
    taken = read_snapshot(snapshots_in(tmp_path)[3])
    assert summary.bundle is not None
    bundle: DiagnosticsBundle = load_bundle(summary.bundle)
    assert sorted(taken.rows.tolist()) == sorted(bundle.rows[bundle.split != TEST].tolist())
    at = np.array([int(np.flatnonzero(bundle.rows == row)[0]) for row in taken.rows])
    assert taken.predicted.tolist() == bundle.predictions[at].tolist()
    if bundle.components:
        assert taken.component.tolist() == bundle.selected[at].tolist()
    else:
        assert set(taken.component.tolist()) == {-1}
    own = bundle.selected[at] if bundle.component_mu.shape[1] > 1 else np.zeros(len(at), int)
    wanted = bundle.component_mu[at, own]
    assert np.allclose(taken.places[:, : wanted.shape[1]], wanted, atol=2e-3, rtol=2e-3)


def test_many_dimensions_are_seen_along_their_principal_axes_and_turned_as_little_as_can_be() -> None:
    rng = np.random.default_rng(3)
    means = rng.normal(size=(200, 5)) * [1.0, 4.0, 0.5, 2.0, 0.1] + 7
    flat = flattened(means.astype(np.float32))
    left, lengths, _ = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)
    for axis in range(2):
        wanted = left[:, axis] * lengths[axis]
        assert min(np.abs(flat[:, axis] - wanted).max(), np.abs(flat[:, axis] + wanted).max()) < 1e-4
    before = flat @ np.array([[0.0, -1.0], [-1.0, 0.0]]) + 0.01 * rng.normal(size=flat.shape)
    rotation, _ = scipy.linalg.orthogonal_procrustes(flat, before - before.mean(axis=0))
    assert np.allclose(turn(flat, before), rotation)


@pytest.mark.usefixtures("always")
def test_a_resumed_run_goes_on_with_the_same_images_and_ends_as_one_that_was_never_interrupted(tmp_path: Path) -> None:
    changes: dict[str, Any] = {"max_epochs": 6, "latent_dim": 4, "checkpoint_every_epochs": 2}
    train(small_job(tmp_path / "whole", **changes), QuietReporter())
    with pytest.raises(LeaseLost):
        train(small_job(tmp_path / "first", **changes), Dying(3))
    checkpoint = max((tmp_path / "first" / "checkpoints").glob("last-*"), default=None) or last(tmp_path / "first")
    done = int(read(checkpoint).arrays["run_epoch"])
    train(small_job(tmp_path / "second", job={"resume_from": checkpoint}, **changes), QuietReporter())
    whole, resumed = snapshots_in(tmp_path / "whole"), snapshots_in(tmp_path / "second")
    assert list(resumed) == list(whole) == [1, 2, 3, 4, 5, 6]
    assert 0 < done < 6
    for epoch, path in resumed.items():
        mine, other = read_snapshot(path), read_snapshot(whole[epoch])
        assert np.array_equal(mine.rows, other.rows)
        assert np.allclose(mine.places, other.places, atol=5e-3)


class Clock:
    """Every look at it takes `step` seconds."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_they_cost_at_most_their_share_of_the_training_time_and_none_is_taken_of_a_short_run(tmp_path: Path) -> None:
    data = small_data(count=900, labelled=30, validation=100)
    engine, state = started(data)
    clock = Clock(0.4)
    taker = Snapshots(tmp_path, engine.recipe, data, clock=clock)
    taken = []
    for epoch in range(1, 201):
        before = clock.now
        assert taker.after(state, epoch, 0.25 * epoch) is None
        if clock.now > before:
            taken.append(epoch)
    assert min(taken) * 0.25 >= snapshots.BEGIN_SECONDS
    # each takes 0.4 s by that clock: 3 % of 50 s pay for three of them
    assert len(taken) == 3
    assert len(read_snapshot(snapshots_in(tmp_path)[taken[-1]]).rows) == snapshots.LEAST_IMAGES
    rows = read_snapshot(snapshots_in(tmp_path)[taken[0]]).rows
    assert set(data.rows[data.labelled].tolist()) <= set(rows.tolist())
    quick = Snapshots(tmp_path / "quick", engine.recipe, data, clock=Clock(1e-6))
    quick.after(state, 1, 9.0)  # with the compilation
    quick.after(state, 7, 9.0 + snapshots.BEGIN_SECONDS - 0.01)
    assert snapshots_in(tmp_path / "quick") == {}
    quick.after(state, 8, 9.0 + snapshots.BEGIN_SECONDS)
    assert len(read_snapshot(snapshots_in(tmp_path / "quick")[8]).rows) == 1000


@pytest.mark.usefixtures("always")
def test_a_long_run_keeps_a_thinned_history_with_the_newest(tmp_path: Path) -> None:
    data = small_data()
    engine, state = started(data)
    taker = Snapshots(tmp_path, engine.recipe, data)
    for epoch in range(1, 302):
        taker.after(state, epoch, float(epoch))
        kept = list(snapshots_in(tmp_path))
        assert kept[-1] == epoch
        assert len(kept) <= snapshots.MOST_EPOCHS
    gaps = np.diff(kept[:-1])
    assert set(gaps.tolist()) == {8}
    assert kept[0] == 1


@pytest.mark.usefixtures("always")
def test_a_full_disk_ends_the_snapshots_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(snapshots.np, "savez", full)
    reporter = QuietReporter()
    summary = train(small_job(tmp_path), reporter)
    assert summary.outcome == "completed"
    told = [message for level, message in reporter.logs if level == "warning" and "cannot be replayed" in message]
    assert len(told) == 1
    assert "disk is full" in told[0].lower()
