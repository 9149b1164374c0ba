"""Each metric against a computation that shares no code with it."""

import dataclasses
import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
import sklearn.metrics

from rcmvae.diagnostics.bundle import TEST, TRAIN, DiagnosticsBundle
from rcmvae.diagnostics.metrics import compute
from tests.rcmvae.diagnostics import toy


@pytest.fixture(scope="module")
def bundle() -> DiagnosticsBundle:
    return toy.make(decentralized=True, temperature=0.7)


@pytest.fixture(scope="module")
def summary(bundle: DiagnosticsBundle) -> dict:
    return compute(bundle)


def held(bundle: DiagnosticsBundle) -> np.ndarray:
    return bundle.split == TEST


def test_loss_terms_are_means_over_the_test_images(bundle: DiagnosticsBundle, summary: dict) -> None:
    for i, name in enumerate(bundle.loss_names):
        if name != "classification_loss":
            values = [bundle.losses[j, i] for j in range(len(bundle.rows)) if bundle.split[j] == TEST]
            assert summary["training"][name]["value"] == pytest.approx(math.fsum(values) / len(values), rel=1e-6)
            assert summary["training"][name] | {"value": 0} == {"value": 0, "split": "test", "n": 120, "state": "success", "reason": None}


def test_classification_loss_is_sklearns_log_loss(bundle: DiagnosticsBundle, summary: dict) -> None:
    where = held(bundle)
    p = bundle.probabilities[where].astype(float)
    expected = sklearn.metrics.log_loss(bundle.true_labels[where], p / p.sum(axis=1, keepdims=True), labels=range(10))
    assert summary["training"]["classification_loss"]["value"] == pytest.approx(expected, rel=1e-5)


def test_classification_agrees_with_sklearn(bundle: DiagnosticsBundle, summary: dict) -> None:
    where = held(bundle)
    true, predicted = bundle.true_labels[where], bundle.predictions[where]
    group = {name: record["value"] for name, record in summary["classification"].items()}
    assert group["accuracy"] == pytest.approx(sklearn.metrics.accuracy_score(true, predicted))
    assert group["error"] == pytest.approx(1 - sklearn.metrics.accuracy_score(true, predicted))
    assert group["macro_f1"] == pytest.approx(sklearn.metrics.f1_score(true, predicted, average="macro"))
    assert group["confusion"] == sklearn.metrics.confusion_matrix(true, predicted, labels=range(10)).tolist()
    assert group["per_class_recall"] == pytest.approx([sklearn.metrics.recall_score(true == y, predicted == y) for y in range(10)])
    assert group["accuracy_all"] == pytest.approx(sklearn.metrics.accuracy_score(bundle.true_labels, bundle.predictions))
    seen = (bundle.split == TRAIN) & (bundle.used_labels >= 0)
    assert group["accuracy_labelled"] == pytest.approx(sklearn.metrics.accuracy_score(bundle.used_labels[seen], bundle.predictions[seen]))


def test_calibration_error_is_the_gap_between_confidence_and_accuracy_bin_by_bin(bundle: DiagnosticsBundle, summary: dict) -> None:
    where = np.flatnonzero(held(bundle))
    total = 0.0
    for low in range(15):
        inside = [
            i
            for i in where
            if low / 15 < bundle.probabilities[i].max() <= (low + 1) / 15 or (low == 0 and bundle.probabilities[i].max() == 0)
        ]
        if inside:
            confidence = np.mean([bundle.probabilities[i].max() for i in inside])
            right = np.mean([bundle.predictions[i] == bundle.true_labels[i] for i in inside])
            total += len(inside) / len(where) * abs(confidence - right)
    assert summary["classification"]["calibration_error"]["value"] == pytest.approx(total, rel=1e-5)


def test_entropies_and_effective_components_agree_with_scipy(bundle: DiagnosticsBundle, summary: dict) -> None:
    r = bundle.responsibilities[held(bundle)].astype(float)
    usage = r.mean(axis=0)
    group = {name: record["value"] for name, record in summary["mixture"].items()}
    assert group["components"] == 12
    assert group["k_eff"] == pytest.approx(math.exp(float(scipy.stats.entropy(usage))), rel=1e-5)
    assert group["component_entropy"] == pytest.approx(scipy.stats.entropy(r, axis=1).mean(), rel=1e-4)
    assert group["pi_entropy"] == pytest.approx(math.log(12), rel=1e-6)
    assert group["pi_max"] == pytest.approx(1 / 12, rel=1e-6)
    assert group["usage"] == pytest.approx(usage.tolist(), rel=1e-5)
    assert group["active_components"] == sum(u > 0.1 / 12 for u in usage)


def test_purity_and_ownership_follow_from_responsibility_by_class(bundle: DiagnosticsBundle, summary: dict) -> None:
    where = held(bundle)
    r, true = bundle.responsibilities[where].astype(float), bundle.true_labels[where]
    mass = [[r[true == y, k].sum() for y in range(10)] for k in range(12)]
    owners = [int(np.argmax(m)) for m in mass]
    assert summary["mixture"]["majority_class"]["value"] == owners
    assert summary["mixture"]["purity"]["value"] == pytest.approx([max(m) / sum(m) for m in mass], rel=1e-5)
    diagonal = [sum(r[true == y, k].mean() for k in range(12) if owners[k] == y) for y in range(10)]
    assert summary["routing_metrics"]["ownership_diagonal_mean"]["value"] == pytest.approx(np.mean(diagonal), rel=1e-5)


