"""Where a run stands, in words, buttons and a bar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.live.feed import Diagnostics, Feed, Standing, fold
from dashboard.live.panel import recent_runs
from dashboard.live.shown import shown_run
from dashboard.live.status import (
    Progress,
    bar_properties,
    button_properties,
    buttons_of,
    ended_words,
    last_metrics,
    metrics_strip,
    progress_of,
    with_edits,
)
from tests.dashboard.live.feeding import Script
from tests.support.records import run_record
from tests.support.trees import text_of
from workbench.families.metrics import UNITS
from workbench.state import AppState, RunError, RunState

FEED = fold(Feed(), Script().epoch(3, 12, train__loss=2.0, validation__loss=3.0, validation__accuracy=0.9).events)


RUNNING = run_record(state=RunState.RUNNING)


def test_progress_says_epoch_and_time_left() -> None:
    progress = progress_of(RUNNING, FEED)
    assert progress.words == "Epoch 3 of 12 · about 9.0 s left"
    assert progress.share == pytest.approx(0.25)


@pytest.mark.parametrize(("state", "words"), [(RunState.QUEUED, "Queued"), (RunState.STARTING, "Compiling")])
def test_a_run_that_has_not_begun_says_what_it_waits_for(state: RunState, words: str) -> None:
    progress = progress_of(run_record(state=state), Feed())
    assert (progress.words, progress.share) == (words, None)


def test_a_queued_run_names_the_runs_before_it() -> None:
    assert progress_of(run_record(state=RunState.QUEUED), Feed(), "Queued behind run #2").words == "Queued behind run #2"


@pytest.mark.parametrize("script", [Script().epoch(12, 12), Script().epoch(3, 12).add("finishing")])
def test_after_the_last_epoch_nothing_is_left_but_the_diagnostics(script: Script) -> None:
    assert "Computing diagnostics" in progress_of(RUNNING, fold(Feed(), script.events)).words


def test_a_stop_that_was_asked_for_says_after_which_step_it_comes() -> None:
    stopping = run_record(state=RunState.RUNNING, stop_requested_at="now")
    assert progress_of(stopping, FEED).words == "Stopping in epoch 4 of 12; what was learned is kept"


def test_a_run_of_several_stages_says_in_bar_and_words_what_its_family_says() -> None:
    training = replace(FEED, standing=Standing(0.4, "Train"))
    assert progress_of(RUNNING, training) == Progress(0.4, "Train · Epoch 3 of 12")
    measuring = replace(fold(Feed(), Script().epoch(12, 12).events), standing=Standing(0.9, "Measure"))
    assert progress_of(RUNNING, measuring) == Progress(0.9, "Measure")
    assert (measuring.share, bar_properties(progress_of(RUNNING, measuring))[2]) == (0.9, "90")
    stopping = run_record(state=RunState.RUNNING, stop_requested_at="now")
    assert progress_of(stopping, training).words == "Stopping; what was learned is kept"
    assert progress_of(run_record(state=RunState.STARTING), replace(Feed(), standing=Standing(None, ""))) == Progress(None, "Starting")


def test_a_bar_of_unknown_length_has_no_value() -> None:
    waiting = progress_of(run_record(state=RunState.QUEUED), Feed())
    assert bar_properties(waiting) == ({"width": "0.0%"}, "bar bar-unknown", "")
    assert bar_properties(progress_of(RUNNING, FEED)) == ({"width": "25.0%"}, "bar", "25")


def test_while_training_the_metrics_of_the_epoch_are_shown_validation_before_training() -> None:
    run = run_record(state=RunState.RUNNING)
    assert last_metrics(run, FEED) == [("Accuracy", "90.0 %", "validation"), ("Loss", "3", "validation")]


def test_afterwards_the_runs_result_is_shown() -> None:
    run = run_record(state=RunState.COMPLETED, headline={"accuracy": 0.957, "loss": 12.0})
    assert last_metrics(run, FEED) == [("Accuracy, held-out", "95.7 %", ""), ("Loss", "12", "")]


def test_units_that_the_data_decides_stand_behind_the_numbers() -> None:
    told = replace(FEED, diagnostics={UNITS: (Diagnostics(0, {"loss": "mph", "validation/loss": "mph"}),)})
    done = run_record(state=RunState.COMPLETED, headline={"accuracy": 0.957, "loss": 12.0})
    assert last_metrics(done, told) == [("Accuracy, held-out", "95.7 %", ""), ("Loss", "12 mph", "")]
    assert last_metrics(run_record(state=RunState.RUNNING), told)[1] == ("Loss", "3 mph", "validation")


def test_a_model_without_runs_says_what_comes() -> None:
    assert "Not trained yet" in text_of(metrics_strip(None, Feed()))


def test_a_completed_run_needs_no_words_and_a_failed_one_says_what_to_do() -> None:
    assert ended_words(run_record(state=RunState.COMPLETED)) is None
    assert ended_words(run_record(state=RunState.STOPPED)) is None
    failed = run_record(state=RunState.FAILED, error=RunError(message="The loss became NaN in epoch 7"))
    words = text_of(ended_words(failed))
    assert "The loss became NaN in epoch 7." in words
    assert "There is no checkpoint to go on from" in words


def test_an_active_run_offers_stop_only() -> None:
    buttons = buttons_of(run_record(state=RunState.RUNNING), (), has_weights=True)
    assert (buttons.start, buttons.resume, buttons.stop, buttons.stopping) == (False, False, True, False)
    assert buttons_of(run_record(state=RunState.RUNNING, stop_requested_at="now"), (), has_weights=True).stopping


def test_resume_is_offered_for_a_stopped_run_with_a_checkpoint() -> None:
    checkpoint = {"path": "x", "sha256": "y", "epoch": 3, "attempt": 1}
    assert buttons_of(run_record(state=RunState.STOPPED, last_checkpoint=checkpoint), (), has_weights=True).resume
    assert not buttons_of(run_record(state=RunState.STOPPED), (), has_weights=True).resume
    assert not buttons_of(run_record(state=RunState.COMPLETED, last_checkpoint=checkpoint), (), has_weights=True).resume


def test_a_start_that_would_be_refused_is_off_and_says_why() -> None:
    p = button_properties(buttons_of(None, ("the monitored metric needs labels",), has_weights=False))
    assert p["start_disabled"]
    assert p["start_title"] == p["reason"] == "the monitored metric needs labels."


def test_a_runs_own_page_speaks_of_this_run() -> None:
    failed = run_record(state=RunState.INTERRUPTED, reason="The worker's process is gone.")
    assert text_of(ended_words(failed, named=False)).startswith("This run was interrupted.")
    assert text_of(ended_words(failed)).startswith("The last run was interrupted.")


def test_weights_that_do_not_fit_turn_resume_off_too() -> None:
    checkpoint = {"path": "x", "sha256": "y", "epoch": 3, "attempt": 1}
    run = run_record(state=RunState.STOPPED, last_checkpoint=checkpoint)
    p = button_properties(buttons_of(run, ("mismatch",), has_weights=True, mismatch=True))
    assert p["start_disabled"]
    assert p["resume_disabled"]
    assert (p["start_title"], p["reason"]) == ("mismatch.", ""), "the banner says it already"


def test_the_hub_follows_the_newest_run_and_a_runs_page_its_own() -> None:
    older, newer = run_record(id="run_a", number=1), run_record(id="run_b", number=2)
    state = AppState(records={"run": {"run_a": older, "run_b": newer}})
    model = older.subject.id
    assert shown_run(state, model=model, run="run_a", latest=True) == newer
    assert shown_run(state, model=model, run="run_a", latest=False) == older
    assert shown_run(AppState(), model=model, run=None, latest=True) is None


def test_start_says_that_it_saves_first_and_is_off_while_the_form_is_not_in_order() -> None:
    buttons = buttons_of(None, (), has_weights=False)
    assert with_edits(buttons, {"changed": 2, "errors": 0}, launching=False).start_label == "Save and start training"
    wrong = with_edits(buttons, {"changed": 1, "errors": 1}, launching=False)
    assert wrong.start_off == "1 setting needs attention before training."
    assert with_edits(buttons, {}, launching=False) == buttons


def test_nothing_can_be_started_while_a_launch_is_under_way() -> None:
    off = with_edits(buttons_of(None, (), has_weights=False), {}, launching=True)
    assert button_properties(off)["start_disabled"]
    assert button_properties(off)["resume_disabled"]


def test_where_resume_and_train_on_are_both_offered_a_line_tells_them_apart() -> None:
    checkpoint = {"path": "x", "sha256": "y", "epoch": 3, "attempt": 1}
    both = button_properties(buttons_of(run_record(state=RunState.STOPPED, last_checkpoint=checkpoint), (), has_weights=True))
    assert both["reason"] == "Resume finishes run #1 with that run's own settings; Train on begins a new run with the saved ones."
    assert button_properties(buttons_of(run_record(state=RunState.COMPLETED), (), has_weights=True))["reason"] == ""


def test_recent_runs_show_the_epoch_of_now_where_the_record_lags_behind() -> None:
    run = run_record(state=RunState.RUNNING, epochs_done=1)
    assert "73" in text_of(recent_runs([run], run.id, (), {run.id: 73}))
    assert "73" not in text_of(recent_runs([run], run.id, ()))
