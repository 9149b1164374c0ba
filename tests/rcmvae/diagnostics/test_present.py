"""Kept diagnostics under today's labels and the blend chosen on the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rcmvae.diagnostics.bundle import TRAIN, VALIDATION, DiagnosticsBundle
from rcmvae.diagnostics.metrics import compute
from rcmvae.diagnostics.present import present
from rcmvae.diagnostics.today import Today
from rcmvae.figures.registry import FIGURES
from rcmvae.recount import labels_of, recount
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, notes, plotted
from workbench.arrays import array_specs

TAU = {"tau_smoothing_alpha": 0.01, "tau_claim_strength": 1.0, "use_tau_classifier": True}
RECOUNTED = {"facts", "used_labels", "claims", "probabilities", "predictions", "certainty", "ood", "tau", "tau_counts", "losses"}


@pytest.fixture(scope="module")
def bundle() -> DiagnosticsBundle:
    return toy.make(n=300, labelled=60)


def known(bundle: DiagnosticsBundle) -> dict[int, int]:
    seen = bundle.used_labels >= 0
    return dict(zip(bundle.rows[seen].tolist(), bundle.used_labels[seen].tolist(), strict=True))


def swapped(bundle: DiagnosticsBundle) -> dict[int, int]:
    """Two classes take each other's labels."""
    other = {3: 5, 5: 3}
    return {row: other.get(label, label) for row, label in known(bundle).items()}


def figure(name: str, bundle: DiagnosticsBundle):
    return next(f for f in FIGURES if f.name == name).draw.load()(bundle)


def test_the_labels_of_the_run_leave_it_as_it_was_kept(bundle: DiagnosticsBundle) -> None:
    for today in (Today(), Today(known(bundle), bundle.facts.class_names, TAU)):
        shown = present(bundle, today)
        assert shown.bundle is bundle
        assert shown.note is None


def test_changed_labels_change_tau_and_all_that_follows_from_it_and_nothing_else(bundle: DiagnosticsBundle) -> None:
    labels = swapped(bundle)
    shown = present(bundle, Today(labels, bundle.facts.class_names, TAU, run="run #3"))
    changed = sum(labels[row] != label for row, label in known(bundle).items())
    assert shown.note == f"tau recounted with {changed} labels changed since run #3"
    now: DiagnosticsBundle = shown.bundle
    same = [n for n in array_specs(DiagnosticsBundle) if n not in RECOUNTED]
    assert all(np.shares_memory(getattr(now, n), getattr(bundle, n)) or not getattr(now, n).size for n in same)
    expected = recount(
        bundle.responsibilities, labels_of(bundle.rows, labels), bundle.split == TRAIN, bundle.claims, 10, alpha=0.01, claim=1.0
    )  # fmt: skip
    np.testing.assert_array_equal(now.tau, expected.tau)
    np.testing.assert_array_equal(now.predictions, expected.predictions)
    np.testing.assert_allclose(now.ood, 1 - now.certainty)
    loss = now.loss("classification_loss")
    assert loss is not None
    seen = now.used_labels >= 0
    np.testing.assert_allclose(loss[seen], -np.log(expected.probabilities[seen, now.used_labels[seen]]), rtol=1e-5)
    assert np.isnan(loss[~seen]).all()
    for name in ("tau_heatmap", "confusion", "certainty", "reliability", "latent_by_certainty", "ood_histogram", "per_class_accuracy"):
        assert plotted(figure(name, now)) != plotted(figure(name, bundle)), name
    for name in ("loss_curves", "component_samples", "usage_evolution", "component_kl", "channel_ownership"):
        assert plotted(figure(name, now)) == plotted(figure(name, bundle)), name
    before, after = compute(bundle), compute(now)
    assert after["classification"]["accuracy"]["value"] < before["classification"]["accuracy"]["value"]
    assert after["classification"]["accuracy_all"]["value"] < before["classification"]["accuracy_all"]["value"]
    assert after["training"]["elbo"] == before["training"]["elbo"]


def test_going_back_to_the_labels_of_the_run_brings_its_numbers_back(bundle: DiagnosticsBundle) -> None:
    turned = present(bundle, Today(swapped(bundle), None, TAU)).bundle
    back = present(turned, Today(known(bundle), None, TAU)).bundle
    np.testing.assert_allclose(back.tau, bundle.tau, rtol=1e-5)
    np.testing.assert_allclose(back.certainty, bundle.certainty, rtol=1e-5)
    np.testing.assert_array_equal(back.predictions, bundle.predictions)


