import dataclasses

import numpy as np
import pytest

from rcmvae.diagnostics import evaluate
from rcmvae.diagnostics.bundle import TEST, DiagnosticsBundle
from rcmvae.diagnostics.collect import collect
from tests.rcmvae.diagnostics import toy
from workbench.arrays import array_specs

fresh = toy.make.__wrapped__
"""Collects anew."""


def direct(bundle: DiagnosticsBundle, model: toy.ToyModel) -> np.ndarray:
    """Responsibilities of every image, computed in one call."""
    images, _ = toy.digits()
    whole = dataclasses.replace(model, batch_size=len(bundle.rows))
    return whole.evaluate(images[bundle.rows] / 255, bundle.rows, bundle.used_labels).responsibilities


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict:
    """The arguments `collect` was called with by `toy.make`."""
    seen: dict = {}

    def spy(model, data, arrays, histories, facts):
        seen.update(model=model, data=data, arrays=arrays, histories=histories, facts=facts)
        return collect(model, data, arrays, histories, facts)

    monkeypatch.setattr(toy, "collect", spy)
    return seen


@pytest.mark.parametrize("batch_size", [7, 64, 1000])
def test_padding_the_last_batch_changes_nothing(parts: dict, batch_size: int) -> None:
    bundle = fresh(n=130)
    model = dataclasses.replace(parts["model"], batch_size=batch_size)
    again = collect(model, parts["data"], parts["arrays"], parts["histories"], parts["facts"])
    assert len(again.rows) == 130
    np.testing.assert_allclose(again.responsibilities, direct(bundle, parts["model"]), atol=1e-6)
    np.testing.assert_allclose(again.losses, bundle.losses, rtol=1e-5)
    assert np.abs(again.panel_by_component.astype(int) - bundle.panel_by_component).max() <= 1


def test_the_same_arguments_give_the_same_bundle() -> None:
    first, second = fresh(n=150), fresh(n=150)
    for name in array_specs(DiagnosticsBundle):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)


def test_splits_rows_and_visible_labels_follow_the_sample() -> None:
    data, bundle = toy.sample_data(300, 50), toy.make(n=300, labelled=50)
    np.testing.assert_array_equal(bundle.rows[bundle.split == TEST], data.test)
    np.testing.assert_array_equal(np.bincount(bundle.split), [210, 30, 60])
    seen = bundle.used_labels >= 0
    assert set(bundle.rows[seen].tolist()) == set(data.labels)
    np.testing.assert_array_equal(bundle.used_labels[seen], bundle.true_labels[seen])


def test_certainty_is_the_largest_responsibility_times_its_largest_tau() -> None:
    bundle = toy.make(n=100)
    expected = [max(r[k] * max(bundle.tau[k]) for k in range(bundle.components)) for r in bundle.responsibilities]
    np.testing.assert_allclose(bundle.certainty, expected, rtol=1e-6)
    np.testing.assert_allclose(bundle.ood, 1 - np.array(expected), rtol=1e-4, atol=1e-6)


def test_with_the_head_certainty_is_the_largest_probability() -> None:
    bundle = toy.make(n=100, prior="standard")
    np.testing.assert_allclose(bundle.certainty, bundle.probabilities.max(axis=1))


def test_without_labels_nothing_is_predicted() -> None:
    bundle = toy.make(n=100, labelled=0)
    assert not bundle.has_labels
    assert (bundle.predictions == -1).all()
    assert np.isnan(bundle.certainty).all()
    assert np.isnan(bundle.ood).all()


def test_the_average_posterior_of_components_is_weighted_by_responsibility() -> None:
    bundle = toy.make(n=100, decentralized=True)
    np.testing.assert_array_equal(bundle.detail, np.arange(100))
    expected = np.einsum("nk,nkd->nd", bundle.responsibilities.astype(float), bundle.component_mu.astype(float))
    np.testing.assert_allclose(bundle.mu, expected, atol=1e-5)
    variance = np.einsum("nk,nkd->nd", bundle.responsibilities.astype(float), np.exp(bundle.component_log_var.astype(float)))
    np.testing.assert_allclose(np.exp(bundle.log_var), variance, rtol=1e-4)


def test_detail_is_limited_and_points_at_its_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "DETAIL_LIMIT", 40)
    bundle = fresh(n=150)
    assert len(bundle.detail) == len(set(bundle.detail.tolist())) == 40
    assert (np.diff(bundle.detail) > 0).all()
    np.testing.assert_array_equal(bundle.component_mu[:, 0], bundle.mu[bundle.detail])


def test_large_per_component_arrays_keep_fewer_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "DETAIL_VALUES", 12 * 2 * 30)
    assert len(fresh(n=150, decentralized=True).detail) == 30


def test_the_panel_shows_two_test_images_of_each_class() -> None:
    bundle = toy.make()
    assert (bundle.split[bundle.panel] == TEST).all()
    np.testing.assert_array_equal(bundle.true_labels[bundle.panel], np.repeat(np.arange(10), 2))
    np.testing.assert_array_equal(bundle.panel_images, toy.digits()[0][bundle.rows[bundle.panel]])


def test_selected_weighted_and_runner_up_are_made_of_the_components_images() -> None:
    bundle = toy.make(decentralized=True)
    r = bundle.responsibilities[bundle.panel]
    order = np.argsort(-r, axis=1)
    everything = np.arange(len(r))
    np.testing.assert_array_equal(bundle.panel_components, np.arange(12))
    np.testing.assert_array_equal(bundle.panel_selected, bundle.panel_by_component[everything, order[:, 0]])
    np.testing.assert_array_equal(bundle.panel_runner_up, bundle.panel_by_component[everything, order[:, 1]])
    weighted = np.einsum("pk,pkhwl->phwl", r.astype(float), bundle.panel_by_component.astype(float))
    assert np.abs(weighted - bundle.panel_weighted).max() <= 1.1


def test_without_components_one_decoder_fills_the_panel() -> None:
    bundle = toy.make(prior="standard")
    np.testing.assert_array_equal(bundle.panel_by_component[:, 0], bundle.panel_selected)
    np.testing.assert_array_equal(bundle.panel_weighted, bundle.panel_selected)
    assert not bundle.panel_runner_up.any()
    assert bundle.component_samples.shape[0] == 1


def test_the_walk_through_the_latent_space_exists_only_in_two_dimensions() -> None:
    assert toy.make(n=100).traversal.shape[:2] == (15, 15)
    assert toy.make(n=100, dims=3).traversal.shape[:2] == (0, 0)


def test_metrics_that_an_epoch_lacks_become_nan() -> None:
    history = toy.make(n=100).history("validation/classification_loss")
    assert history is not None
    assert np.isnan(history[::2]).all()
    assert np.isfinite(history[1::2]).all()
    assert toy.make(n=100).history("unknown") is None


def test_an_empty_sample_is_refused(parts: dict) -> None:
    fresh(n=100)
    none = np.zeros(0, np.int32)
    empty = dataclasses.replace(parts["data"], train=none, validation=none, test=none)
    with pytest.raises(ValueError, match="holds no image"):
        collect(parts["model"], empty, parts["arrays"], parts["histories"], parts["facts"])
