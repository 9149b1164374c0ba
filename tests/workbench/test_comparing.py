"""Runs beside each other: which value is best, what differs, and means over equal runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import acting
from tests.support.records import run_record
from traffic.config_data import DataUse
from traffic.holding import ModelPayload
from workbench.comparing import apart_words, averaged, begun_rows, grouped, headline_rows, measured, metric_rows, setting_rows, spread
from workbench.families import Metric
from workbench.runs.job import Summary
from workbench.services.comparison import compare


@pytest.fixture
def runs(bench: Any, make_model: Any) -> list[Any]:
    """Three runs of one model, with other settings and results each."""
    model = make_model("Oak")
    found = []
    for rate, loss, accuracy in ((0.1, 3.0, 0.5), (0.1, 1.0, 0.7), (0.3, 2.0, None)):
        run = acting.run_to(bench, acting.queue(bench, model), "running")
        config = {**run.config, "training": {**run.config["training"], "learning_rate": rate}}
        headline = {name: value for name, value in (("loss", loss), ("accuracy", accuracy)) if value is not None}
        found.append(run.model_copy(update={"config": config, "headline": headline}))
        acting.finish(bench, run)
    return found


def test_the_best_is_that_of_the_metrics_own_direction_and_needs_two(runs: list[Any]) -> None:
    rows = {row.metric.key: row for row in headline_rows(runs)}
    assert rows["loss"].values == (3.0, 1.0, 2.0)
    assert rows["loss"].best == {1}
    assert rows["accuracy"].values == (0.5, 0.7, None)
    assert rows["accuracy"].best == {1}
    assert {row.metric.key: row.best for row in headline_rows(runs[2:])} == {"loss": frozenset()}


def test_results_on_different_data_are_not_ranked_and_that_is_said(bench: Any, runs: list[Any]) -> None:
    other = [runs[0].model_copy(update={"dataset": runs[0].dataset.model_copy(update={"content_sha256": "other"})}), *runs[1:]]
    rows = {row.metric.key: row.best for row in headline_rows(other)}
    assert rows == {"loss": frozenset(), "accuracy": frozenset()}
    assert all(not row.best for row in metric_rows(other, [{"training": {"loss": {"value": 2.0}}}] * 3))
    assert "not all measured on the same data" in apart_words(other)
    assert {row.metric.key: row.best for row in headline_rows(other[1:])}["loss"] == {0}, "those on equal data are ranked as ever"
    assert (apart_words(runs), compare(bench, [run.id for run in runs]).apart) == ("", "")


def test_forecasts_in_other_units_or_of_other_days_are_not_ranked() -> None:
    payload = ModelPayload(
        use=DataUse().model_dump(mode="json"), sensors=3, all_sensors=3, n_train=9, n_val=9, n_test=9, inputs=("speed",), targets=("speed",)
    )

    def run(**use: Any) -> Any:
        told = payload.model_copy(update={"use": DataUse.model_validate(use).model_dump(mode="json")})
        given = {"family": "traffic", "model_type": "lstm", "payload": told.model_dump(mode="json")}
        return run_record(**given, headline={"test/masked_mae@null=nan/avg": 3.0 - bool(use)})

    assert [row.best for row in headline_rows([run(), run(impute="mean")])] == [{1}]
    for use, words in (
        ({"convert_units": "km/h"}, "unit of speeds"), ({"split": (0.5, 0.2, 0.3)}, "test period"), ({"zeros_as_missing": "both"}, "rule for zeros"),
    ):  # fmt: skip
        assert [row.best for row in headline_rows([run(), run(**use)])] == [frozenset()]
        assert words in apart_words([run(), run(**use)])


def test_what_a_run_keeps_of_its_summary_says_the_unit_of_its_headline_without_it() -> None:
    key = "test/masked_mae@null=nan/avg"
    metrics = {"test": {"masked_mae@null=nan/avg": {"value": 3.0, "unit": "mph"}, "mape": {"value": 2.0}}}
    summary = Summary(outcome="completed", epochs=1, kept=Path("kept"), headline={key: 3.0, "test/mape": 2.0, "loss": 1.0}, metrics=metrics)
    assert summary.units == {key: "mph"}
    run = run_record(family="traffic", model_type="lstm", headline={key: 3.0}, units=summary.units)
    assert measured(run, key).text(3.0) == "3 mph"
    assert headline_rows([run])[0].metric.unit == "mph"


def test_metrics_of_summaries_are_those_with_one_number(runs: list[Any]) -> None:
    summaries = [
        {"training": {"loss": {"value": 2.0}, "confusion": {"value": [[1]]}, "elbo": {"value": None, "state": "skipped"}}},
        {"training": {"loss": {"value": 2.0}}, "more": {"count": {"value": 3}, "odd": {"value": float("nan")}, "yes": {"value": True}}},
        {},
    ]
    rows = {(row.group, row.metric.key): row for row in metric_rows(runs, summaries)}
    assert set(rows) == {("training", "loss"), ("more", "count")}
    assert rows["training", "loss"].values == (2.0, 2.0, None)
    assert rows["training", "loss"].best == {0, 1}, "equal ones are equally good"
    assert rows["more", "count"].best == frozenset()


def test_settings_that_differ_are_told_apart_and_group_the_runs(bench: Any, runs: list[Any]) -> None:
    rows = {row.path: row for row in setting_rows(runs, [bench.models.resolved(run) for run in runs])}
    assert [path for path, row in rows.items() if row.differs] == ["learning_rate"]
    assert rows["learning_rate"].values == (0.1, 0.1, 0.3)
    first, second = grouped(rows["learning_rate"], headline_rows(runs), runs)
    assert (first.words, first.places, second.words, second.places) == (
        rows["learning_rate"].words[0],
        (0, 1),
        rows["learning_rate"].words[2],
        (2,),
    )
    loss = next(i for i, row in enumerate(headline_rows(runs)) if row.metric.key == "loss")
    assert first.spreads[loss] == "2 ± 1.4"
    assert second.spreads[loss].startswith("2")


def test_no_mean_is_taken_over_different_data_and_that_is_said(bench: Any, runs: list[Any]) -> None:
    other = [runs[0].model_copy(update={"dataset": runs[0].dataset.model_copy(update={"content_sha256": "other"})}), *runs[1:]]
    rows = {row.path: row for row in setting_rows(other, [bench.models.resolved(run) for run in other])}
    first, second = grouped(rows["learning_rate"], headline_rows(other), other)
    assert first.spreads == ("not averaged: different data",) * len(headline_rows(other))
    assert second.spreads[0].startswith("2"), "of a single run there is its value"
    accuracy = Metric("accuracy", "Accuracy", format="share")
    assert averaged(accuracy, other, [None, 0.5, 0.7]) == "60.0 ± 14 %", "those that have the value were measured alike"
    assert averaged(accuracy, other, [0.9, 0.5, None]) == "not averaged: different data"


def test_a_spread_is_the_samples_and_of_one_value_the_value() -> None:
    share = Metric("accuracy", "Accuracy", format="share")
    assert spread(share, [0.5, 0.7, None]) == "60.0 ± 14 %"
    assert spread(share, [0.5]) == "50.0 %"
    assert spread(share, [None]) == ""


def test_what_runs_began_with_is_told_apart_too(bench: Any, runs: list[Any]) -> None:
    rows = begun_rows([[("Dataset", "Digits"), ("Sample", "100 items, 3 labels")], [("Dataset", "Digits"), ("Went on from", "run #1")]])
    assert [(row.label, row.words, row.differs) for row in rows] == [
        ("Dataset", ("Digits", "Digits"), False),
        ("Sample", ("100 items, 3 labels", None), True),
        ("Went on from", (None, "run #1"), True),
    ]
    assert rows[2].path == "begun.went_on_from"
    found = {row.label: row for row in compare(bench, [run.id for run in runs]).settings}
    assert found["Sample"].words[0] is not None, "a run tells how many labels it began with"
