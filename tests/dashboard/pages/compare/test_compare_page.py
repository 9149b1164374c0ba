"""Runs beside each other on a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from dashboard.context import AppContext
from dashboard.live.curves import Overlay
from dashboard.live.feed import Feed, Series
from dashboard.pages import compare
from dashboard.pages.compare import layout, view
from dashboard.pages.compare.figures import curves_of, parallel
from tests.rcmvae.diagnostics import toy
from tests.support import acting
from tests.support.trees import having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.comparing import MetricRow, headline_rows, setting_rows
from workbench.families import Metric, Metrics, Panel

METRICS = Metrics((Metric("loss", "Loss", "", "lower", panel="loss", splits=("train", "validation")),))


@pytest.fixture
def runs(bench: Any) -> list[Any]:
    """Two runs of one model and one of another, the last with another learning rate."""
    given: dict[str, Any] = {
        "actor": "me",
        "family": "rcmvae",
        "model_type": "rcmvae",
        "dataset_id": "digits",
    }
    oak, pine = (
        bench.models.create(**given, values={}, name="Oak"),
        bench.models.create(**given, values={"learning_rate": 0.25}, name="Pine"),
    )
    found = []
    for model, accuracy in ((oak, 0.5), (oak, 0.75), (pine, 0.7)):
        run = acting.run_to(bench, acting.queue(bench, model), "running")
        found.append(acting.finish(bench, run, headline={"accuracy": accuracy}))
    return found


def rendered(bench: Any, runs: list[Any], **query: str) -> Any:
    context = AppContext(lambda: bench, bench.settings)
    return view.render(context, {"ids": ",".join(run.id for run in runs), **query})


def test_the_best_value_is_marked_in_words_too(bench: Any, runs: list[Any]) -> None:
    best = of_class(rendered(bench, runs), "is-best")
    assert [" ".join(text_of(cell).split()) for cell in best] == ["75.0 % (best)"]


def test_settings_that_differ_are_shown_and_the_same_ones_folded(bench: Any, runs: list[Any]) -> None:
    shown = text_of(with_id(rendered(bench, runs), "settings"))
    assert "Learning rate" in shown
    assert "0.25" in shown
    assert "settings are the same" in shown
    assert "All settings are the same." in text_of(with_id(rendered(bench, runs[:2]), "settings"))


def test_runs_are_grouped_by_a_setting_that_differs(bench: Any, runs: list[Any]) -> None:
    means = text_of(with_id(rendered(bench, runs, group="learning_rate"), "means"))
    assert "62.5 ± 18 %" in means
    assert "±" not in text_of(of_class(with_id(rendered(bench, runs), "means"), "chooser")[0])


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ({"group": "learning_rat"}, "learning_rate"),
        ({"figure": "confusin"}, "confusion"),
        ({"view": "view_0000000000000"}, "views"),
    ],
)
def test_what_an_address_names_and_is_not_there_is_a_404_with_the_closest(
    bench: Any, runs: list[Any], query: dict[str, str], hint: str
) -> None:
    for page in (compare.find, view.render):
        with pytest.raises(CommandError) as caught:
            page(AppContext(lambda: bench, bench.settings), {"ids": ",".join(run.id for run in runs), **query})
        assert caught.value.code == "not_found"
        assert hint in str(caught.value.hint)


def test_a_figure_is_shown_of_each_run_with_its_downloads_or_the_reason_why_not(bench: Any, runs: list[Any]) -> None:
    save_diagnostics(bench, runs[:2])
    page = rendered(bench, runs, figure="confusion")
    cards = of_class(with_id(page, "compare-figures"), "figure-card")
    assert ["Confusion matrix, #" in text_of(card) for card in cards] == [True, True, True]
    assert [len(having(card, data_figure_save="svg")) for card in cards] == [1, 1, 0]
    assert "This run has no diagnostics." in text_of(cards[2])
    (csv,) = having(cards[0], data_act="csv")
    assert csv.to_plotly_json()["props"]["data-value"] == runs[0].id
    assert with_id(page, "compare-figure").value == "confusion"


def test_a_saved_comparison_brings_its_runs_group_and_figure(bench: Any, runs: list[Any]) -> None:
    query = {"ids": ",".join(run.id for run in runs), "group": "learning_rate", "figure": "confusion"}
    saved = bench.views.create(actor="ann", name="Rates", page="compare", query=query)
    context = AppContext(lambda: bench, bench.settings)
    page = view.render(context, {"view": saved.id})
    assert with_id(page, "compare-group").value == "learning_rate"
    assert with_id(page, "compare-figure").value == "confusion"
    assert "Rates" in text_of(with_id(page, "compare-views"))
    assert "changed" not in text_of(with_id(page, "compare-views"))
    assert "Rates (changed)" in text_of(with_id(view.render(context, {"view": saved.id, "group": ""}), "compare-views"))


def save_diagnostics(bench: Any, runs: list[Any]) -> None:
    for run in runs:
        toy.make(n=60, labelled=30).save(Path(bench.runs.where(run.id)) / "diagnostics.npz")


def test_each_run_can_be_left_out_and_opened(bench: Any, runs: list[Any]) -> None:
    page = rendered(bench, runs)
    left = having(page, title=f"Leave out run #{runs[0].number}")
    assert left[0].href == f"/runs/compare?ids={runs[1].id},{runs[2].id}"
    assert f"/run/{runs[0].id}" in str(page)


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_runs_lead_to_the_list(bench: Any, runs: list[Any], count: int) -> None:
    shown = text_of(rendered(bench, runs[:count]))
    assert f"the address names {count}" in shown
    assert "All runs" in shown


def test_a_run_named_twice_counts_once_and_one_that_is_not_there_is_a_404(bench: Any, runs: list[Any]) -> None:
    assert "the address names 1" in text_of(rendered(bench, [runs[0], runs[0]]))
    context = AppContext(lambda: bench, bench.settings)
    with pytest.raises(CommandError, match="does not exist"):
        compare.find(context, {"ids": f"{runs[0].id},run_0000000000000"})


def test_runs_are_named_by_their_numbers_too_and_one_without_a_run_is_a_404(bench: Any, runs: list[Any]) -> None:
    context = AppContext(lambda: bench, bench.settings)
    query = {"ids": f"{runs[0].number}, #{runs[1].number},{runs[0].id}"}
    compare.find(context, query)
    assert with_id(view.render(context, query), "compare-ids").data == [runs[0].id, runs[1].id]
    with pytest.raises(CommandError, match="There is no run #4711"):
        compare.find(context, {"ids": f"{runs[0].number},4711"})


def test_every_run_has_a_line_in_its_colour_and_validation_goes_before_training() -> None:
    def feed(*keys: str) -> Feed:
        return Feed(epoch=3, series={key: Series((1, 2, 3), (3.0, 2.0, 1.0), (1, 2, 3)) for key in keys})

    overlays = [
        Overlay("a", "#1", feed("train/loss", "validation/loss")),
        Overlay("b", "#2", feed("train/loss")),
        Overlay("c", "#3", Feed()),
    ]
    ((panel, figure),) = curves_of((Panel("loss", "Loss", "Loss"), Panel("other", "Other", "Other")), overlays, METRICS, dark=False)
    assert panel.name == "loss"
    drawn = json.loads(str(figure.to_json()))["data"]
    assert [line["name"] for line in drawn] == ["#1", "#2"]
    assert [line["line"]["dash"] for line in drawn] == ["solid", "3px,2px"]
    assert len({line["line"]["color"] for line in drawn}) == 2
    assert figure.layout.showlegend


def test_lines_across_settings_leave_out_runs_without_a_result(bench: Any, runs: list[Any]) -> None:
    given = [runs[0], runs[1].model_copy(update={"headline": {}}), runs[2]]
    settings = [row for row in setting_rows(given, [bench.models.resolved(run) for run in given]) if row.differs]
    figure = parallel(settings, headline_rows(given), ["#1", "#2", "#3"], dark=True)
    (trace,) = json.loads(str(figure.to_json()))["data"]
    assert [axis["label"] for axis in trace["dimensions"]] == ["Run", "Learning rate (log)", "Accuracy"]
    assert trace["dimensions"][0]["ticktext"] == ["#1", "#3"]
    # From 0.002 to 0.25 is more than an order of magnitude: the axis is logarithmic, and says the values as they are.
    assert trace["dimensions"][1]["values"] == pytest.approx(np.log10([0.002, 0.25]))
    assert trace["dimensions"][1]["ticktext"] == ["0.002", "0.25"]


def test_runs_of_several_families_have_no_figures_side_by_side(runs: list[Any]) -> None:
    other = runs[0].model_copy(update={"family": "recsys"})
    assert layout.one_family([runs[0], other]) is None
    assert layout.figures_part(cast(Any, None), [runs[0], other], "") == []


def test_every_metric_that_all_runs_have_is_an_axis_with_its_better_end_on_top(runs: list[Any]) -> None:
    rows = [
        MetricRow("headline", Metric("accuracy", "Accuracy", direction="higher", format="share"), (0.5, 0.7), frozenset()),
        MetricRow("headline", Metric("loss", "Loss", direction="lower"), (3.0, 2.0), frozenset()),
        MetricRow("headline", Metric("rare", "Rare"), (None, 2.0), frozenset()),
    ]
    (trace,) = json.loads(str(parallel([], rows, ["#1", "#2"], dark=False).to_json()))["data"]
    assert [axis["label"] for axis in trace["dimensions"]] == ["Run", "Accuracy", "Loss"]
    assert trace["dimensions"][2]["range"] == [3.0, 2.0]
    assert trace["line"]["color"] == [0.5, 0.7]
