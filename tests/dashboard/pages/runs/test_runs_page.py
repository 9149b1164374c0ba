"""The Runs page: rows, columns, filter, groups, what changed since."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.pages import runs as runs_page
from dashboard.pages.runs import view
from dashboard.pages.runs.callbacks import chosen, tags_in
from dashboard.pages.runs.layout import columns, page
from dashboard.pages.runs.listed import MOST_ROWS, listed
from dashboard.pages.runs.rows import default_columns, field_of, needed_columns, row_of, rows_of, transaction
from tests.support.acting import finish, queue, run_to
from tests.support.records import run_record
from tests.support.trees import having, of_class, text_of, walk, with_id
from workbench.commands.base import CommandError
from workbench.listing.asked import Asked, lenient
from workbench.listing.columns import by_key, columns_of
from workbench.state import AppState


def state_of(*runs: Any) -> AppState:
    return AppState(records={"run": {run.id: run for run in runs}}, versions={run.id: 4 for run in runs})


def many(count: int) -> AppState:
    return state_of(*(run_record(id=f"run_{i:013}", number=i, seed=i % 3, headline={"accuracy": i / 1000}) for i in range(count)))


def row(run: Any) -> dict[str, Any]:
    return row_of(AppState(), run, columns_of([run]))


def test_a_row_holds_what_sorts() -> None:
    run = run_record(
        state="failed", number=7, headline={"accuracy": 0.95, "test/loss": 2.0}, duration_seconds=61.0, epochs_done=3, tags=("a", "b"), note="odd",
        error={"message": "NaN in epoch 3"},
    )  # fmt: skip
    found = row(run)
    assert (found["number"], found["state"], found["why"]) == (7, "Failed", "NaN in epoch 3")
    assert (found["duration"], found["epochs"], found["of"], found["tags"]) == (61.0, 3, 12, "a, b")
    assert found["m:accuracy"] == 0.95
    assert found["m:test/loss"] == 2.0
    assert found["s:use_tau_classifier"] in ("yes", "no")


def test_a_run_of_a_deleted_model_says_so() -> None:
    found = row(run_record())
    assert (found["about"], found["about_href"]) == ("a deleted model", "")


def test_fields_hold_no_dots_which_grids_read_as_nesting() -> None:
    assert not any(
        "." in field_of(column)
        for column in columns_of([run_record(headline={"top.5": 1.0}), run_record(family="recsys", model_type="recommender")])
    )


def test_a_grid_that_is_up_to_date_is_left_alone() -> None:
    state = state_of(run_record(id="run_a"))
    found = lenient(state, Asked())
    assert transaction(state, {"run_a": 4}, found, found.runs) == (None, {"run_a": 4})


def test_a_grid_learns_only_what_is_new_changed_or_gone_under_its_filter() -> None:
    runs = [run_record(id=name, number=number, seed=number) for number, name in enumerate(("run_a", "run_b", "run_c", "run_d"))]
    state = AppState(records={"run": {run.id: run for run in runs}}, versions={"run_a": 4, "run_b": 9, "run_c": 10, "run_d": 11})
    found = lenient(state, Asked(where="seed < 3"))
    change, now = transaction(state, {"run_a": 4, "run_b": 5, "run_gone": 1}, found, found.runs)
    assert change is not None
    assert [row["id"] for row in change["add"]] == ["run_c"]
    assert [row["id"] for row in change["update"]] == ["run_b"]
    assert change["remove"] == [{"id": "run_gone"}]
    assert now == {"run_a": 4, "run_b": 9, "run_c": 10}


def test_of_very_many_runs_the_grid_holds_the_first_in_its_order_and_the_page_says_so() -> None:
    state = many(MOST_ROWS + 5)
    found = lenient(state, Asked(sort=("accuracy",)))
    held = listed(state, found)
    assert [run.number for run in held.runs] == list(range(MOST_ROWS))
    assert len(rows_of_grid(page(state, found))) == MOST_ROWS
    assert text_of(with_id(page(state, found), "runs-cut-says")) == (
        "The grid holds 1,000 of 1,005 runs, the first in its order. Sorting and searching look at all of them."
    )
    assert with_id(page(state, found), "runs-cut").data is True
    fits = lenient(state, Asked(where="accuracy < 0.5"))
    assert (listed(state, fits).runs, listed(state, fits).cut) == (fits.runs, False)
    assert text_of(with_id(page(state, fits), "runs-cut-says")) == ""


def test_of_very_many_runs_all_are_searched_by_what_their_rows_say() -> None:
    few = [run_record(id=f"run_{n}", number=n, tags=("Nice", "odd"), note="so so", state="completed") for n in (3, 4)]
    state = AppState(records={"run": {run.id: run for run in (*many(MOST_ROWS + 5).runs.values(), *few) if run.number > 2 or run.note}})
    found = lenient(state, Asked())

    def numbers(search: str) -> list[int]:
        return [run.number for run in listed(state, found, search).runs]

    assert numbers("nice SO") == numbers("completed") == [4, 3]
    assert numbers("nice queued") == numbers("rcmvae") == []
    assert numbers("1004") == [1004]
    assert len(numbers("queued")) == MOST_ROWS
    assert listed(state, found, "nice").cut
    assert [row["number"] for row in rows_of_grid(page(state, found, search="nice"))] == [4, 3]


def test_a_run_that_comes_pushes_the_last_one_out_of_a_full_grid() -> None:
    before, after = many(MOST_ROWS + 1), many(MOST_ROWS + 2)
    known = {run.id: 4 for run in listed(before, lenient(before, Asked())).runs}
    found = lenient(after, Asked())
    change, now = transaction(after, known, found, listed(after, found).runs)
    assert change is not None
    assert ([row["number"] for row in change["add"]], change["remove"]) == ([MOST_ROWS + 1], [{"id": f"run_{1:013}"}])
    assert len(now) == MOST_ROWS


def rows_of_grid(shown: Any) -> list[dict[str, Any]]:
    return with_id(shown, "runs-grid").rowData


def test_the_grid_has_the_columns_asked_for_in_their_order_and_hidden_ones_that_sort_it() -> None:
    state = many(2)
    found = columns(lenient(state, Asked(columns=("seed", "learning_rate", "state"), sort=("-accuracy", "number"))))
    assert [c["field"] for c in found] == ["number", "about", "seed", "s:learning_rate", "state", "m:accuracy", "card", "id"]
    by_field = {c["field"]: c for c in found}
    assert by_field["m:accuracy"]["hide"]
    assert (by_field["m:accuracy"]["sort"], by_field["m:accuracy"]["sortIndex"]) == ("desc", 0)
    assert by_field["number"]["sort"] == "asc"
    assert "sort" not in by_field["seed"]


def test_only_what_is_shown_is_read_into_rows() -> None:
    state = many(1)
    found = lenient(state, Asked(columns=("seed",)))
    (only,) = rows_of(state, found.runs, needed_columns(found))
    assert only["seed"] == 0
    assert "m:accuracy" not in only


def test_columns_that_are_ticked_keep_their_order_and_the_usual_ones_are_no_choice() -> None:
    known = by_key(columns_of([run_record(headline={"accuracy": 0.5})]))
    usual = default_columns(known)

    def ticked(held: Asked, keys: tuple[str, ...]) -> tuple[str, ...]:
        return chosen(held, known, keys, "", "-", "").columns

    assert ticked(Asked(), tuple(reversed(usual))) == ()
    assert ticked(Asked(), (*usual, "seed")) == (*usual[:-2], "seed", "tags", "note")
    assert ticked(Asked(columns=("seed", "state")), ("state", "seed", "epochs")) == ("seed", "state", "epochs")
    assert ticked(Asked(), ("state", "is no more")) == ("state",)
    assert ticked(Asked(), ()) == ("number",)


def test_a_filter_that_cannot_be_read_is_marked_at_its_place_and_all_runs_are_shown() -> None:
    state = many(3)
    tree = page(state, lenient(state, Asked(where="seed = 1 and acuracy > 1")))
    said = with_id(tree, "runs-where-says")
    assert "There is no column “acuracy” at character 14" in text_of(said)
    assert "Did you mean accuracy?" in text_of(said)
    (wrong,) = [part for part in walk(said) if type(part).__name__ == "Mark"]
    assert wrong.children == "acuracy"
    assert with_id(tree, "runs-where").invalid
    assert len(with_id(tree, "runs-grid").rowData) == 3


def test_runs_are_grouped_with_means_and_each_group_leads_to_its_runs() -> None:
    state = many(6)
    tree = page(state, lenient(state, Asked(where="number < 4 or number = 5", group="seed")))
    table = with_id(tree, "runs-groups-grid")
    assert [(row["value"], row["runs"]) for row in table.rowData] == [("2", 2), ("0", 2), ("1", 1)]
    assert table.rowData[0]["m:accuracy:words"] == "0.4 ± 0.21 %"
    assert table.rowData[0]["where"] == "(number < 4 or number = 5) and seed = 2"
    assert with_id(page(state, lenient(state, Asked())), "runs-groups").children == []


def test_the_settings_in_which_runs_differ_stand_before_the_others() -> None:
    other = run_record(
        id="run_b", config={"architecture": {"input_shape": [8, 8, 1], "num_classes": 10}, "training": {"learning_rate": 0.5}}
    )
    state = state_of(run_record(id="run_a"), other)
    tree = page(state, lenient(state, Asked()))
    differing = with_id(tree, {"type": "runs-columns", "part": "differing"})
    assert "learning_rate" in [option["value"] for option in differing.options]
    assert "Group by Learning rate" in [option["label"] for option in with_id(tree, "runs-group").options]


def test_a_saved_view_says_what_is_shown_and_the_address_goes_before_it(bench: Any, digits_model: Any) -> None:
    queue(bench, digits_model)
    view_record = bench.views.create(
        actor="ann", name="Seeds", page="runs", query={"where": "seed > 1", "columns": "seed", "sort": "-seed"}
    )
    context = AppContext(lambda: bench, bench.settings)
    tree = view.render(context, {"view": view_record.id})
    assert with_id(tree, "runs-where").value == "seed > 1"
    assert [c["field"] for c in with_id(tree, "runs-grid").columnDefs] == ["number", "about", "seed", "card", "id"]
    assert "Seeds" in text_of(with_id(tree, "runs-views"))
    assert "changed" not in text_of(with_id(tree, "runs-views"))
    other = view.render(context, {"view": view_record.id, "where": ""})
    assert len(with_id(other, "runs-grid").rowData) == 1
    assert "Seeds (changed)" in text_of(with_id(other, "runs-views"))
    assert having(other, data_act="change")
    bench.views.delete(actor="ann", view_id=view_record.id)
    with pytest.raises(CommandError, match="was deleted"):
        view.render(context, {"view": view_record.id})


def test_tags_are_typed_with_commas_and_kept_once() -> None:
    assert tags_in(" paper, old ,paper,, ") == ("paper", "old")
    assert tags_in(None) == ()


def test_an_empty_page_says_what_a_run_is_and_where_to_start() -> None:
    tree = page(AppState(), lenient(AppState(), Asked()))
    assert "No runs yet" in text_of(tree)
    assert having(tree, href="/")


def test_one_models_runs_are_named_with_a_way_to_all(bench: Any, digits_model: Any) -> None:
    finish(bench, run_to(bench, queue(bench, digits_model), "running"), headline={"accuracy": 0.9})
    tree = view.render(AppContext(lambda: bench, bench.settings), {"model": digits_model.id})
    assert "1 run of First" in " ".join(text_of(tree).split())
    assert having(tree, href="/runs")
    assert with_id(tree, "runs-grid").rowData[0]["state"] == "Completed"


@pytest.mark.parametrize("query", [{"columns": "nope"}, {"group": "nope"}, {"sort": "-nope"}, {"model": "model_0000000000000"}])
def test_an_address_that_names_what_is_not_there_leads_nowhere(bench: Any, query: dict[str, str]) -> None:
    assert runs_page.PAGE.find is not None
    with pytest.raises(CommandError) as caught:
        runs_page.PAGE.find(AppContext(lambda: bench, bench.settings), query)
    assert caught.value.code == "not_found"


@pytest.mark.parametrize("n", [1_000])
def test_a_thousand_runs_are_one_grid_and_no_thousand_components(n: int) -> None:
    state = many(n)
    tree = page(state, lenient(state, Asked()))
    assert len(with_id(tree, "runs-grid").rowData) == n
    assert sum(1 for _ in walk(tree)) < 400
    assert of_class(tree, "where")
