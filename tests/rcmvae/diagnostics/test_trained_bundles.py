"""Bundles of really trained models of every prior and routing: each metric and each figure answers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rcmvae.diagnostics.bundle import TRAIN, DiagnosticsBundle, load
from rcmvae.diagnostics.metrics import METRICS, compute
from rcmvae.diagnostics.metrics.routing import gumbel_weights
from rcmvae.figures.registry import FIGURES
from rcmvae.training.task import Task
from rcmvae.training.trainer import train
from tests.rcmvae.figures.reading import notes, traces
from tests.support.records import knowing
from tests.support.small_rcmvae import small_dataset, small_job
from workbench.runs.scripted import QuietReporter

KINDS: dict[str, dict[str, Any]] = {
    "vamp": {"prior_type": "vamp", "component_embedding_dim": "auto"},
    "geometric shared": {"prior_type": "geometric_mog", "decoder_conditioning": "film"},
    "geometric decentralized": {"prior_type": "geometric_mog", "latent_layout": "decentralized", "latent_dim": 3},
    "straight-through, top 2": {
        "decoder_conditioning": "film", "latent_layout": "decentralized", "use_gumbel_softmax": True, "top_m_gating": 2,
        "gumbel_temperature": 2.0, "gumbel_temperature_min": 0.5, "gumbel_temperature_anneal_epochs": 4,
        "gumbel_temperature_schedule": "linear",
    },
    "standard": {"prior_type": "standard", "num_components": "auto", "component_embedding_dim": "auto"},
    "head": {"use_tau_classifier": False},
    "heteroscedastic": {"reconstruction_loss": "mse", "use_heteroscedastic_decoder": True},
    "curriculum": {
        "decoder_conditioning": "film", "curriculum_enabled": True, "curriculum_start": 1, "curriculum_patience": 1, "curriculum_cooldown": 0,
        "curriculum_min_delta": 10.0, "max_epochs": 5,
    },
    "labels added": {},
}  # fmt: skip


JUDGED = ("channel_ownership", "confusion", "per_class_accuracy", "certainty", "reliability")
"""Figures that compare with known classes: those of labelled validation images, where the data has none."""


@cache
def trained(kind: str, tmp: Any) -> tuple[DiagnosticsBundle, dict[str, Any]]:
    """A bundle, and the values that decide which figures apply."""
    folder = tmp / kind.replace(" ", "_")
    job = unlabelled_job(folder) if kind == "labels added" else small_job(folder, **KINDS[kind])
    summary = train(job, QuietReporter())
    assert summary.bundle is not None
    return load(summary.bundle), dict(job.resolved)


def unlabelled_job(folder: Any) -> Task:
    """A job of a model that was created on data without classes, two of which people have named since."""
    known = small_dataset()
    manifest = known.manifest.model_copy(update={"about": {**known.manifest.about, "class_names": []}})
    dataset = replace(known, true_labels=np.full(len(known.images), -1, np.int32), manifest=manifest)
    bare = small_job(folder, dataset=dataset, sample={"num_labeled": 0})
    rows = np.concatenate([bare.sample["train"][:12], bare.sample["validation"][:4]])
    return replace(bare, class_names=("left", "right"), labels={int(row): int(row) % 2 for row in rows})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("runs")


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_of_a_trained_model_answers(kind: str, folder: Any) -> None:
    summary = compute(trained(kind, folder)[0])
    for metric in METRICS:
        record = summary[metric.group][metric.name]
        assert record["state"] in {"success", "disabled", "skipped"}, (metric.name, record)
        assert (record["reason"] is None) == (record["state"] == "success")


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_that_applies_draws_and_every_other_says_why(kind: str, folder: Any) -> None:
    bundle, resolved = trained(kind, folder)
    for figure in FIGURES:
        drawn = figure.draw.load()(bundle)
        assert isinstance(drawn, go.Figure)
        if figure.applies(resolved, knowing(bundle.classes)) is None:
            assert traces(drawn), f"{figure.name}: {notes(drawn)}"


def test_labels_added_to_data_without_classes_bring_the_figures_of_classes(folder: Any) -> None:
    bundle, resolved = trained("labels added", folder)
    assert resolved["num_classes"] == 0
    by_name = {figure.name: figure for figure in FIGURES}
    assert by_name["tau_heatmap"].applies(resolved, knowing(0)) == "the model knows no class yet"
    for name in ("accuracy_curve", "latent_by_class", "latent_by_certainty", "latent_by_ood", "tau_heatmap", "ood_histogram"):
        assert by_name[name].applies(resolved, knowing(bundle.classes)) is None
        assert traces(by_name[name].draw.load()(bundle)), name
    unlabelled = replace(bundle, used_labels=np.where(bundle.split == TRAIN, bundle.used_labels, -1))
    for name in JUDGED:
        assert by_name[name].applies(resolved, knowing(bundle.classes)) is None
        assert traces(by_name[name].draw.load()(bundle)), name
        assert "The class of no held-out image is known" in notes(by_name[name].draw.load()(unlabelled)).replace("<br>", " "), name


@pytest.mark.parametrize("every", [0, 1])
def test_the_summary_counts_what_the_curriculum_opened_logged_or_not(every: int, tmp_path: Path) -> None:
    changes = {**KINDS["curriculum"], "mixture_history_log_every": every}
    first = train(small_job(tmp_path / "1", **changes), QuietReporter())
    found = first.metrics["mixture"]
    # of five epochs the second and the fourth ended with another component open
    assert (found["k_active"]["value"], found["unlocks"]["value"]) == (3, 2)
    assert first.bundle is not None
    bundle = load(first.bundle)
    assert bundle.active.tolist() == [True, True, True, False]
    assert bundle.facts.open_components == (0, 1, 2)
    words = notes(next(f for f in FIGURES if f.name == "active_channels").draw.load()(bundle))
    assert ("not logged" in words) == (every == 0)
    # what an earlier run opened stays open, and is not counted again
    job = small_job(tmp_path / "2", job={"start_from": first.kept}, **{**changes, "curriculum_patience": 50, "max_epochs": 1})
    found = train(job, QuietReporter()).metrics["mixture"]
    assert (found["k_active"]["value"], found["unlocks"]["value"]) == (3, 0)


def test_a_geometric_prior_has_one_posterior_but_a_kl_for_every_component(folder: Any) -> None:
    bundle, _ = trained("geometric shared", folder)
    m = len(bundle.detail)
    assert bundle.component_mu.shape == (m, 1, 2)
    mu, log_var = (np.asarray(a, float) for a in (bundle.component_mu, bundle.component_log_var))
    centres = 2.0 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    np.testing.assert_allclose(bundle.centres, centres, atol=1e-6)
    expected = 0.5 * ((mu - centres) ** 2 + np.exp(log_var) - 1 - log_var).sum(axis=2)
    np.testing.assert_allclose(bundle.component_kl, expected, rtol=1e-4)
    found = compute(bundle)["routing_metrics"]["component_kl"]["value"]
    r = bundle.responsibilities[bundle.detail].astype(float)
    means = (r * expected).sum(axis=0) / r.sum(axis=0)
    assert found["max"] == pytest.approx(means.max(), rel=1e-4)
    whole = bundle.loss("kl_z")
    assert whole is not None
    np.testing.assert_allclose(whole[bundle.detail], (r * expected).sum(axis=1), rtol=1e-4)


def test_a_vamp_bundle_holds_its_pseudo_images(folder: Any) -> None:
    bundle, _ = trained("vamp", folder)
    assert bundle.pseudo_images.shape == (4, 8, 8, 1)
    assert bundle.pseudo_images.max() > 100
    assert bundle.centres.shape == (0, 2)


def test_hardness_with_noise_is_measured_at_the_run_s_last_temperature(folder: Any) -> None:
    bundle, _ = trained("straight-through, top 2", folder)
    last = 2.0 + (0.5 - 2.0) * 2 / 4
    assert bundle.facts.gumbel_temperature == pytest.approx(last)
    assert bundle.temperature_history[-1] == pytest.approx(last)
    found = compute(bundle)["routing_metrics"]["mean_max_gumbel"]
    held = bundle.split == 2
    assert found["value"] == pytest.approx(gumbel_weights(bundle.responsibilities[held], last).max(axis=1).mean())
    over_epochs = bundle.history("train/max_gumbel_weight")
    assert over_epochs is not None
    assert ((over_epochs > 0.25) & (over_epochs < 1)).all()
    figure = next(f for f in FIGURES if f.name == "routing_hardness").draw.load()(bundle)
    assert [trace["name"] for trace in traces(figure)] == [
        "soft: mean largest responsibility",
        "Gumbel: mean largest weight",
        "temperature (right)",
    ]
