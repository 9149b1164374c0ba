"""The Python API as a user meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rcmvae
from rcmvae.diagnostics.bundle import load as load_bundle
from rcmvae.training.errors import CheckpointError, TrainingError
from rcmvae.training.trainer import train
from tests.support.small_rcmvae import ARCHITECTURE, IMAGES, LABELS, SEEN, small_job
from workbench.fields import ConfigError
from workbench.runs.scripted import QuietReporter

TRAINING: dict[str, Any] = {"batch_size": 16, "labelled_batch_size": 6, "learning_rate": 1e-2, "max_epochs": 12, "dropout_rate": 0.0}


@pytest.fixture(scope="module")
def model() -> rcmvae.RCMVAE:
    fresh = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, seed=1, training=TRAINING)
    fresh.fit(IMAGES, SEEN)
    return fresh


def test_importing_the_package_imports_no_framework_and_unknown_names_are_errors() -> None:
    code = "import sys, rcmvae; assert not {'jax', 'flax', 'numpy'} & set(sys.modules); assert 'RCMVAE' in dir(rcmvae)"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'RCMVEA'"):
        rcmvae.RCMVEA  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


def test_a_fitted_model_predicts_classes_with_certainty_and_novelty(model: rcmvae.RCMVAE) -> None:
    found = model.predict(IMAGES)
    assert (found.classes == LABELS).mean() > 0.9
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(found.ood, 1 - found.certainty)
    assert found.responsibilities.shape == (48, 4)
    assert ((found.responsibility_entropy >= 0) & (found.responsibility_entropy <= np.log(4) + 1e-5)).all()
    assert np.array_equal(model.ood_score(IMAGES), found.ood)


def test_predictions_do_not_depend_on_the_batch_an_image_is_in(model: rcmvae.RCMVAE) -> None:
    np.testing.assert_allclose(model.predict(IMAGES).probabilities[30:37], model.predict(IMAGES[30:37]).probabilities, rtol=1e-5)


def test_novelty_may_be_blended_with_the_percentile_of_the_reconstruction_loss(model: rcmvae.RCMVAE) -> None:
    noise = np.random.default_rng(0).random((5, 8, 8, 1)).astype(np.float32)
    assert model.ood_score(noise, blend=1.0).min() > np.median(model.ood_score(IMAGES, blend=1.0))
    half = 0.5 * model.ood_score(noise) + 0.5 * model.ood_score(noise, blend=1.0)
    np.testing.assert_allclose(model.ood_score(noise, blend=0.5), half, rtol=1e-5)
    with pytest.raises(ValueError, match="blend"):
        model.ood_score(noise, blend=2.0)


def test_encode_decode_reconstruct_and_sample_have_their_shapes(model: rcmvae.RCMVAE) -> None:
    found = model.encode(IMAGES)
    assert found.mean.shape == found.log_var.shape == (48, 4, 2)
    assert found.mean_latent.shape == (48, 2)
    expected = (found.responsibilities[:, :, None] * found.mean).sum(axis=1)
    np.testing.assert_allclose(found.mean_latent, expected, rtol=1e-4, atol=1e-5)
    again = model.reconstruct(IMAGES)
    assert again.shape == IMAGES.shape
    assert np.abs(again - IMAGES).mean() < np.abs(IMAGES.mean(axis=0) - IMAGES).mean()
    best = found.responsibilities[7].argmax()
    np.testing.assert_allclose(model.decode(found.mean[7, best][None], component=int(best))[0], again[7], atol=1e-5)
    drawn = model.sample(6, 3)
    assert drawn.images.shape == (6, 8, 8, 1)
    assert drawn.images.min() >= 0
    assert drawn.images.max() <= 1
    assert np.array_equal(drawn.images, model.sample(6, 3).images)


def test_components_decode_differently_and_unknown_ones_are_refused(model: rcmvae.RCMVAE) -> None:
    z = np.zeros((1, 2))
    assert np.abs(model.decode(z, component=0) - model.decode(z, component=1)).max() > 1e-3
    with pytest.raises(ValueError, match="within 0 and 3"):
        model.decode(z, component=4)
    with pytest.raises(ValueError, match="shape"):
        model.decode(np.zeros((1, 3)))


def test_score_sums_up_accuracy_and_the_bound(model: rcmvae.RCMVAE) -> None:
    score = model.score(IMAGES, LABELS)
    assert score.accuracy == pytest.approx((model.predict(IMAGES).classes == LABELS).mean())
    assert score.elbo < -score.reconstruction_loss
    assert score.why == ""
    unknown = model.score(IMAGES)
    assert np.isnan(unknown.accuracy)
    assert "no label was given" in unknown.why


def test_score_of_a_model_that_saw_no_label_says_why_and_not_zero() -> None:
    blind = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, training={**TRAINING, "max_epochs": 1})
    blind.fit(IMAGES)
    score = blind.score(IMAGES, LABELS)
    assert np.isnan(score.accuracy)
    assert "saw no label" in score.why
    assert np.isfinite(score.elbo)


def test_uint8_images_mean_the_same_as_floats(model: rcmvae.RCMVAE) -> None:
    bytes_ = (IMAGES * 255).round().astype(np.uint8)
    np.testing.assert_allclose(model.predict(bytes_).probabilities, model.predict(bytes_ / 255.0).probabilities, atol=1e-4)
    np.testing.assert_allclose(model.predict(IMAGES[..., 0]).probabilities, model.predict(IMAGES).probabilities)


def test_a_saved_model_comes_back_whole(model: rcmvae.RCMVAE, tmp_path: Path) -> None:
    model.save(tmp_path / "model.msgpack")
    loaded = rcmvae.RCMVAE.load(tmp_path / "model.msgpack")
    assert loaded.architecture == model.architecture
    assert loaded.training == model.training
    assert loaded.life_epoch == model.life_epoch
    assert np.array_equal(loaded.predict(IMAGES).probabilities, model.predict(IMAGES).probabilities)
    assert np.array_equal(loaded.ood_score(IMAGES, blend=0.5), model.ood_score(IMAGES, blend=0.5))
    with pytest.raises(CheckpointError, match="missing"):
        rcmvae.RCMVAE.load(tmp_path / "other.msgpack")


def test_fitting_again_goes_on_and_settings_stay_changed() -> None:
    fresh = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, training={**TRAINING, "max_epochs": 2})
    seen: list[int] = []
    first = fresh.fit(IMAGES, SEEN, callbacks=[lambda report: seen.append(report.epoch)])
    assert seen == [1, 2]
    assert first.best_epoch is None
    second = fresh.fit(IMAGES, SEEN, training={"max_epochs": 3}, validation_images=IMAGES[:10], validation_labels=LABELS[:10])
    assert fresh.training.max_epochs == 3
    assert second.best_epoch is not None
    assert fresh.life_epoch == 2 + second.best_epoch
    assert "validation/accuracy" in second.history[0]


def test_a_callback_can_stop_the_fit() -> None:
    fresh = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, training={**TRAINING, "max_epochs": 9})
    result = fresh.fit(IMAGES, SEEN, callbacks=[lambda report: report.epoch == 2])
    assert (result.outcome, result.epochs) == ("stopped", 2)


def test_without_labels_no_class_is_named() -> None:
    fresh = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, training={**TRAINING, "max_epochs": 1})
    fresh.fit(IMAGES)
    found = fresh.predict(IMAGES)
    assert (found.classes == -1).all()
    np.testing.assert_allclose(found.probabilities, 1 / 3, rtol=1e-5)


@pytest.mark.parametrize("labelled", [0, 12])
@pytest.mark.parametrize("classifier", ["tau", "head", "standard prior"])
def test_a_run_s_own_checkpoint_predicts_what_the_run_predicted(tmp_path: Path, classifier: str, labelled: int) -> None:
    standard = {"prior_type": "standard", "num_components": "auto", "component_embedding_dim": "auto"}
    changes: dict[str, Any] = {"tau": {}, "head": {"use_tau_classifier": False}, "standard prior": standard}[classifier]
    job = small_job(tmp_path, sample={"num_labeled": labelled}, **changes)
    summary = train(job, QuietReporter())
    assert summary.bundle is not None
    bundle = load_bundle(summary.bundle)
    found = rcmvae.RCMVAE.load(summary.kept).predict(np.asarray(job.dataset.images)[bundle.rows])
    assert (found.classes >= 0).all() == (labelled > 0)
    np.testing.assert_array_equal(found.classes, bundle.predictions)
    np.testing.assert_allclose(found.probabilities, bundle.probabilities, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 9, 8, 1)), "must have shape"),
        (np.zeros((0, 8, 8, 1)), "no image"),
        (np.full((2, 8, 8, 1), np.nan), "NaN or infinity, first in image 0"),
        (np.full((2, 8, 8, 1), 3.0), "found 3 to 3"),
        (np.zeros((2, 8, 8, 1), np.int64), "uint8 or floating point"),
        (np.zeros(5), "must have shape"),
    ],
)
def test_bad_images_are_refused_in_words(model: rcmvae.RCMVAE, images: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.predict(images)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros(3, int), "one for each image"),
        (np.full(48, 3), "within 0 and 2"),
        (np.full(48, -2), "found -2"),
        (np.zeros(48), "whole numbers"),
    ],
)
def test_bad_labels_are_refused_in_words(model: rcmvae.RCMVAE, labels: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.fit(IMAGES, labels)


def test_a_bad_config_names_its_fields_and_an_unfitted_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="latent_dim"):
        rcmvae.RCMVAE.create({"latent_dim": 0}, input_shape=(8, 8, 1), num_classes=3)
    with pytest.raises(ConfigError, match="num_components"):
        rcmvae.RCMVAE.create({"num_component": 5}, input_shape=(8, 8, 1), num_classes=3)
    fresh = rcmvae.RCMVAE.create(input_shape=(8, 8, 1), num_classes=3)
    for ask in (lambda: fresh.predict(IMAGES), lambda: fresh.save(tmp_path / "x"), lambda: fresh.sample(1)):
        with pytest.raises(TrainingError, match="never fitted"):
            ask()
    assert not fresh.fitted


def test_a_training_edit_may_not_name_an_architecture_field(model: rcmvae.RCMVAE) -> None:
    with pytest.raises(ConfigError, match="latent_dim"):
        model.fit(IMAGES, SEEN, training={"latent_dim": 3})


def test_a_model_of_colour_images_of_odd_size_without_classes_works_too() -> None:
    images = np.random.default_rng(0).random((12, 9, 11, 3)).astype(np.float32)
    fresh = rcmvae.RCMVAE.create(
        {"prior_type": "standard", "encoder_type": "conv", "decoder_type": "conv", "conv_channels": (3, 4)},
        input_shape=(9, 11, 3), num_classes=0, training={"max_epochs": 1},
    )  # fmt: skip
    fresh.fit(images)
    found = fresh.predict(images)
    assert found.probabilities.shape == (12, 0)
    assert fresh.reconstruct(images).shape == images.shape
    assert fresh.sample(2).images.shape == (2, 9, 11, 3)


def test_another_tau_answers_until_the_next_fit_and_one_that_does_not_fit_is_refused() -> None:
    fresh = rcmvae.RCMVAE.create(ARCHITECTURE, input_shape=(8, 8, 1), num_classes=3, seed=1, training={**TRAINING, "max_epochs": 2})
    with pytest.raises(TrainingError, match="never fitted"):
        fresh.classify_by(np.full((4, 3), 1 / 3), ("a", "b", "c"))
    fresh.fit(IMAGES, SEEN)
    always_new = np.tile([0.1, 0.1, 0.1, 0.7], (4, 1))
    fresh.classify_by(always_new, ("a", "b", "c", "new"))
    assert (fresh.predict(IMAGES).classes == 3).all()
    assert fresh.class_names == ("a", "b", "c", "new")
    for wrong in (always_new[:3], always_new * 2, np.zeros((4, 4))):
        with pytest.raises(ValueError, match="tau"):
            fresh.classify_by(wrong, ("a", "b", "c", "new"))
    fresh.classify_by(np.full((4, 3), 1 / 3), ("a", "b", "c"))
    fresh.fit(IMAGES, SEEN)
    assert len(set(fresh.predict(IMAGES).classes.tolist())) > 1
