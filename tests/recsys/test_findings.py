"""Lifts and doubts in words, on the command line and in a run's report."""

from __future__ import annotations

from typing import Any

from recsys.findings import doubts, lifts
from recsys.report import tables
from tests.recsys.figures import toy

WARNING = {
    "code": "W-08", "severity": "high", "message": "It is no better",
    "action": {"words": "Do something", "settings": {}, "without_columns": []},
}  # fmt: skip


def against(baseline: float, relative: float) -> dict[str, Any]:
    found = toy.lift(0.3 - baseline, 0.3 - baseline - 0.01, 0.3 - baseline + 0.01)
    return found | {"relative": relative}


def test_the_best_baseline_stands_first_and_one_below_popularity_is_called_so() -> None:
    found = {"popularity": against(0.2, 0.5), "item_knn": against(0.04, 6.53), "ease": against(0.35, -0.14)}
    rows = lifts({"lift": {"recall_at_10_unseen": found, "rmse": {}}}).rows
    assert [row[0] for row in rows] == [
        "Recall@10, seen left out, against EASE",
        "Recall@10, seen left out, against Popularity",
        "Recall@10, seen left out, against ItemKNN (itself worse than popularity)",
    ]
    assert [row[3] for row in rows] == ["-14.0 %", "+50.0 %", "–"]
    assert [row[4] for row in rows] == ["worse", "better", "better"]


def test_of_errors_the_lowest_is_the_best_baseline() -> None:
    found = {"mean": against(1.0, -0.7), "user_item_means": against(1.2, -0.75)}
    rows = lifts({"lift": {"rmse": found}}).rows
    assert [row[0] for row in rows] == [
        "RMSE, against Mean rating",
        "RMSE, against User and item means (itself worse than mean rating)",
    ]


def test_a_report_has_the_lifts_and_the_doubts_and_no_empty_table() -> None:
    bundle = toy.make("multitask", warnings=[WARNING])
    beside, doubted = tables(bundle)
    assert beside.title == "Beside baselines"
    assert beside.rows[0][0] == "Recall@10, all items, against EASE"
    assert "-10.0 points" in beside.rows[0]
    assert doubted.rows == (("W-08", "high", "It is no better.", "Do something."),)
    assert tables(toy.make("retrieval", lift={"recall_at_10": {}})) == ()


def test_the_gravest_doubt_stands_first_however_they_were_kept() -> None:
    kept = [
        WARNING | {"code": code, "severity": severity}
        for code, severity in (("W-04", "info"), ("W-12", "medium"), ("W-08", "high"), ("W-03", "medium"), ("W-01", "high"))
    ]  # fmt: skip
    assert [row[0] for row in doubts({"warnings": kept}).rows] == ["W-01", "W-08", "W-03", "W-12", "W-04"]
