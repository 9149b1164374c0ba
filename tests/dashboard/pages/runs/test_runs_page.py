"""The Runs page: rows, columns, what changed since."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.pages.runs.callbacks import rows_for, tags_in
from dashboard.pages.runs.layout import columns, page
from dashboard.pages.runs.rows import Metric, listed, metrics_of, row_of, transaction
from tests.support.acting import finish, queue, run_to
from tests.support.records import run_record
from tests.support.trees import having, text_of, with_id
from workbench.families import Metric as Declared
from workbench.state import AppState, Subject


def test_a_row_holds_what_sorts_and_filters() -> None:
    run = run_record(
        state="failed", number=7, headline={"accuracy": 0.95, "test/loss": 2.0}, duration_seconds=61.0, epochs_done=3, tags=("a", "b"), note="odd",
        error={"message": "NaN in epoch 3"},
    )  # fmt: skip
    row = row_of(AppState(), run)
    assert (row["number"], row["state"], row["why"]) == (7, "Failed", "NaN in epoch 3")
    assert (row["duration"], row["epochs"], row["of"], row["tags"]) == (61.0, 3, 12, "a, b")
    assert row["m:accuracy"] == 0.95
    assert row["m:test/loss"] == 2.0


def test_a_run_of_a_deleted_model_says_so() -> None:
    row = row_of(AppState(), run_record())
    assert (row["about"], row["about_href"]) == ("a deleted model", "")


def test_fields_of_metrics_hold_no_dots_which_grids_read_as_nesting() -> None:
    assert "." not in Metric("accuracy.top.5", Declared("", "")).field


def test_metrics_of_all_runs_can_be_columns_those_of_the_newest_first() -> None:
    newer, older = run_record(headline={"accuracy": 0.9}), run_record(headline={"loss": 1.0, "accuracy": 0.8})
    assert [m.key for m in metrics_of((newer, older))] == ["accuracy", "loss"]


def test_families_that_mean_different_things_by_one_key_have_a_column_each() -> None:
    ours, theirs = run_record(headline={"loss": 1.0}), run_record(headline={"loss": 3.0}, family="gone")
    assert [m.field for m in metrics_of((ours, theirs))] == ["m:rcmvae:loss", "m:gone:loss"]
    assert row_of(AppState(), theirs)["m:gone:loss"] == 3.0
    (alone,) = metrics_of((ours,))
    assert row_of(AppState(), ours)[alone.field] == 1.0


def test_runs_are_listed_newest_first_without_deleted_ones() -> None:
    runs = {
        f"run_{n}": run_record(
            id=f"run_{n}", number=n, deleted_at="now" if n == 2 else None, subject=Subject(kind="model", id=f"model_{n % 2}")
        )
        for n in range(1, 5)
    }
    state = AppState(records={"run": runs})
    assert [r.number for r in listed(state)] == [4, 3, 1]
    assert [r.number for r in listed(state, "model_1")] == [3, 1]


def test_a_grid_that_is_up_to_date_is_left_alone() -> None:
    state = AppState(records={"run": {"run_a": run_record(id="run_a")}}, versions={"run_a": 4})
    assert transaction(state, {"run_a": 4}, None) == (None, {"run_a": 4})


def test_a_grid_learns_only_what_is_new_changed_or_gone() -> None:
    state = AppState(
        records={"run": {name: run_record(id=name, number=number) for number, name in enumerate(("run_a", "run_b", "run_c"))}},
        versions={"run_a": 4, "run_b": 9, "run_c": 10},
    )
    change, now = transaction(state, {"run_a": 4, "run_b": 5, "run_gone": 1}, None)
    assert change is not None
    assert [row["id"] for row in change["add"]] == ["run_c"]
    assert [row["id"] for row in change["update"]] == ["run_b"]
    assert change["remove"] == [{"id": "run_gone"}]
    assert now == {"run_a": 4, "run_b": 9, "run_c": 10}


def test_columns_not_chosen_are_hidden_and_the_fixed_ones_always_there() -> None:
    found = {
        c["field"]: c.get("hide")
        for c in columns(
            (Metric("accuracy", Declared("accuracy", "Accuracy")), Metric("loss", Declared("loss", "Loss"))), ("state", "m:accuracy")
        )
    }
    assert found["number"] is None
    assert found["state"] is False
    assert found["duration"] is True
    assert found["m:accuracy"] is False
    assert found["m:loss"] is True


def test_tags_are_typed_with_commas_and_kept_once() -> None:
    assert tags_in(" paper, old ,paper,, ") == ("paper", "old")
    assert tags_in(None) == ()


def test_an_empty_page_says_what_a_run_is_and_where_to_start() -> None:
    tree = page((), (), known={})
    assert "No runs yet" in text_of(tree)
    assert having(tree, href="/")


def test_one_models_runs_are_named_with_a_way_to_all(bench: Any, digits_model: Any) -> None:
    finish(bench, run_to(bench, queue(bench, digits_model), "running"), headline={"accuracy": 0.9})
    rows, metrics, known = rows_for(bench.state(), digits_model.id)
    tree = page(rows, metrics, known=known, model=(digits_model.id, digits_model.name))
    assert "1 run of First" in " ".join(text_of(tree).split())
    assert having(tree, href="/runs")
    assert with_id(tree, "runs-grid").rowData[0]["state"] == "Completed"


@pytest.mark.parametrize("n", [1_000])
def test_a_thousand_runs_are_one_grid_and_no_thousand_components(n: int) -> None:
    runs = {f"run_{i}": run_record(id=f"run_{i}", number=i) for i in range(n)}
    rows, metrics, known = rows_for(AppState(records={"run": runs}), None)
    tree = page(rows, metrics, known=known)
    assert len(with_id(tree, "runs-grid").rowData) == n
    from tests.support.trees import walk

    assert sum(1 for _ in walk(tree)) < 150
