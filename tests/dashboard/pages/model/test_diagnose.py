"""Diagnose under the labels of now: figures of kept diagnostics, recounted and blended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash import html

from dashboard.context import AppContext
from dashboard.pages.model import render
from dashboard.pages.model.diagnose import diagnose, figure_card, places_of
from dashboard.pages.model.figures import address_of, changed_note, draw, found_notices
from rcmvae.diagnostics.bundle import TEST, TRAIN, load
from rcmvae.labels.service import LabelService
from rcmvae.recount import labels_of
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, plotted, traces
from tests.support.acting import finish, queue, run_to, trained
from tests.support.records import knowing, run_record
from tests.support.trees import having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.families import family
from workbench.services import diagnosis

FIGURES = {figure.name: figure for figure in family("rcmvae").figures}
DIALS = {dial.name: dial for dial in family("rcmvae").looking.dials}  # pyright: ignore[reportOptionalMemberAccess]


@pytest.fixture
def run(bench: Any, digits_model: Any) -> Any:
    """A run of the digits model with diagnostics that were made with the model's labels."""
    run = trained(bench, digits_model)
    bundle = toy.make(n=300, labelled=60)
    labels = {row: value.label for row, value in bench.models.labels(digits_model.id).items()}
    bundle = replace(bundle, used_labels=labels_of(bundle.rows, labels))
    bundle.save(Path(bench.runs.where(run.id)) / "diagnostics.npz")
    return run


def relabel(bench: Any, model: Any, run: Any, count: int = 1) -> None:
    """Label `count` unlabelled training images of the diagnostics."""
    bundle = diagnosis.presented(bench, run).bundle
    labelable = bench.models.read(model).labelable
    free = [int(row) for row in bundle.rows[(bundle.split == TRAIN) & (bundle.used_labels < 0)] if int(row) in labelable]
    LabelService(bench).set(actor="me", model_id=model.id, labels=dict.fromkeys(free[:count], 7))


def test_figures_follow_the_labels_of_now_and_a_line_says_so(bench: Any, digits_model: Any, run: Any) -> None:
    assert changed_note(bench, run.id) is None
    before = draw(bench, run, FIGURES["tau_heatmap"], dark=False)
    curves = draw(bench, run, FIGURES["loss_curves"], dark=False)
    relabel(bench, digits_model, run, 2)
    assert changed_note(bench, run.id) == "tau recounted with 2 labels changed since run #1. The run's report shows how it was."
    after = draw(bench, run, FIGURES["tau_heatmap"], dark=False)
    assert plotted(after)["data"] != plotted(before)["data"]
    assert plotted(draw(bench, run, FIGURES["loss_curves"], dark=False)) == plotted(curves)
    bench.undo(actor="me")
    assert changed_note(bench, run.id) is None
    assert plotted(draw(bench, run, FIGURES["tau_heatmap"], dark=False)) == plotted(before)


def test_the_blend_reaches_the_ood_figures_alone(bench: Any, run: Any) -> None:
    plain, mixed = (draw(bench, run, FIGURES["ood_histogram"], dark=False, turned={"blend": blend}) for blend in (0.0, 0.5))
    assert "50% of the reconstruction" in layout(mixed)["xaxis"]["title"]["text"]
    assert [trace["y"] for trace in traces(plain)] != [trace["y"] for trace in traces(mixed)]
    same = [plotted(draw(bench, run, FIGURES["certainty"], dark=False, turned={"blend": blend})) for blend in (0.0, 0.5)]
    assert same[0] == same[1]


def test_diagnostics_are_read_once_and_counted_once_until_labels_change(bench: Any, digits_model: Any, run: Any) -> None:
    first = diagnosis.presented(bench, run)
    assert diagnosis.presented(bench, run) is first
    relabel(bench, digits_model, run)
    second = diagnosis.presented(bench, run)
    assert second is not first
    assert np.shares_memory(second.bundle.mu, first.bundle.mu)
    assert diagnosis.presented(bench, run) is second
    toy.make(n=120).save(Path(bench.runs.where(run.id)) / "diagnostics.npz")
    assert len(diagnosis.presented(bench, run).bundle.rows) == 120


def test_damaged_diagnostics_cost_the_figures_and_not_the_page(bench: Any, run: Any) -> None:
    (Path(bench.runs.where(run.id)) / "diagnostics.npz").write_bytes(b"torn")
    assert changed_note(bench, run.id) is None
    with pytest.raises(ValueError, match="damaged"):
        draw(bench, run, FIGURES["confusion"], dark=False)


def test_the_page_tells_what_to_notice_in_the_run_that_it_shows(bench: Any, digits_model: Any, run: Any) -> None:
    path = Path(bench.runs.where(run.id)) / "diagnostics.npz"
    kept = load(path)
    taught = kept.used_labels[kept.split == TRAIN]
    known = kept.known_labels[kept.split == TEST]
    label = max(set(taught[taught >= 0].tolist()), key=lambda y: (known == y).sum())
    name, shown = kept.facts.class_names[label], int((known == label).sum())
    replace(kept, predictions=kept.known_labels, simple_predictions=kept.simple_predictions[:, :0], simple_held=kept.simple_held[:0]).save(
        path
    )
    assert found_notices(bench, run.id) == []
    forgotten = np.where(kept.known_labels == label, (label + 1) % 10, kept.known_labels).astype(np.int32)
    replace(kept, predictions=forgotten).save(path)
    told = text_of(html.Div(found_notices(bench, run.id)))
    assert f"Class {name} is hardly ever predicted: for 0 of {len(known)} held-out images where {shown} show it" in told
    assert "Label more of them" in told
    path.write_bytes(b"torn")
    assert found_notices(bench, run.id) == []
    page = render(AppContext(lambda: bench, bench.settings), digits_model.id, "diagnose")
    assert with_id(page, "figure-notices") is not None


