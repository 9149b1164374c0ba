"""A sweep is one message when it ends, however many trials it has."""

from __future__ import annotations

from typing import Any

from tests.workbench.notifying.receiving import Receiver, told
from tests.workbench.sweeps.conftest import Sweeping
from workbench.notifying.endings import ended_since
from workbench.notifying.message import about
from workbench.sweeps.records import best_trial


def test_a_sweep_is_told_once_when_it_ends_with_its_best_trial_and_trials_only_on_request(
    bench: Any, make_model: Any, receiver: Receiver
) -> None:
    notifier = told(bench, receiver, public_url="https://trellis.example/")
    before = bench.state().version
    sweeping = Sweeping(bench, make_model)
    sweep = sweeping.to_the_end(sweeping.begin(trials=3))
    notifier.look()
    told(bench, receiver)
    (message,) = receiver.messages()
    assert (message["kind"], message["run"], message["sweep"], message["state"]) == ("sweep_ended", "", sweep.id, "completed")
    assert message["title"] == "Sweep #1 of Searched: completed"
    assert "3 of 3 trials: 3 completed" in message["text"]
    best = best_trial(bench.state(), sweep)
    assert best is not None
    assert best.trial is not None
    assert message["results"].endswith(f"trial {best.trial.number} (learning_rate {best.trial.values['learning_rate']:.4g})")
    assert message["url"] == f"https://trellis.example/sweeps/{sweep.id}"
    each = ended_since(bench.store, bench.state(), before, 5000, trials=True)
    assert [getattr(ended, "number", 0) for ended in each] == [1, 2, 3, 1]
    first = about(each[0], bench.state(), "")
    assert first.title == "Run #1 of Searched, trial 1 of sweep #1: completed"
    assert first.sweep == sweep.id


def test_each_trial_is_told_where_that_is_wanted_and_a_sweep_that_ends_again_is_told_again(
    bench: Any, make_model: Any, receiver: Receiver
) -> None:
    notifier = told(bench, receiver, notify_trials=True)
    sweeping = Sweeping(bench, make_model)
    sweep = sweeping.begin(trials=2)
    sweeping.round()
    bench.sweeps.stop(actor="me", sweep_id=sweep.id)
    notifier.look()
    bench.sweeps.resume(actor="me", sweep_id=sweep.id)
    notifier.look()
    sweeping.to_the_end(sweep)
    notifier.look()
    kinds = [(message["kind"], message["state"]) for message in receiver.messages()]
    assert kinds.count(("run_ended", "completed")) == 2
    assert [state for kind, state in kinds if kind == "sweep_ended"] == ["stopped", "completed"]


def test_of_sweeps_only_those_that_failed_where_that_is_wanted(bench: Any, make_model: Any, receiver: Receiver) -> None:
    notifier = told(bench, receiver, notify_on="failed")
    sweeping = Sweeping(bench, make_model)
    sweeping.to_the_end(sweeping.begin(trials=1))
    failed = sweeping.to_the_end(sweeping.begin("fail_at_epoch=1,2", trials=2, sampler="grid"))
    notifier.look()
    assert [(message["sweep"], message["state"]) for message in receiver.messages()] == [(failed.id, "failed")]
    assert receiver.messages()[0]["results"] == ""
