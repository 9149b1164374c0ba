"""The list of tests, one test, and tests beside each other."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dashboard.components import Action
from dashboard.context import AppContext
from dashboard.families.recsys.pages import frame
from dashboard.families.recsys.pages.tests import (
    callbacks,
    compare_view,
    recent,
    recent_callbacks,
    recent_view,
    results,
    start_view,
    test,
    view,
)
from dashboard.families.recsys.pages.tests.recent import Filters
from dashboard.live.feed import Feed, Series
from dashboard.live.launch import launch_words
from dashboard.live.look import Asked, look
from dashboard.pages.model.diagnose import Place
from dashboard.pages.page import query_of
from recsys.family import FAMILY as RECOMMENDERS
from recsys.model.warning import Action as Mend
from recsys.model.warning import Code, ConfigWarning
from recsys.service import RecommenderService
from tests.support.acting import run_to
from tests.support.trees import found, having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.families import Panel
from workbench.runs import events
from workbench.runs.events import NewEvent
from workbench.state import RunError, RunRecord, RunState


@pytest.fixture
def run(service: RecommenderService, stored: Any) -> RunRecord:
    return service.tests.start(actor="me", feature_config=stored.targeted, model_config=stored.retrieval)


def named(tree: Any, name: str) -> list:
    """Elements that do what is called so."""
    return found(tree, lambda c: getattr(c, "data-act", None) == name)


def test_without_tests_the_list_leads_to_the_first(context: AppContext) -> None:
    shown = recent_view.render(context)
    assert "No quick tests yet" in text_of(shown)
    assert [c.href for c in found(shown, lambda c: getattr(c, "href", None) == "/recommenders/tests/new")] == ["/recommenders/tests/new"]


def test_the_list_names_what_is_tested_and_an_active_test_can_be_cancelled(context: AppContext, run: RunRecord) -> None:
    shown = recent_view.render(context)
    assert f"#{run.number} With stars + Finder" in text_of(shown)
    assert [getattr(c, "data-id") for c in named(shown, "cancel")] == [run.id]
    assert named(shown, "rerun") == []
    assert "Training loss, last epoch" in text_of(shown)


@pytest.mark.parametrize(
    ("filters", "taken"),
    [
        ({"q": "STARS"}, True), ({"q": "#1"}, True), ({"q": "#12"}, False), ({"q": "other"}, False), ({"status": "pending"}, True),
        ({"status": "failed"}, False), ({"kind": "retrieval"}, True), ({"kind": "ranking"}, False),
    ],
)  # fmt: skip
def test_filters_take_what_they_say(context: AppContext, run: RunRecord, filters: dict[str, str], taken: bool) -> None:
    assert recent_view.listed(context, Filters.of(filters)).total == taken


def test_a_long_list_draws_its_newest_tests_and_more_when_asked(context: AppContext, service: RecommenderService, run: RunRecord) -> None:
    newer = [service.tests.rerun(actor="me", key=run.id) for _ in range(2)]
    found = recent_view.listed(context, Filters(), 2)
    assert ([row.item.number for row in found.rows], found.total) == ([newer[1].number, newer[0].number], 3)
    table = recent.table(found, ())
    assert len(found_rows(table)) == 2
    assert [text_of(c) for c in named(table, "more")] == ["Show 1 more"]
    assert "of 1 older test" in text_of(table)
    whole = recent.table(recent_view.listed(context, Filters(), recent.PAGE_ROWS), ())
    assert (len(found_rows(whole)), named(whole, "more")) == (3, [])


def found_rows(table: Any) -> list[Any]:
    return of_class(table, "test-cell-name")


def test_filters_stand_in_the_address_and_come_back_from_it() -> None:
    filters = recent_callbacks.filters_of(["a b", "failed", "all", "", None])
    assert filters.address == "/recommenders/tests?q=a+b&status=failed"
    assert Filters.of({"q": "a b", "status": "failed"}) == filters
    assert recent_callbacks.filters_of(recent_callbacks.unfiltered()) == Filters()
    assert named(recent.table(recent.Listed([], 0), ()), "all")


def test_a_sixth_test_cannot_be_selected_while_the_others_can_be_taken_back(
    context: AppContext, service: RecommenderService, run: RunRecord
) -> None:
    for _ in range(5):
        service.tests.rerun(actor="me", key=run.id)
    listed = recent_view.listed(context, Filters())
    ids = [row.item.id for row in listed.rows]

    def off(selected: list[str]) -> list[bool]:
        return [
            mark.disabled for mark in found(recent.table(listed, selected), lambda c: getattr(c, "data-marks", None) == recent.SELECTED)
        ]

    assert off(ids[:4]) == [False] * 6
    assert off(ids[:5]) == [False] * 5 + [True]


def test_two_selected_tests_can_be_compared_and_one_cannot() -> None:
    links = found(recent.chosen(["a", "b"]), lambda c: getattr(c, "href", None))
    assert [link.href for link in links] == ["/recommenders/tests/compare?ids=a,b"]
    assert not found(recent.chosen(["a"]), lambda c: getattr(c, "href", None))


def test_a_test_that_waits_shows_its_stages_and_cancel_and_no_result(context: AppContext, run: RunRecord) -> None:
    shown = view.render(context, run.id)
    assert text_of(with_id(shown, "live-words")) == "Starting a worker"
    assert len(named(shown, "cancel")) == 1, "one way to cancel, not a second one beside the words of the launch"
    assert text_of(with_id(shown, "run-state")) == "Queued"
    assert not named(shown, "promote")
    assert not found(shown, lambda c: getattr(c, "id", None) == "result")


def test_cancelled_a_test_can_be_run_again_and_deleted(context: AppContext, service: RecommenderService, run: RunRecord) -> None:
    callbacks.act_on(context, "me", run.id, Action("cancel", run.id))
    shown = view.render(context, run.id)
    assert service.tests.get(run.id).state is RunState.STOPPED
    modes = [getattr(c, "data-value").partition(":")[0] for c in named(shown, "rerun")]
    assert modes == ["snapshot", "current"]
    assert len({getattr(c, "data-value").partition(":")[2] for c in named(shown, "rerun")}) == 2
    assert named(shown, "delete")
    assert not named(shown, "promote")


def test_a_cancelled_test_says_what_it_has_and_what_it_went_without(context: AppContext, run: RunRecord) -> None:
    reason = "Stopped as asked; the trained weights are kept. Not computed: EASE and the exported model."
    page = test.page(shown_of(context, run.model_copy(update={"state": RunState.STOPPED, "reason": reason})))
    (note,) = [text for text in map(text_of, of_class(page, "note")) if text.startswith("The test was cancelled.")]
    assert reason in note
    assert "The test was cancelled" not in text_of(test.page(shown_of(context, run)))


def test_a_mend_of_a_result_opens_a_test_like_it_with_the_change(context: AppContext, service: RecommenderService, run: RunRecord) -> None:
    longer = ConfigWarning(Code.NO_LIFT, "high", "Not better", Mend("Train longer", {"epochs": 40}))
    address = start_view.like_with(context, "me", run, longer)
    query = query_of(address.partition("?")[2])
    assert query == {"from": run.id, "epochs": "40"}
    begun = start_view.begun_with(context, query)
    payload = run.payload
    assert (begun.features, begun.settings) == (payload["features_of"]["id"], payload["settings"])
    assert begun.overrides["epochs"] == "40"
    before = len(service.models.list())
    other = ConfigWarning(Code.STEEP_RATE, "high", "Steep", Mend("Use adam", {"optimizer": "adam", "learning_rate": 0.005}))
    query = query_of(start_view.like_with(context, "me", run, other).partition("?")[2])
    assert len(service.models.list()) == before + 1
    copied = service.models.get(start_view.begun_with(context, query).model).recommender.training
    assert (copied.optimizer, copied.learning_rate, query["learning_rate"]) == ("adam", 0.005, "")


def test_another_run_is_no_quick_test(context: AppContext) -> None:
    with pytest.raises(CommandError) as refused:
        view.render(context, "run_0000000000000")
    assert refused.value.code == "not_found"


def shown_of(context: AppContext, run: RunRecord, **more: Any) -> test.Shown:
    """What the page of a test shows that ended otherwise than the small family can."""
    return replace(view.shown_of(context, run), run=run, **more)


def whole() -> dict[str, Any]:
    """The figures and curves of the family itself, all of which a test has."""
    return {"has_bundle": True, "panels": RECOMMENDERS.panels, "places": [Place(figure, "shown") for figure in RECOMMENDERS.figures]}


def test_a_failed_test_says_where_why_and_what_to_do(context: AppContext, run: RunRecord) -> None:
    error = RunError(message="The loss is not finite", code="NON_FINITE", stage="train", hint="Use a tenth of the learning rate")
    failed = run.model_copy(update={"state": RunState.FAILED, "error": error})
    shown = view.shown_of(context, run)

    told = shown.view.model_copy(update={"error": _error(failed)})
    said = text_of(test.page(replace(shown, run=failed, view=told)))
    for words in ("The test failed.", "Train", "The loss is not finite", "NON_FINITE", "Use a tenth of the learning rate", "See the log"):
        assert words in said, words


@pytest.mark.parametrize(("resumable", "way"), [(True, "Resume goes on"), (False, "Run again does it anew")])
def test_a_test_whose_worker_died_was_interrupted_and_says_how_to_go_on(
    context: AppContext, run: RunRecord, resumable: bool, way: str
) -> None:
    from dashboard.families.recsys.quick_test_views import TestError

    lost = run.model_copy(update={"state": RunState.INTERRUPTED, "reason": "The worker's process is gone."})
    error = TestError(code="WORKER_LOST", message="The worker's process is gone.", stage=None, hint=None)
    shown = view.shown_of(context, run)
    told = shown.view.model_copy(update={"error": error, "resumable": resumable})
    said = " ".join(text_of(part) for part in test.failure(replace(shown, run=lost, view=told)))
    assert "The test was interrupted." in said
    assert way in said
    assert "failed" not in said
    both = told.model_copy(update={"error": error.model_copy(update={"message": f"{error.message} Go on.", "hint": "Go on."})})
    assert "".join(text_of(part) for part in test.failure(replace(shown, run=lost, view=both))).count("Go on.") == 1


def _error(run: RunRecord) -> Any:
    from dashboard.families.recsys.quick_test_views import TestError

    assert run.error is not None
    return TestError(code=run.error.code, message=run.error.message, stage=run.error.stage, hint=run.error.hint)


def test_a_completed_test_shows_everything_that_it_found(context: AppContext, run: RunRecord, told: dict[str, Any]) -> None:
    done = run.model_copy(update={"state": RunState.COMPLETED})
    page = test.page(shown_of(context, done, told=told, sources={"trainer.py": "import os\n"}, **whole()))
    ids = {getattr(c, "id", None) for c in found(page, lambda c: isinstance(getattr(c, "id", None), str))}
    assert {"result", "metrics", "curves", "figures", "customers", "code", "time", "made-of"} <= ids
    assert {"figure-run", "figure-download", "figure-action", "figure-dials"} <= ids
    hrefs = [c.href for c in found(page, lambda c: getattr(c, "href", None))]
    assert f"/api/quick-tests/{run.id}/export" in hrefs
    assert f"/run-files/{run.id}/results.json?download=1" in hrefs
    assert named(page, "promote")


def test_the_page_of_results_begins_with_the_verdict_and_says_nothing_twice(
    context: AppContext, run: RunRecord, told: dict[str, Any]
) -> None:
    done = run.model_copy(update={"state": RunState.COMPLETED, "headline": {"recall_at_10": 0.2}})
    more = told["warnings"] * 2
    page = test.page(shown_of(context, done, told={**told, "warnings": more}, **whole()))
    linked = [link.href.removeprefix("#") for link in of_class(page, "page-tab")]
    assert linked[0] == "result"
    for id in linked:
        with_id(page, id)
    shown = {card.id for card in of_class(page, "figure-card")}
    assert not shown & {f"figure-{name}" for name in results.TOLD_OTHERWISE}
    assert {f"figure-{figure.name}" for figure in RECOMMENDERS.figures} >= {f"figure-{name}" for name in results.TOLD_OTHERWISE}
    assert not having(page, id="live-metrics"), "the headline is not told a second time"
    assert "2 more doubts" in text_of(with_id(page, "result"))
    assert [part.open for part in of_class(page, "fold-section")] == [False] * 3


@pytest.mark.parametrize(("kind", "without"), [("retrieval", "rating"), ("ranking", "quality"), ("multitask", "")])
def test_curves_are_of_what_the_model_does_and_of_what_an_ended_test_measured(run: RunRecord, kind: str, without: str) -> None:
    declared, ended = RECOMMENDERS, run.model_copy(update={"state": RunState.STOPPED})
    names = {panel.name for panel in declared.panels}
    assert {panel.name for panel in view.panels_of(declared, run, kind, Feed())} == names - {without}
    assert view.panels_of(declared, ended, kind, Feed()) == []
    losses = Feed(series={"train/loss": Series((1,), (3.0,), (1,))})
    assert [panel.name for panel in view.panels_of(declared, ended, kind, losses)] == ["loss"]


def test_a_test_that_was_cancelled_before_it_began_has_no_empty_part(context: AppContext, run: RunRecord) -> None:
    callbacks.act_on(context, "me", run.id, Action("cancel", run.id))
    page = view.render(context, run.id)
    said = text_of(page)
    assert "Cancelled before it started." in said
    assert "Stopped" not in said
    assert text_of(with_id(page, "run-state")) == "Cancelled"
    assert [text_of(link) for link in of_class(page, "page-tab")] == ["Made of", "Log"]
    assert "Cancelled" in text_of(recent_view.render(context))


def test_one_look_says_the_same_of_state_stage_and_stages(context: AppContext, bench: Any, run: RunRecord) -> None:
    def told(*rows: tuple[str, str], percent: float) -> dict[str, Any]:
        stages = [{"stage": stage, "status": status, "seconds": 1.0} for stage, status in rows]
        values = {"stages": stages, "all": [], "percent": percent, "share": 0}
        with bench.store.transaction() as connection:
            events.append(
                connection, run.id, bench.state().runs[run.id].attempt, [NewEvent.now("diagnostics", name="stages", epoch=0, values=values)]
            )
        return json.loads(look(bench, Asked.model_validate({"model": run.subject.id, "run": run.id, "parts": {"steps": ""}})))

    def steps(answer: dict[str, Any]) -> str:
        return str(answer["parts"]["steps"]["children"])

    run_to(bench, run, "starting")
    assert text_of(with_id(view.render(context, run.id), "run-state")) == "Running"
    training = told(("split", "done"), ("train", "running"), percent=20)
    assert (training["phase"]["state"], training["bar"]["words"]) == ("starting", "Train")
    assert "under way" in steps(training)
    assert launch_words(bench, bench.state().runs[run.id]) == "Train", "not that it compiles"
    ending = told(("train", "done"), ("export", "done"), percent=100)
    assert (ending["bar"]["words"], "under way" in steps(ending)) == ("Finishing", False)
    callbacks.act_on(context, "me", run.id, Action("cancel", run.id))
    page = view.render(context, run.id)
    assert text_of(with_id(page, "live-words")) == text_of(having(page, id="recsys-test-cancel")) == "Cancelling"


def test_a_promotion_makes_one_model_of_a_test_that_has_completed(context: AppContext, run: RunRecord) -> None:
    action = Action("promote", "run_1:model_1", '{"name": "Grown", "epochs": 4, "sample_percent": 100}')
    with pytest.raises(CommandError, match="completed"):
        callbacks.promote(context, "me", run.id, action)


def test_tests_are_compared_by_what_differs(context: AppContext, service: RecommenderService, run: RunRecord, stored: Any) -> None:
    other = service.tests.start(actor="me", feature_config=stored.targeted, model_config=stored.steep)
    said = text_of(compare_view.render(context, {"ids": f"{run.id},#{other.number}"}))
    assert "/model/learning_rate" in said
    assert "0.005" in said
    assert "0.2" in said
    assert "One of them has no results." in said
    assert f"#{run.number} and #{other.number} have no results to compare." in said
    assert "Smoothing" not in said, "there are no curves"


@pytest.mark.parametrize("ids", ["", "1", "1,1"])
def test_fewer_than_two_tests_cannot_be_compared(context: AppContext, run: RunRecord, ids: str) -> None:
    assert "Choose the tests to compare" in text_of(compare_view.render(context, {"ids": ids}))


def test_curves_lie_over_epochs_or_over_the_seconds_that_they_took() -> None:
    feed = Feed(
        series={"train/loss": Series((1, 2, 3), (3.0, 2.0, 1.0), (1, 2, 3)), "epoch_seconds": Series((1, 2, 3), (2.0, 1.0, 1.5), (1, 2, 3))}
    )
    assert compare_view.key_of(Panel("loss", "Loss", ""), [feed]) == "train/loss"
    assert compare_view.key_of(Panel("rating", "Rating", ""), [feed]) is None
    assert compare_view.times_of(feed, (1, 3)) == [2.0, 4.5]


def test_ids_of_an_address_count_once() -> None:
    assert frame.query_ids({"ids": " a,b,,a "}) == ["a", "b"]
