"""Curves, products, ratings, tables and stages: what is drawn is what is kept."""

import dataclasses
import statistics

import numpy as np
import pytest

from recsys.figures.course import timeline, vocabulary
from recsys.figures.curves import gradient_share, loss, ranking_metrics
from recsys.figures.products import popularity_bias, product_map
from recsys.figures.ratings import BINS, rating_error
from tests.rcmvae.figures.reading import notes, traces
from tests.recsys.figures import toy


def test_an_epoch_without_a_value_is_a_gap_and_not_zero() -> None:
    bundle = toy.make("retrieval")
    bundle.told["history"]["metrics"]["train/loss"][1] = None
    (line,) = traces(loss(bundle))
    assert list(line.y) == [0.5, None, 0.25, 0.2]


def test_a_validation_loss_is_drawn_where_it_was_measured() -> None:
    bundle = toy.make("retrieval")
    bundle.told["history"]["metrics"]["validation/loss"] = [0.9, 0.8, 0.7, 0.6]
    assert [(line.name, line.y[0]) for line in traces(loss(bundle))] == [("train", 0.5), ("validation", 0.9)]


def test_shares_and_errors_have_axes_of_their_own() -> None:
    lines = {line.name: line.xaxis for line in traces(ranking_metrics(toy.make("multitask")))}
    assert lines == {"Recall@10, all items": "x", "MRR, all items": "x", "RMSE": "x2", "MAE": "x2"}


def test_the_shares_of_both_tasks_make_one() -> None:
    bundle = toy.make("multitask")
    bundle.told["history"]["metrics"]["train/retrieval_share"] = [0.5, None, 0.75, 1.0]
    retrieval, rating = traces(gradient_share(bundle))
    assert list(retrieval.y) == [0.5, None, 0.75, 1.0]
    assert list(rating.y) == [0.5, None, 0.25, 0.0]


def test_both_shares_of_every_decile_are_drawn() -> None:
    train, recommended = traces(popularity_bias(toy.make("retrieval")))
    assert list(train.y) == toy.deciles()["train"]
    assert list(recommended.y) == [0.1] * 10


def test_every_product_is_one_point_of_its_value() -> None:
    bundle = toy.make()
    shown = bundle.products
    assert shown is not None
    points = {
        row[0]: (trace.name, x, y)
        for trace in traces(product_map(bundle))
        for x, y, row in zip(trace.x, trace.y, trace.customdata, strict=True)
    }
    assert len(points) == toy.CANDIDATES
    for item, value, (x, y) in zip(shown.items, shown.values, shown.coordinates, strict=True):
        assert points[item] == (value, pytest.approx(float(x)), pytest.approx(float(y)))


def test_without_an_attribute_products_are_coloured_by_their_train_rows() -> None:
    bundle = dataclasses.replace(
        toy.make(), products=toy.products(50, np.random.default_rng(0), attribute="")
    )
    (points,) = traces(product_map(bundle))
    assert bundle.products is not None
    assert 10 ** np.array(points.marker.color) - 1 == pytest.approx(bundle.products.counts)


def test_a_sample_of_products_says_of_how_many_it_is() -> None:
    bundle = toy.make()
    assert bundle.products is not None
    figure = product_map(
        dataclasses.replace(bundle, products=dataclasses.replace(bundle.products, total=9_000))
    )
    assert "300 of 9,000 products" in notes(figure)


def test_each_rating_has_the_quartiles_of_its_predictions() -> None:
    bundle = toy.make("ranking")
    boxes, _, bars = traces(rating_error(bundle))
    assert list(boxes.x) == [1, 2, 3, 4, 5]
    for place, value in enumerate(boxes.x):
        own = [float(p) for p, a in zip(bundle.predicted["model"], bundle.actual, strict=True) if a == value]
        q1, median, q3 = statistics.quantiles(own, n=4, method="inclusive")
        assert (boxes.q1[place], boxes.median[place], boxes.q3[place]) == pytest.approx((q1, median, q3))
    assert len(bars.x) == BINS
    assert sum(bars.customdata) == toy.ROWS


def test_ratings_of_many_values_are_points() -> None:
    rng = np.random.default_rng(0)
    actual = rng.normal(size=12_000).astype(np.float32)
    bundle = dataclasses.replace(
        toy.make("ranking"), actual=actual, predicted={"model": actual + np.float32(0.5)}
    )
    points, _, bars = traces(rating_error(bundle))
    assert len(points.x) == 5_000
    assert np.array(points.y) - np.array(points.x) == pytest.approx(0.5, abs=1e-5)
    assert sum(bars.customdata) == 12_000


def test_a_cut_that_never_happened_has_no_bar() -> None:
    bars = [trace for trace in traces(vocabulary(toy.make())) if trace.type == "bar"]
    assert {bar.name: list(bar.x) for bar in bars} == {"known": [40, 40], "cut: too rare": [3, 3]}


def test_a_part_without_rows_has_no_unknown_share() -> None:
    (test,) = [trace for trace in traces(vocabulary(toy.make())) if trace.name == "test"]
    assert list(test.x) == [0.01, None]


def test_a_stage_begins_where_the_one_before_ended() -> None:
    (bar,) = traces(timeline(toy.make()))
    assert list(bar.base) == [0, 0.5, 1.75]
    assert list(bar.x) == [0.5, 1.25, 20.0]
    assert "21.8 s in all" in notes(timeline(toy.make()))