def test_cleared_labels_leave_no_trace(bundle: DiagnosticsBundle) -> None:
    shown = present(bundle, Today({}, bundle.facts.class_names, TAU))
    now: DiagnosticsBundle = shown.bundle
    assert not now.has_labels
    assert (now.predictions == -1).all()
    np.testing.assert_allclose(now.tau, 0.1, rtol=1e-6)
    assert "No labels yet" in notes(figure("tau_heatmap", now))
    assert compute(now)["classification"]["accuracy"]["state"] == "skipped"


def test_a_class_added_since_is_counted_and_one_taken_back_is_forgotten(bundle: DiagnosticsBundle) -> None:
    names = (*bundle.facts.class_names, "new")
    labels = known(bundle) | dict.fromkeys(list(known(bundle))[:8], 10)
    shown = present(bundle, Today(labels, names, TAU, run="run #1"))
    assert shown.note == "tau recounted with 8 labels changed and 1 class added since run #1"
    assert shown.bundle.tau.shape == (12, 11)
    assert "new" in layout(figure("tau_heatmap", shown.bundle))["yaxis"]["ticktext"]
    for drawn in FIGURES:
        drawn.draw.load()(shown.bundle)
    fewer = present(bundle, Today({}, bundle.facts.class_names[:9], TAU)).bundle
    assert fewer.tau.shape == (12, 9)
    assert fewer.claims.max() == 8


def test_the_first_classes_of_a_model_without_any_are_known_at_once() -> None:
    bundle = toy.make(n=200, labelled=0)
    facts = replace(bundle.facts, classifier="none", class_names=())
    bare = replace(
        bundle, facts=facts, probabilities=bundle.probabilities[:, :0], tau=bundle.tau[:, :0], tau_counts=bundle.tau_counts[:, :0],
        true_labels=np.full_like(bundle.true_labels, -1),
    )  # fmt: skip
    labels = {int(row): n % 2 for n, row in enumerate(bare.rows[bare.split == TRAIN][:20])}
    assert present(bare, Today({}, (), TAU)).note is None
    now = present(bare, Today(labels, ("left", "right"), TAU)).bundle
    assert now.facts.classifier == "tau"
    assert now.has_labels
    assert set(now.predictions) == {0, 1}
    assert present(bare, Today(labels, ("left", "right"), {**TAU, "use_tau_classifier": False})).bundle is bare


def test_a_head_keeps_its_answers_and_says_when_it_learns() -> None:
    bundle = toy.make(n=200, labelled=40, prior="standard")
    shown = present(bundle, Today(swapped(bundle), bundle.facts.class_names, {**TAU, "use_tau_classifier": False}, run="run #2"))
    assert shown.bundle is bundle
    assert shown.note is not None
    assert shown.note.endswith("labels changed since run #2: the head learns them when the model is trained again")
    assert present(bundle, Today(known(bundle), None, {})).note is None


def test_the_blend_mixes_the_percentile_of_the_reconstruction_into_the_ood_score_alone(bundle: DiagnosticsBundle) -> None:
    now: DiagnosticsBundle = present(bundle, Today(), {"blend": 0.25}).bundle
    losses = bundle.loss("reconstruction_loss")
    assert losses is not None
    share = np.array([(losses[bundle.split == VALIDATION] <= value).mean() for value in losses])
    np.testing.assert_allclose(now.ood, 0.75 * (1 - bundle.certainty) + 0.25 * share, rtol=1e-5)
    np.testing.assert_array_equal(now.certainty, bundle.certainty)
    title = layout(figure("ood_histogram", now))["xaxis"]["title"]["text"]
    assert title == "OOD score (75% of 1 - certainty, 25% of the reconstruction's percentile)"
    assert layout(figure("ood_histogram", bundle))["xaxis"]["title"]["text"] == "OOD score (1 - certainty)"
    changed = {f.name for f in FIGURES if plotted(f.draw.load()(now)) != plotted(f.draw.load()(bundle))}
    assert changed == {f.name for f in FIGURES if "blend" in f.dials} == {"latent_by_ood", "ood_histogram"}
    with pytest.raises(ValueError, match="blend"):
        present(bundle, Today(), {"blend": 1.5})


def test_where_certainty_is_shown_the_cap_of_shared_classes_is_said() -> None:
    for name in ("certainty", "tau_heatmap", "latent_by_certainty"):
        assert "1/3" in next(f for f in FIGURES if f.name == name).look_for