def test_clustering_agrees_with_sklearn(bundle: DiagnosticsBundle, summary: dict) -> None:
    where = held(bundle)
    true, cluster = bundle.true_labels[where], bundle.responsibilities[where].argmax(axis=1)
    group = {name: record["value"] for name, record in summary["clustering"].items()}
    assert group["nmi"] == pytest.approx(sklearn.metrics.normalized_mutual_info_score(true, cluster), rel=1e-9)
    assert group["ari"] == pytest.approx(sklearn.metrics.adjusted_rand_score(true, cluster), rel=1e-9)


def test_clustering_accuracy_is_the_best_renaming() -> None:
    from itertools import permutations

    bundle = toy.make(extra_components=0)
    small = dataclasses.replace(bundle, true_labels=(bundle.true_labels % 3).astype(np.int32))
    where = held(small)
    true, cluster = small.true_labels[where], small.selected[where]
    best = max(sum((cluster == k)[true == y].sum() for y, k in enumerate(chosen)) for chosen in permutations(range(10), 3))
    assert compute(small)["clustering"]["accuracy"]["value"] == pytest.approx(best / where.sum())


def test_hardness_is_the_mean_largest_weight(bundle: DiagnosticsBundle, summary: dict) -> None:
    r = bundle.responsibilities[held(bundle)]
    assert summary["routing_metrics"]["mean_max_soft"]["value"] == pytest.approx(np.mean([max(row) for row in r]), rel=1e-6)
    assert summary["routing_metrics"]["active_components_1pct"]["value"] == sum(u > 0.01 for u in r.mean(axis=0))


def test_hardness_under_gumbel_noise_agrees_with_many_draws(bundle: DiagnosticsBundle, summary: dict) -> None:
    r = bundle.responsibilities[held(bundle)].astype(float)
    rng = np.random.default_rng(99)
    draws = []
    for _ in range(60):
        logits = (np.log(np.maximum(r, 1e-30)) - np.log(-np.log(rng.random(r.shape)))) / 0.7
        draws.append(scipy.special.softmax(logits, axis=1).max(axis=1).mean())
    found = summary["routing_metrics"]["mean_max_gumbel"]["value"]
    assert abs(found - np.mean(draws)) < 4 * np.std(draws)


def test_component_kl_is_weighted_by_responsibility(bundle: DiagnosticsBundle, summary: dict) -> None:
    mu, log_var = bundle.component_mu.astype(float), bundle.component_log_var.astype(float)
    kl = 0.5 * (mu**2 + np.exp(log_var) - 1 - log_var).sum(axis=2)
    r = bundle.responsibilities[bundle.detail].astype(float)
    means = [np.average(kl[:, k], weights=r[:, k]) for k in range(12)]
    found = summary["routing_metrics"]["component_kl"]["value"]
    assert found == pytest.approx({"mean": np.mean(means), "max": max(means), "min": min(means)}, rel=1e-4)


def test_tau_group_counts_what_the_matrix_shows(bundle: DiagnosticsBundle, summary: dict) -> None:
    group = {name: record["value"] for name, record in summary["tau"].items()}
    entries = [[float(v) for v in row] for row in bundle.tau]
    assert group["sparsity"] == pytest.approx(sum(v < 0.05 for row in entries for v in row) / 120)
    assert group["components_per_label"] == [sum(row[y] > 0.15 for row in entries) for y in range(10)]
    assert group["label_coverage"] == sum(any(row[y] > 0.15 for row in entries) for y in range(10))
    certainty = bundle.certainty[held(bundle)].astype(float)
    assert group["certainty_mean"] == pytest.approx(certainty.mean(), rel=1e-6)
    assert group["certainty_std"] == pytest.approx(certainty.std(), rel=1e-6)
    assert group["ood_mean"] == pytest.approx(1 - certainty.mean(), rel=1e-5)
    assert group["ood_std"] == pytest.approx(certainty.std(), rel=1e-4)
    assert group["claims"] == [*range(10), None, None]


def test_a_component_that_a_curriculum_has_not_opened_counts_nowhere() -> None:
    whole = toy.make(n=200, temperature=0.7)
    r = np.pad(whole.responsibilities[:, :11], ((0, 0), (0, 1)))
    tau = np.append(whole.tau[:11], np.full((1, 10), 0.2, np.float32), axis=0)
    closed = {
        "responsibilities": (r / r.sum(axis=1, keepdims=True)).astype(np.float32), "tau": tau, "claims": np.append(whole.claims[:11], -1).astype(np.int32),
        "facts": dataclasses.replace(whole.facts, open_components=tuple(range(11)), unlocks=9, gumbel_temperature=200.0),
    }  # fmt: skip
    bundle = dataclasses.replace(whole, **closed)
    summary = compute(bundle)
    group = {name: record["value"] for name, record in summary["tau"].items()}
    assert group["sparsity"] == pytest.approx((tau[:11] < 0.05).mean())
    assert group["components_per_label"] == (tau[:11] > 0.15).sum(axis=0).tolist()
    assert group["free_channels"] == [k for k in (10,) if bundle.responsibilities[bundle.used_labels >= 0, 10].sum() < 0.5]
    assert (summary["mixture"]["k_active"]["value"], summary["mixture"]["unlocks"]["value"]) == (11, 9)
    # so much noise spreads an image over all that are open: with twelve the largest weight would be smaller
    assert summary["routing_metrics"]["mean_max_gumbel"]["value"] > 1 / 11


def test_terms_of_whole_batches_are_taken_from_the_kept_epoch() -> None:
    bundle = toy.make(n=150)
    names = np.append(bundle.metric_names, "train/usage_entropy")
    history = np.column_stack([bundle.metric_history, np.arange(1, 31)])
    found = compute(dataclasses.replace(bundle, metric_names=names, metric_history=history))["training"]
    assert found["usage_entropy"]["value"] == 27
    assert found["usage_entropy"]["split"] == "train"
    assert "learning_rate" not in found
