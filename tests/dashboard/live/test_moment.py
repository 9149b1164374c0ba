"""What pages that look at one moment of a run share, and when it is another moment."""

from __future__ import annotations

from typing import Any

from dashboard.below import below
from dashboard.live.feed import Feed, Standing
from dashboard.live.moment import KEPT_OF_A_MOMENT, Moment, Moments, Steady
from dashboard.live.reader import FeedReader
from tests.dashboard.live.feeding import Script
from tests.dashboard.live.test_feed import _Runs
from tests.support.acting import checkpoint, queue, run_to


def count(moment: Moment, made: list[str]) -> None:
    """Make one thing of the moment and one of its feed alone."""
    moment.once("of both", make=lambda: made.append("of both"))
    moment.told_once("of the feed", make=lambda: made.append("of the feed"))


def test_what_is_made_of_a_moment_is_made_once_for_each_way_to_look() -> None:
    moment, made = Moment(None, Feed()), []
    for hidden in ((), ("kl_z",), (), ("kl_z",)):
        moment.once("axes", hidden, make=lambda hidden=hidden: made.append(hidden))
    assert made == [(), ("kl_z",)]
    for number in range(2 * KEPT_OF_A_MOMENT):
        moment.once("axes", number, make=lambda: None)
    assert len(moment._made._values) == KEPT_OF_A_MOMENT


def test_a_checkpoint_leaves_what_was_made_of_the_feed(bench: Any, digits_model: Any) -> None:
    run, moments, made, feed = run_to(bench, queue(bench, digits_model), "running"), Moments(), list[str](), Feed()
    for _ in range(2):
        count(moments.of(run, feed), made)
    assert made == ["of both", "of the feed"]
    checkpoint(bench, run)
    later = bench.state().runs[run.id]
    assert later is not run
    count(moments.of(later, feed), made)
    assert made[2:] == ["of both"]
    count(moments.of(later, Feed(cursor=1)), made)
    assert made[3:] == ["of both", "of the feed"]


def test_a_run_stands_the_same_until_something_but_its_last_checkpoint_changes(bench: Any, digits_model: Any) -> None:
    run = run_to(bench, queue(bench, digits_model), "running")
    checkpoint(bench, run, kind="last", epoch=3)
    checkpoint(bench, run, kind="best", epoch=3)
    trained = bench.state().runs[run.id]
    assert (Steady(run), hash(Steady(run))) == (Steady(trained), hash(Steady(trained)))
    assert trained.epochs_done == 3
    bench.runs.request_stop(actor="me", run_id=run.id)
    assert Steady(run) != Steady(bench.state().runs[run.id])
    assert Steady(run) != run


def test_servers_below_other_paths_share_no_moment(bench: Any, digits_model: Any) -> None:
    run, moments, feed = queue(bench, digits_model), Moments(), Feed()
    moment = moments.of(run, feed)
    with below("/trellis"):
        assert moments.of(run, feed) is not moment
    assert moments.of(run, feed) is moment


def test_moments_of_runs_that_nobody_looked_at_lately_are_forgotten(bench: Any, digits_model: Any) -> None:
    moments, feed, run = Moments(most=2), Feed(), queue(bench, digits_model)
    runs = [run.model_copy(update={"id": f"run_{number}"}) for number in range(3)]
    first, second, _ = (moments.of(run, feed) for run in runs)
    assert moments.of(runs[1], feed) is second
    assert moments.of(runs[0], feed) is not first


def test_a_feed_is_the_same_as_long_as_nothing_is_told_and_nothing_is_done() -> None:
    script = Script().epoch(1)
    runs, reader = _Runs(script), FeedReader()
    feed = reader.read(runs, "run_a")
    assert reader.read(runs, "run_a") is feed
    assert reader.with_standing("run_a", feed, None) is feed
    half = reader.with_standing("run_a", feed, Standing(0.5, "Training"))
    assert half.standing == Standing(0.5, "Training")
    assert reader.with_standing("run_a", feed, Standing(0.5, "Training")) is half
    assert reader.with_standing("run_a", feed, Standing(0.6, "Training")).standing == Standing(0.6, "Training")
    script.epoch(2)
    newer = reader.read(runs, "run_a")
    assert reader.with_standing("run_a", newer, Standing(0.6, "Training")).epoch == 2
