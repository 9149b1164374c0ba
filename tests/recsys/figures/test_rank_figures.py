"""Recall curves, intervals and ranks against counts of their own."""

import dataclasses
import statistics

import numpy as np
import pytest

from recsys.figures.ranks import bin_edges, lift, rank_histogram, recall_curve
from tests.rcmvae.figures.reading import layout, notes, traces
from tests.recsys.figures import toy


def test_recall_at_k_is_the_share_of_rows_whose_rank_is_at_most_k() -> None:
    bundle = toy.make("retrieval")
    lines = {trace.name: trace for trace in traces(recall_curve(bundle))}
    assert list(lines) == ["Popularity", "EASE", "Oracle", "Model"]
    for name, who in (("Model", "model"), ("Popularity", "popularity"), ("Oracle", "oracle")):
        ranks = bundle.ranks[who].tolist()
        wanted = [sum(rank <= k for rank in ranks) / len(ranks) for k in range(1, 101)]
        assert list(lines[name].x) == list(range(1, 101))
        assert list(lines[name].y) == pytest.approx(wanted)


def test_the_curve_ends_at_the_size_of_the_catalogue() -> None:
    (*_, model) = traces(recall_curve(toy.make("retrieval", candidates=7)))
    assert list(model.x) == [1, 2, 3, 4, 5, 6, 7]


def test_ranks_are_those_of_the_headlines_rule() -> None:
    bundle = toy.make("retrieval", seen="unseen")
    one = {"model": np.ones(10, np.float32)}
    figure = recall_curve(dataclasses.replace(bundle, unseen=one))
    (model,) = traces(figure)
    assert set(model.y) == {1.0}
    assert "left out" in layout(figure)["xaxis"]["title"]["text"]


def test_every_row_is_in_one_bin_and_each_bin_is_twice_as_wide() -> None:
    bundle = toy.make("retrieval")
    model, popularity = traces(rank_histogram(bundle))
    edges = bin_edges(toy.CANDIDATES)
    assert edges == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    for bars, who in ((model, "model"), (popularity, "popularity")):
        wanted = [sum(a <= rank < 2 * a for rank in bundle.ranks[who].tolist()) for a in edges[:-1]]
        assert list(bars.customdata) == [*wanted, 3]
        assert sum(bars.customdata) == toy.ROWS
        assert sum(bars.y) == pytest.approx(1)
    assert list(model.x) == [
        "1",
        "2–3",
        "4–7",
        "8–15",
        "16–31",
        "32–63",
        "64–127",
        "128–255",
        "256–300",
        "no candidate",
    ]
    assert f"median rank {statistics.median(bundle.ranks['model'].tolist()):g} of 300" in notes(
        rank_histogram(bundle)
    )


@pytest.mark.parametrize(("candidates", "last"), [(1, 2), (2, 4), (3, 4), (4, 8), (512, 1024)])
def test_the_last_bin_holds_the_last_rank(candidates: int, last: int) -> None:
    assert bin_edges(candidates)[-1] == last


def test_intervals_say_better_worse_or_not_sure_by_each_figures_own_direction() -> None:
    recall, rmse = traces(lift(toy.make("multitask")))
    assert [row[-1] for row in recall.customdata] == ["better", "worse"]
    assert [row[-1] for row in rmse.customdata] == ["better", "not sure"]
    assert list(recall.y) == ["Popularity", "EASE"]
    assert list(recall.x) == [0.1, -0.1]
    assert list(recall.error_x.array) == pytest.approx([0.05, 0.09])
    assert list(recall.error_x.arrayminus) == pytest.approx([0.05, 0.1])
    lines = layout(lift(toy.make("multitask")))["shapes"]
    assert [(line["x0"], line["x1"]) for line in lines] == [(0, 0), (0, 0)]


def test_without_any_baseline_the_lift_says_so() -> None:
    figure = lift(toy.make("retrieval", lift={"recall_at_10": {}, "rmse": {}}))
    assert not traces(figure)
    assert "No baseline" in notes(figure)
