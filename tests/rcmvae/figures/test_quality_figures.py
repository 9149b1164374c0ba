"""Figures of components and of predictions show the numbers that they should."""

import dataclasses
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import scipy.stats
import sklearn.metrics

from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION
from rcmvae.diagnostics.metrics import compute
from rcmvae.figures import classification, components, sketches, tau
from rcmvae.figures.words import component_labels
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, notes, traces
from workbench.plotting import checked


def test_the_confusion_matrix_shows_sklearns_counts_right_and_wrong_apart() -> None:
    bundle = toy.make()
    where = bundle.split == TEST
    expected = sklearn.metrics.confusion_matrix(bundle.true_labels[where], bundle.predictions[where], labels=range(10))
    right, wrong = traces(classification.confusion(bundle))
    for true in range(10):
        for predicted in range(10):
            shown = (right if true == predicted else wrong)["text"][true][predicted]
            assert shown == (str(expected[true, predicted]) if expected[true, predicted] else "")
    assert np.isnan(right["z"][~np.eye(10, dtype=bool)]).all()
    assert np.isnan(wrong["z"].diagonal()).all()


def test_each_class_stands_at_its_recall_within_the_wilson_range() -> None:
    bundle = toy.make()
    figure = classification.per_class_accuracy(bundle)
    summary = compute(bundle)["classification"]
    dots = traces(figure)[0]
    assert list(dots["y"]) == pytest.approx(summary["per_class_recall"]["value"])
    assert f"{summary['accuracy']['value']:.1%}" in notes(figure)
    for (_, found, n, _), share, up, down in zip(
        dots["customdata"], dots["y"], dots["error_y"]["array"], dots["error_y"]["arrayminus"], strict=True
    ):
        expected = scipy.stats.binomtest(int(found), int(n)).proportion_ci(0.95, method="wilson")
        assert share - down == pytest.approx(expected.low, abs=1e-9)
        assert share + up == pytest.approx(expected.high, abs=1e-9)


def test_certainty_counts_every_judged_image_once() -> None:
    bundle = toy.make()
    where = bundle.split == TEST
    right, wrong = traces(classification.certainty(bundle))
    hits = int((bundle.predictions == bundle.true_labels)[where].sum())
    assert sum(right["y"]) == hits
    assert sum(wrong["y"]) == int(where.sum()) - hits


def test_reliability_names_the_calibration_error_of_the_metrics() -> None:
    bundle = toy.make()
    error = compute(bundle)["classification"]["calibration_error"]["value"]
    assert f"calibration error {error:.1%}" in notes(classification.reliability(bundle))


def test_shares_of_ood_scores_add_up_for_each_split() -> None:
    for trace in traces(classification.ood_histogram(toy.make())):
        assert sum(trace["y"][:-1]) == pytest.approx(1)


@pytest.mark.parametrize(
    "draw", [classification.confusion, classification.per_class_accuracy, classification.certainty, classification.reliability]
)
def test_figures_of_quality_say_what_they_lack(draw: Any) -> None:
    assert "No labels yet" in notes(draw(toy.make(labelled=0)))
    bundle = toy.make()
    blind = dataclasses.replace(bundle, true_labels=np.full(600, -1, np.int32))
    blind = dataclasses.replace(blind, used_labels=np.where(bundle.split == TRAIN, bundle.used_labels, -1))
    assert "The class of no held-out image is known" in notes(draw(blind)).replace("<br>", " ")


def test_without_true_classes_the_labelled_validation_images_are_judged() -> None:
    bundle = toy.make()
    known = np.flatnonzero(bundle.split == VALIDATION)[:20]
    given = np.where(bundle.split == TRAIN, bundle.used_labels, -1)
    given[known] = bundle.true_labels[known]
    labelled = dataclasses.replace(bundle, true_labels=np.full(600, -1, np.int32), used_labels=given)
    right, wrong = traces(classification.certainty(labelled))
    share = (bundle.predictions == bundle.true_labels)[known].mean()
    assert (right["name"], wrong["name"]) == (f"right ({round(20 * share)})", f"wrong ({20 - round(20 * share)})")
    accuracy = compute(labelled)["classification"]["accuracy"]
    assert (accuracy["value"], accuracy["split"], accuracy["n"]) == (pytest.approx(share), "validation", 20)


def test_a_class_that_is_never_held_out_has_no_dot() -> None:
    bundle = toy.make()
    split = np.where((bundle.true_labels == 4) & (bundle.split == TEST), 0, bundle.split).astype(np.uint8)
    figure = classification.per_class_accuracy(dataclasses.replace(bundle, split=split))
    assert layout(figure)["xaxis"]["ticktext"] == [str(y) for y in range(10) if y != 4]


def test_bars_of_usage_are_the_held_out_means_and_the_corner_names_k_eff() -> None:
    bundle = toy.make()
    figure = components.pi_and_usage(bundle)
    pi, usage = traces(figure)
    assert list(usage["y"]) == pytest.approx(bundle.responsibilities[bundle.split == TEST].mean(axis=0).tolist(), rel=1e-5)
    assert list(pi["y"]) == pytest.approx([1 / 12] * 12)
    assert f"K_eff {compute(bundle)['mixture']['k_eff']['value']:.1f} of 12" in notes(figure)


