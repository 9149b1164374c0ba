import dataclasses
import json

import numpy as np
import pytest

from rcmvae.diagnostics.bundle import TEST, VALIDATION, DiagnosticsBundle
from rcmvae.diagnostics.metrics import METRICS, Metric, compute
from rcmvae.diagnostics.metrics.result import Found
from tests.rcmvae.diagnostics import toy

STATES = {"success", "disabled", "skipped", "failed"}


@pytest.mark.parametrize(
    "options", [{}, {"decentralized": True, "temperature": 0.5}, {"prior": "standard"}, {"labelled": 0}, {"dims": 5}], ids=str
)
def test_every_metric_answers_with_a_value_or_a_reason(options: dict) -> None:
    summary = compute(toy.make(n=200, **options))
    json.dumps(summary, allow_nan=False)
    for metric in METRICS:
        record = summary[metric.group][metric.name]
        assert set(record) == {"value", "split", "n", "state", "reason"}
        assert record["state"] in STATES - {"failed"}, record
        assert (record["value"] is None) == (record["state"] != "success")
        assert (record["reason"] is None) == (record["state"] == "success")


def states(bundle: DiagnosticsBundle, group: str) -> dict[str, str]:
    return {name: record["state"] for name, record in compute(bundle)[group].items()}


def test_without_components_the_mixture_groups_are_disabled() -> None:
    bundle = toy.make(n=200, prior="standard")
    for group in ("mixture", "clustering", "routing_metrics"):
        assert set(states(bundle, group).values()) == {"disabled"}
    assert compute(bundle)["mixture"]["k_eff"]["reason"] == "the standard prior has no components"
    assert set(states(bundle, "classification").values()) == {"success"}
    assert states(bundle, "tau")["certainty_mean"] == "success"
    assert states(bundle, "tau")["sparsity"] == "disabled"


def test_without_labels_classification_and_tau_are_skipped() -> None:
    bundle = toy.make(n=200, labelled=0)
    assert set(states(bundle, "classification").values()) == {"skipped"}
    assert set(states(bundle, "tau").values()) == {"skipped"}
    assert "no labels yet" in compute(bundle)["classification"]["accuracy"]["reason"]
    assert states(bundle, "mixture")["k_eff"] == "success"


def test_with_the_head_tau_is_disabled_but_certainty_is_not() -> None:
    bundle = toy.make(n=200)
    bundle = dataclasses.replace(bundle, facts=dataclasses.replace(bundle.facts, classifier="head"))
    assert compute(bundle)["tau"]["claims"]["reason"] == "the head classifies, not tau"
    assert states(bundle, "tau")["certainty_mean"] == "success"


def test_without_true_classes_only_what_needs_none_is_computed() -> None:
    bundle = toy.make(n=200, extras=True)
    blind = dataclasses.replace(bundle, true_labels=np.full(200, -1, np.int32))
    assert states(blind, "classification")["accuracy"] == "skipped"
    assert states(blind, "classification")["accuracy_labelled"] == "success"
    assert states(blind, "clustering")["nmi"] == "skipped"
    assert states(blind, "mixture") | {"purity": "", "majority_class": ""} == {
        name: "" if name in ("purity", "majority_class") else "success" for name in states(blind, "mixture")
    }


def test_without_a_curriculum_what_it_opened_is_disabled_with_the_reason() -> None:
    found = compute(toy.make(n=200))["mixture"]
    for name in ("k_active", "unlocks"):
        assert (found[name]["state"], found[name]["reason"]) == ("disabled", "all components are open: this run had no curriculum")


def test_clustering_needs_a_hundred_images() -> None:
    assert set(states(toy.make(n=500), "clustering").values()) == {"success"}
    reason = compute(toy.make(n=495))["clustering"]["ari"]["reason"]
    assert reason == "needs at least 100 held-out images with a known class, there are 99"


def test_without_a_test_set_validation_images_are_used() -> None:
    bundle = toy.make(n=200)
    moved = dataclasses.replace(bundle, split=np.where(bundle.split == TEST, VALIDATION, bundle.split).astype(np.uint8))
    assert compute(moved)["classification"]["accuracy"]["split"] == "validation"
    none = dataclasses.replace(bundle, split=np.zeros(200, np.uint8))
    assert compute(none)["training"]["elbo"]["reason"] == "the sample has no test or validation images"


def test_one_broken_metric_costs_no_other() -> None:
    def broken(bundle: DiagnosticsBundle) -> Found:
        raise ZeroDivisionError("no images at all")

    def endless(bundle: DiagnosticsBundle) -> Found:
        return Found([1.0, float("nan")], "test", 3)

    metrics = [Metric("a", "broken", broken), Metric("a", "endless", endless), Metric("a", "fine", lambda b: Found(1))]
    found = compute(toy.make(n=100), metrics)["a"]
    assert found["broken"]["state"] == "failed"
    assert found["broken"]["reason"] == "ZeroDivisionError: no images at all"
    assert found["endless"] == {"value": None, "split": "test", "n": 3, "state": "failed", "reason": "the result is not a finite number"}
    assert found["fine"]["value"] == 1


def test_a_component_that_holds_nothing_has_no_majority_class_and_no_purity() -> None:
    bundle = toy.make(n=300)
    r = bundle.responsibilities.copy()
    r[:, 0] += r[:, 10]
    r[:, 10] = 0
    found = compute(dataclasses.replace(bundle, responsibilities=r))
    assert found["mixture"]["majority_class"]["value"][10] is None
    assert found["mixture"]["purity"]["value"][10] is None
    assert found["mixture"]["active_components"]["value"] == 11
    assert found["routing_metrics"]["component_kl"]["state"] == "success"
