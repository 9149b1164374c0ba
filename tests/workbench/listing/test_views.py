"""Saved views: kept under a name, changed, undone, and refused where their page could not show them."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.commands.base import CommandError
from workbench.listing.asked import Asked
from workbench.listing.views import MAX_VALUE, ViewRecord, view_named, views_of
from workbench.store.store import Store


@pytest.fixture
def views(bench: Any) -> Any:
    """The views of a workbench without runs."""
    return bench.views


def test_a_view_keeps_what_its_address_says_and_gives_it_back(bench: Any, views: Any) -> None:
    view = views.create(
        actor="ann",
        name=" Long  ones ",
        page="runs",
        query={"where": "duration > 2 min", "columns": "state,seed", "sort": "-seed", "group": ""},
    )
    assert view.name == "Long ones"
    assert view.asked == Asked(where="duration > 2 min", columns=("state", "seed"), sort=("-seed",))
    assert view.address == f"/runs?view={view.id}"
    assert views_of(bench.state(), "runs") == [view]
    assert views_of(bench.state(), "compare") == []


def test_a_view_is_changed_renamed_deleted_restored_and_each_is_undone(bench: Any, views: Any) -> None:
    view = views.create(actor="ann", name="One", page="runs", query={"where": "seed = 1"})
    views.change(actor="ann", view_id=view.id, name="Two", query={"where": "seed = 2"})
    assert (views.get(view.id).name, views.get(view.id).query) == ("Two", {"where": "seed = 2"})
    assert bench.undo_words("ann") == "Change the view Two"
    bench.undo(actor="ann")
    bench.undo(actor="ann")
    assert (views.get(view.id).name, views.get(view.id).query) == ("One", {"where": "seed = 1"})
    views.delete(actor="ann", view_id=view.id)
    assert views_of(bench.state(), "runs") == []
    views.create(actor="ben", name="one", page="runs", query={})
    assert views.restore(actor="ann", view_id=view.id).name == "One (2)"


def test_what_another_has_changed_since_is_not_undone(bench: Any, views: Any) -> None:
    view = views.create(actor="ann", name="One", page="runs", query={})
    views.change(actor="ann", view_id=view.id, query={"where": "seed = 1"})
    views.change(actor="ben", view_id=view.id, query={"where": "seed = 2"})
    with pytest.raises(CommandError, match="was changed since"):
        bench.undo(actor="ann")
    assert views.get(view.id).query == {"where": "seed = 2"}


@pytest.mark.parametrize(("query", "said"), [
    ({"wher": "seed = 1"}, "has no 'wher'"), ({"where": "sed = 1"}, "There is no column “sed”"), ({"columns": "nope"}, "no run here"),
    ({"group": "nope"}, "no run here"), ({"where": "x" * (MAX_VALUE + 1)}, "at most 2,000"), ({"where": "(" * 500}, "more than 40"),
])  # fmt: skip
def test_what_the_list_could_not_show_is_refused(views: Any, query: dict[str, str], said: str) -> None:
    with pytest.raises(CommandError, match=f"(?i){said}"):
        views.create(actor="ann", name="One", page="runs", query=query)


def test_a_view_is_found_by_name_or_id_and_a_wrong_name_gets_the_closest(bench: Any, views: Any) -> None:
    view = views.create(actor="ann", name="Long ones", page="runs", query={})
    assert view_named(bench.state(), "long ONES") == view_named(bench.state(), view.id) == view
    with pytest.raises(CommandError, match="no view named 'Long one'") as caught:
        view_named(bench.state(), "Long one")
    assert caught.value.hint == "Did you mean Long ones?"


def test_names_are_unique_within_a_page(views: Any) -> None:
    views.create(actor="ann", name="One", page="runs", query={})
    with pytest.raises(CommandError, match="There is a view named One already"):
        views.create(actor="ben", name="ONE", page="runs", query={})


@pytest.mark.parametrize(
    ("ids", "said"), [("", "not 0"), ("run_0000000000000", "not 1"), ("run_0000000000000,run_0000000000001", "There is no run")]
)
def test_a_view_of_a_comparison_names_runs_that_are_there(views: Any, ids: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        views.create(actor="ann", name="One", page="compare", query={"ids": ids})


def test_views_are_read_again_by_another_process(bench: Any, views: Any) -> None:
    view = views.create(actor="ann", name="One", page="runs", query={"sort": "-seed"})
    other = Store.open(bench.settings.database_url)
    assert other.state().of("view")[view.id] == view
    assert isinstance(other.state().of("view")[view.id], ViewRecord)
    other.close()


def test_a_change_that_changes_nothing_is_no_entry_of_the_history(bench: Any, views: Any) -> None:
    view = views.create(actor="ann", name="One", page="runs", query={"sort": "-seed"})
    before = bench.state().version
    views.change(actor="ann", view_id=view.id, query={"sort": "-seed", "where": " "})
    assert bench.state().version == before