def test_the_responsibility_histogram_shares_add_up() -> None:
    (bars,) = traces(components.responsibility_histogram(toy.make()))
    assert sum(bars["y"]) == pytest.approx(1)
    assert len(bars["y"]) == 20


def test_evolution_is_stacked_areas_for_few_components_and_a_map_for_many() -> None:
    shares = np.full((4, 12), 1 / 12)
    areas = components.draw_evolution([1, 2, 3, 4], shares, shares, dark=False)
    assert {type(trace) for trace in traces(areas)} == {go.Scatter}
    assert len(traces(areas)) == 24
    many = np.full((4, 30), 1 / 30)
    assert {type(trace) for trace in traces(components.draw_evolution([1, 2, 3, 4], many, many, dark=False))} == {go.Heatmap}
    assert "not logged" in notes(components.draw_evolution([], shares[:0], shares[:0], dark=False))


def test_ownership_puts_the_components_of_each_class_next_to_each_other() -> None:
    bundle = toy.make()
    figure = components.channel_ownership(bundle)
    order = [int(label) for label in layout(figure)["xaxis"]["ticktext"]]
    owners = compute(bundle)["mixture"]["majority_class"]["value"]
    assert [owners[k] for k in order] == sorted(owners)
    heat = traces(figure)[0]["z"]
    where = (bundle.split == TEST) & (bundle.true_labels == 2)
    assert heat[2, order.index(7)] == pytest.approx(bundle.responsibilities[where, 7].mean(), rel=1e-5)


def test_tau_frames_claims_and_names_free_channels() -> None:
    values = np.full((4, 3), 1 / 3)
    figure = checked(tau.sketch_tau(values, [0, 1, None, -1], [3], ["a", "b", "c"], dark=False))
    assert layout(figure)["xaxis"]["ticktext"] == ["0", "1", "2", "3<br>free"]
    frames = layout(figure)["shapes"]
    assert [(s["x0"] + s["x1"]) / 2 for s in frames] == pytest.approx([0, 1])
    assert [(s["y0"] + s["y1"]) / 2 for s in frames] == pytest.approx([0, 1])


def test_frames_are_checked_once_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[object] = []
    monkeypatch.setattr(go.Figure, "add_shape", lambda self, *given, **named: added.append(named))
    figure = checked(tau.sketch_tau(np.full((8, 4), 1 / 4), [0, 1, 2, 3, 0, 1, 2, 3], [], ["a", "b", "c", "d"], dark=False))
    assert len(layout(figure)["shapes"]) == 8
    assert added == [], "with each shape that is added, Plotly checks all before it again"


def test_tau_says_why_it_is_not_drawn() -> None:
    bundle = toy.make()
    head = dataclasses.replace(bundle, facts=dataclasses.replace(bundle.facts, classifier="head"))
    assert "The head classifies" in notes(tau.tau_heatmap(head))
    assert "No labels yet" in notes(tau.tau_heatmap(toy.make(labelled=0)))


def test_component_labels_say_who_claims_and_who_is_free() -> None:
    labels = component_labels([0, None, -1, 7], ["zero & co", "one"], free=[2])
    assert labels == ["0<br>zero &amp; …", "1", "2<br>free", "3"]
    assert component_labels([0, -1, -1], ["one"], free=[1], closed=[2]) == ["0<br>one", "1<br>free", "2<br>closed"]


def test_under_a_curriculum_closed_components_are_named_and_shares_are_of_the_open_ones() -> None:
    bundle = toy.make(extras=True)
    bars = components.pi_and_usage(bundle)
    assert layout(bars)["xaxis"]["ticktext"][11] == "11<br>closed"
    assert layout(bars)["shapes"][0]["y0"] == pytest.approx(1 / 11)
    assert "of 11 open" in notes(bars)
    assert layout(tau.tau_heatmap(bundle))["xaxis"]["ticktext"].count("11<br>closed") == 1


def test_components_that_serve_nobody_have_no_kl_bar() -> None:
    (bars,) = traces(checked(sketches.component_kl([0.5, None, float("nan"), 1.5], ["0", "1", "2", "3"], dark=False)))
    assert list(bars["y"]) == [0.5, None, None, 1.5]


def test_hardness_shows_the_temperature_only_with_gumbel_routing() -> None:
    bundle = toy.make()
    assert [trace["name"] for trace in traces(components.routing_hardness(bundle))] == ["soft: mean largest responsibility"]
    hot = dataclasses.replace(bundle, temperature_history=np.linspace(1, 0.5, 30).astype(np.float32))
    assert len(traces(components.routing_hardness(hot))) == 2
    sampled = components.routing_hardness(toy.make(extras=True))
    assert list(traces(sampled)[1]["y"]) == [0.5] * 30
    silent = dataclasses.replace(bundle, hardness_history=np.full(30, np.nan, np.float32))
    assert "not logged" in notes(components.routing_hardness(silent))


def test_distances_between_embeddings_are_euclidean() -> None:
    bundle = toy.make()
    heat = traces(components.embedding_distances(bundle))[0]["z"]
    expected = np.linalg.norm(bundle.embeddings[3].astype(float) - bundle.embeddings[8])
    assert heat[3, 8] == heat[8, 3] == pytest.approx(expected, rel=1e-6)
    assert np.isnan(heat.diagonal()).all()
