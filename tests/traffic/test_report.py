"""What a report, and what warnings say of a run, and how its metrics are declared."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.traffic.bundles import bundle as made_bundle
from traffic.bundle import WindowSet
from traffic.metrics.scores import REPORTED
from traffic.metrics_declared import METRICS, PANELS, WATCHED, group_of, headline_key, metric_name
from traffic.report import tables
from traffic.warnings import caveats, notices
from workbench.families import Metrics


def course(epoch: int = 40, **values: Any) -> Any:
    usual = {
        "errors": {"model": 3.0, "ridge": 3.5, "last_value": 4.0, "historical_average": 5.0},
        "best": "ridge",
        "lead": 0.5,
        "low": 0.3,
        "high": 0.7,
        "silent": [],
    }
    told = SimpleNamespace(epoch=epoch, values={**usual, **values})
    return SimpleNamespace(epoch=epoch, series={}, diagnostics={"baselines": [told]})


def test_a_model_that_is_clearly_ahead_gives_no_notice() -> None:
    assert notices(course()) == ()
    nothing: Any = SimpleNamespace(epoch=0, series={}, diagnostics={})
    assert notices(nothing) == ()


def test_a_model_behind_the_best_baseline_is_named_with_both_errors() -> None:
    (notice,) = notices(course(lead=-0.2, low=-0.4, high=0.0))
    assert "does not beat the ridge: MAE 3 against 3.5" in notice.text
    assert notice.hint


@pytest.mark.parametrize(("epochs", "words"), [(1, "1 epoch of training is only"), (2, "2 epochs of training are only"), (5, "")])
def test_a_run_of_few_epochs_is_only_a_check_once_it_has_ended(epochs: int, words: str) -> None:
    found = notices(course(epochs))
    assert [words in notice.text and bool(notice.hint) for notice in found] == ([True] if words else [])
    assert notices(SimpleNamespace(epoch=epochs, series={}, diagnostics={})) == ()  # type: ignore[arg-type]


def test_a_lead_whose_interval_holds_0_may_be_luck() -> None:
    (notice,) = notices(course(lead=0.1, low=-0.1, high=0.3))
    assert "may be luck" in notice.text


@pytest.mark.parametrize(("coverage", "words"), [(0.80, "less than"), (0.98, "more than"), (0.93, ""), (None, "")])
def test_a_coverage_that_is_off_by_more_than_five_points_is_told(coverage: float | None, words: str) -> None:
    found = notices(course(nominal=0.9, coverage=coverage))
    assert [words in notice.text for notice in found] == ([True] if words else []), found


def test_what_limits_a_runs_results_is_noticed_with_what_to_do() -> None:
    (notice,) = notices(course(caveats=[["Trained on 5 of 9 windows", "Take all."]]))
    assert (notice.text, notice.hint) == ("Trained on 5 of 9 windows", "Take all.")
    sets = (WindowSet("train", 900, 0, 1),)
    facts = replace(made_bundle().facts, sets=sets, trained_windows=512, unseen_days="weekends", uncalibrated="Too few.", unvalidated=True)
    said = [f"{each.text}. {each.hint}" for each in caveats(facts)]
    assert [words in text for words, text in zip(("512 of 900", "no weekends", "validation rows", "Too few."), said, strict=True)] == [
        True
    ] * 4
    assert caveats(replace(made_bundle().facts, sets=sets, trained_windows=900)) == ()


@pytest.mark.parametrize(
    ("silent", "words"), [(["a"], "Detector a measured nothing"), (["a", "b", "c", "d"], "Detectors a, b, c and 1 more measured nothing")]
)
def test_silent_detectors_are_named(silent: list[str], words: str) -> None:
    (notice,) = notices(course(silent=silent))
    assert notice.text.startswith(words)


def test_no_two_metrics_have_one_key_and_all_that_is_watched_is_declared() -> None:
    measures = Metrics(METRICS)
    for key in WATCHED:
        assert key in measures, key
    panels = {panel.name for panel in PANELS}
    assert {metric.panel for metric in METRICS if metric.panel} <= panels


@pytest.mark.parametrize("protocol", ["strict", "standard"])
@pytest.mark.parametrize("null", ["nan", "0"])
def test_every_error_of_a_summary_has_a_label_that_says_its_mask(protocol: str, null: str) -> None:
    measures = Metrics(METRICS)
    labels = set()
    for method in ("test", "ridge", "last_value", "historical_average"):
        for error in ("mae", "rmse", "mape"):
            for horizon in (*(f"h{step}" for step in REPORTED), "avg"):
                key = f"{group_of(method, protocol)}/{metric_name(error, null, horizon)}"
                assert key in measures, key
                metric = measures.of(key)
                assert metric.key == key
                assert ("zeros left out" in metric.label) == (null == "0" and error != "mape")
                labels.add((method, metric.label))
    assert len(labels) == 4 * 3 * 4


def test_other_masks_and_other_protocols_have_other_headline_keys() -> None:
    keys = {headline_key(metric_name("mae", null, "avg"), protocol) for null in ("nan", "0") for protocol in ("strict", "standard")}
    assert len(keys) == 4


def test_the_report_has_a_row_for_each_method_and_says_protocol_mask_and_seeds() -> None:
    bundle = made_bundle()
    beside = next(table for table in tables(bundle) if table.title == "Beside simple forecasts")
    assert beside.rows[0][0] == "This model"
    assert len(beside.rows) == len(bundle.facts.methods)
    assert all(len(row) == len(beside.columns) for row in beside.rows)
    assert bundle.facts.protocol in beside.note
    assert "1 seed" in beside.note
    model = bundle.evaluation("model").total.metric("mae").mean(1)
    assert f"{model.mean():.3f}" in beside.rows[0]


def test_the_report_names_detectors_that_are_left_out() -> None:
    bundle = made_bundle()
    silent = replace(bundle, facts=replace(bundle.facts, silent=("s1",)))
    windows = next(table for table in tables(silent) if table.title.startswith("Windows"))
    assert "s1" in windows.note
    assert len(windows.rows) == len(bundle.facts.sets)


def test_what_was_not_measured_is_a_dash_and_never_nan() -> None:
    bundle = made_bundle()
    empty = replace(bundle, **{name: np.zeros_like(getattr(bundle, name)) for name in ("by_sensor", "by_time", "by_congestion", "by_day")})
    cells = [cell for table in tables(empty) if table.title == "Beside simple forecasts" for row in table.rows for cell in row]
    assert "–" in cells
    assert not any("nan" in cell for cell in cells)
