"""A VampPrior's pseudo-images: where they start, how far they move, and that they start once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from rcmvae.training.checkpoint import Identity, load
from rcmvae.training.errors import TrainingError
from rcmvae.training.optimiser import PSEUDO
from rcmvae.training.pseudo_images import pseudo_images
from rcmvae.training.trainer import recipe_of_job, train
from tests.support.small_rcmvae import blobs, small_data, small_job, started
from workbench.runs.scripted import QuietReporter

VAMP: dict[str, Any] = {"prior_type": "vamp", "component_embedding_dim": "auto"}
IMAGES, LABELS = blobs(60)


def test_random_ones_are_distinct_training_images_and_follow_the_seed() -> None:
    twice = np.concatenate([IMAGES[:5]] * 4)
    found = pseudo_images(twice, 5, 0, "random")
    assert {image.tobytes() for image in found.astype(np.float32)} == {image.tobytes() for image in IMAGES[:5]}
    assert not np.array_equal(pseudo_images(IMAGES, 5, 0, "random"), pseudo_images(IMAGES, 5, 1, "random"))


def test_k_means_centres_are_the_means_of_the_images_around_them() -> None:
    found = pseudo_images(IMAGES, 3, 0, "kmeans").reshape(3, -1)
    flat = IMAGES.reshape(60, -1)
    nearest = ((flat[:, None] - found[None]) ** 2).sum(axis=-1).argmin(axis=1)
    for k in range(3):
        np.testing.assert_allclose(found[k], flat[nearest == k].mean(axis=0), atol=1e-5)
    # blobs of three classes are three clusters
    assert all(len(set(LABELS[nearest == k])) == 1 for k in range(3))


def test_bytes_become_shares() -> None:
    found = pseudo_images((IMAGES * 255).astype(np.uint8), 4, 0, "random")
    assert found.max() <= 1.0


def test_fewer_distinct_images_than_components_are_refused_in_words() -> None:
    with pytest.raises(TrainingError, match=r"num_components=4 needs as many distinct training images.* there are 2"):
        pseudo_images(np.concatenate([IMAGES[:2]] * 9), 4, 0, "kmeans")


@pytest.mark.parametrize("method", ["random", "kmeans"])
def test_the_first_run_starts_them_from_data_within_the_margins(method: str) -> None:
    _, state = started(**VAMP, vamp_pseudo_init_method=method)
    pixels = scipy.special.expit(np.asarray(state.parameters[PSEUDO]))
    assert int(state.prior_ready) == 1
    assert pixels.min() >= 0.01 - 1e-6
    assert pixels.max() <= 0.99 + 1e-6
    data = small_data()
    expected = np.clip(pseudo_images(data.images, 4, 42, method), 0.01, 0.99)
    np.testing.assert_allclose(pixels, expected, atol=1e-5)


def test_they_move_a_tenth_as_far_as_other_parameters_would() -> None:
    moved = []
    for scale in (1.0, 0.1):
        engine, state = started(**VAMP, vamp_pseudo_lr_scale=scale, dropout_rate=0.0)
        before = np.asarray(state.parameters[PSEUDO])
        data, first = engine._chunk_arrays(engine.functions.order(state.key, state.life_epoch), engine._labelled_order(state, 0), 0, 1)
        state = engine.functions.chunk(state, data, jnp.int32(first), jnp.int32(first + 1))
        moved.append(np.asarray(state.parameters[PSEUDO]) - before)
    assert np.abs(moved[0]).max() > 1e-4
    ratio = np.linalg.norm(moved[1]) / np.linalg.norm(moved[0])
    assert ratio == pytest.approx(0.1, rel=0.01)


def test_a_second_run_keeps_what_they_have_become(tmp_path: Path) -> None:
    job = small_job(tmp_path / "one", **VAMP)
    first = train(job, QuietReporter())
    identity = Identity(job.architecture, job.training, job.resolved, job.fingerprint, job.dataset_sha256)
    plan = recipe_of_job(job).plan
    kept = load(first.kept, plan, identity).state
    assert int(kept.prior_ready) == 1
    again = small_job(tmp_path / "two", **VAMP, learning_rate=1e-9, random_seed=7, job={"start_from": first.kept})
    second = train(again, QuietReporter())
    other = load(second.kept, plan, identity).state
    np.testing.assert_allclose(other.parameters[PSEUDO], kept.parameters[PSEUDO], atol=1e-5)
