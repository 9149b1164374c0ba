"""Launching a run: what is said meanwhile, and that nothing starts twice."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from dashboard.live.launch import Launch, carry_out
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
from workbench.fields import FieldProblem
from workbench.ids import new_id
from workbench.state import Kind, RunState


@pytest.fixture
def wanted(digits_model: Any) -> Launch:
    return Launch("key", "start", new_id(Kind.RUN), digits_model.id)


def quiet(_words: str) -> None:
    return None


def told(bench: Any, wanted: Launch, until: str) -> list[str]:
    """The words of a launch that is cancelled once it has said `until`."""
    said: list[str] = []
    carry_out(bench, wanted, "me", said.append, cancelled=lambda: until in said)
    return said


def test_it_says_what_it_does_and_starts_the_run_that_was_asked_for(bench: Any, wanted: Launch) -> None:
    assert told(bench, wanted, "Starting a worker") == ["Checking data", "Starting a worker"]
    assert bench.state().runs[wanted.run].state is RunState.QUEUED


def test_asked_twice_one_run_starts(bench: Any, wanted: Launch) -> None:
    told(bench, wanted, "Starting a worker")
    told(bench, wanted, "Starting a worker")
    second_page = Launch("other", "start", new_id(Kind.RUN), wanted.model)
    found = carry_out(bench, second_page, "other", quiet, cancelled=iter([False, True, True]).__next__)
    assert found is not None
    assert found.id == wanted.run
    assert list(bench.state().runs) == [wanted.run]


def test_cancelled_before_it_began_the_run_is_stopped_again(bench: Any, wanted: Launch) -> None:
    assert carry_out(bench, wanted, "me", quiet, cancelled=lambda: True) is None
    assert bench.state().runs[wanted.run].state is RunState.STOPPED


def test_it_ends_with_the_run(bench: Any, wanted: Launch) -> None:
    launching = threading.Thread(target=lambda: carry_out(bench, wanted, "me", quiet))
    launching.start()
    while wanted.run not in bench.state().runs:
        pass
    bench.runs.request_stop(actor="me", run_id=wanted.run)
    launching.join(30)
    assert not launching.is_alive()


def test_a_run_that_may_not_start_is_refused_in_words(bench: Any, wanted: Launch) -> None:
    bench.models.delete(actor="me", model_id=wanted.model)
    with pytest.raises(CommandError, match="deleted"):
        carry_out(bench, wanted, "me", quiet)


@pytest.mark.parametrize(
    "data", [None, 3, {}, {"kind": "steal", "key": "k", "run": "r", "model": "m"}, {"kind": "start", "key": 1, "run": "r", "model": "m"}]
)
def test_what_is_no_request_is_not_read(data: Any) -> None:
    assert Launch.read(data) is None


def test_a_yes_comes_along_with_the_request() -> None:
    sent = {"kind": "start", "key": "k", "run": "r", "model": "m", "confirmed": True}
    assert Launch.read(sent) == Launch("k", "start", "r", "m", confirmed=True)
    assert Launch.read(sent | {"confirmed": "yes"}) == Launch("k", "start", "r", "m")


def test_a_run_with_a_doubt_starts_only_with_a_yes(bench: Any, wanted: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    doubt = FieldProblem("", "It may be too much.", hint="Take less")
    monkeypatch.setattr("workbench.commands.runs.foreseen", lambda *_: doubt)
    with pytest.raises(NeedsConfirmation):
        carry_out(bench, wanted, "me", quiet)
    assert not bench.state().runs
    told(bench, replace(wanted, confirmed=True), "Starting a worker")
    assert list(bench.state().runs) == [wanted.run]


def test_a_request_for_a_familys_own_way_of_starting_is_read_with_what_it_asks_for() -> None:
    sent = {"kind": "contributed", "key": "k", "run": "r", "model": "m", "family": "f", "way": "w", "asked": {"size": 3}}
    assert Launch.read(sent) == Launch("k", "contributed", "r", "m", family="f", way="w", asked={"size": 3})
    assert Launch.read(sent | {"asked": "much"}) is None
    assert Launch.read(sent | {"way": None}) is None