def test_the_page_offers_every_figure_that_applies_to_the_classes_of_now(bench: Any, digits_model: Any, run: Any) -> None:
    from dashboard.context import AppContext

    page = render(AppContext(lambda: bench, bench.settings), digits_model.id, "diagnose")
    assert having(page, data_lazy_figure="tau_heatmap")
    assert with_id(page, "figure-labels") is not None


def test_only_figures_of_ood_scores_have_the_slider_of_the_reconstruction() -> None:
    with_slider = [name for name, figure in FIGURES.items() if having(figure_card(figure, DIALS), type="range")]
    assert with_slider == ["latent_by_ood", "ood_histogram"]
    slider = with_id(
        figure_card(FIGURES["ood_histogram"], DIALS), {"type": "figure-dial", "name": "ood_histogram", "run": "", "dial": "blend"}
    )
    assert (slider.min, slider.max, slider.step, slider.value) == (0, 1, 0.05, 0)
    assert "Reconstruction's share of the score 0%" in text_of(figure_card(FIGURES["ood_histogram"], DIALS))


def test_a_model_whose_data_had_no_classes_gets_its_figures_with_the_first_class() -> None:
    values = {"prior_type": "mixture", "num_classes": 0, "use_tau_classifier": True, "latent_dim": 2}
    for classes, state in ((0, "not applicable"), (2, "shown")):
        places = {place.figure.name: place.state for place in places_of(tuple(FIGURES.values()), values, knowing(classes))}
        assert {places[name] for name in ("tau_heatmap", "confusion", "channel_ownership", "reliability")} == {state}
    tree = diagnose(
        run_record(state="completed"), (), places_of(tuple(FIGURES.values()), values, knowing(0)), has_bundle=True, base="/model/m/diagnose"
    )
    assert "the model knows no class yet" in text_of(tree)


@pytest.fixture
def bare(bench: Any, digits_model: Any) -> Any:
    """A run of the model before the others, without diagnostics."""
    return finish(bench, run_to(bench, queue(bench, digits_model), "running"))


@pytest.fixture
def other(bench: Any, bare: Any) -> Any:
    """The same with diagnostics."""
    toy.make(n=60, labelled=30).save(Path(bench.runs.where(bare.id)) / "diagnostics.npz")
    return bare


def shown(bench: Any, model: Any, **query: str) -> Any:
    return render(AppContext(lambda: bench, bench.settings), model.id, "diagnose", query)


def test_two_runs_stand_beside_each_other_figure_by_figure(bench: Any, digits_model: Any, other: Any, run: Any) -> None:
    page = shown(bench, digits_model, run=run.id, beside=other.id)
    (pair,) = [part for part in of_class(page, "figure-pair") if part.id == "figure-confusion"]
    assert [card.id for card in of_class(pair, "figure-card")] == [f"figure-confusion-{run.id}", f"figure-confusion-{other.id}"]
    assert [len(having(card, data_figure_save="svg")) for card in of_class(pair, "figure-card")] == [1, 1]
    csv = having(pair, data_act="csv")
    assert [button.to_plotly_json()["props"]["data-value"] for button in csv] == [run.id, other.id]
    assert with_id(page, "figure-beside").value == other.id
    assert run.id not in [option["value"] for option in with_id(page, "figure-beside").options]


def test_a_run_without_diagnostics_says_so_beside_one_that_has_them(bench: Any, digits_model: Any, bare: Any, run: Any) -> None:
    page = shown(bench, digits_model, run=run.id, beside=bare.id)
    assert text_of(of_class(page, "figure-pair")[0]).count("This run has no diagnostics.") == 1


def test_a_run_is_not_beside_itself(bench: Any, digits_model: Any, other: Any, run: Any) -> None:
    page = shown(bench, digits_model, run=run.id, beside=run.id)
    assert of_class(page, "figure-pair") == []
    assert address_of("a", "a", {"run": "a", "beside": "b"}) == "?run=a"
    assert address_of("a", "b", {"run": "a", "beside": "b"}) is None
    assert address_of("a", "b", {"run": "c", "beside": "b"}) == "?run=a&beside=b"
    assert address_of("a", "-", {"run": "a", "beside": "b"}) == "?run=a"


@pytest.mark.parametrize("name", ["run", "beside"])
def test_a_run_that_the_model_has_not_leads_nowhere(bench: Any, digits_model: Any, run: Any, name: str) -> None:
    with pytest.raises(CommandError, match="There is no run 'run_0000000000000'") as caught:
        shown(bench, digits_model, **{name: "run_0000000000000"})
    assert caught.value.code == "not_found"
