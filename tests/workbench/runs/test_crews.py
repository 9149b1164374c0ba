"""Runs of a crew, as its first process carries them out and as the others follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench.runs import inline
from workbench.families import Runtime
from workbench.runs import carry, leases
from workbench.runs.carry import carry_out
from workbench.runs.crews import following
from workbench.runs.crews.contract import EXIT_CREW, join
from workbench.runs.crews.following import Follower, Silent, name_of
from workbench.runs.executor import CrewExecutor, executor_of
from workbench.runs.starting import ExecutorError
from workbench.state import RunState


class Others:
    """A crew whose other processes do as the test says; a follower's first process says `says`, one name after the other."""

    size, rank = 2, 0

    def __init__(self, unready: tuple[int, ...] = (), *, is_lost: bool = False, says: tuple[str, ...] = ()) -> None:
        self.heard: list[Any] = []
        self._unready, self._is_lost, self._says = unready, is_lost, list(says)

    def told(self, name: str) -> str:
        self.heard.append(name)
        return self._says.pop(0) if self._says else name

    def unready(self, ready: bool) -> tuple[int, ...]:
        self.heard.append(ready)
        return self._unready if ready else (0, *self._unready)

    def lost(self, error: BaseException) -> bool:
        return self._is_lost

    def part(self) -> None:
        self.heard.append("part")


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that would end raises instead."""
    monkeypatch.setattr(carry.os, "_exit", inline.leave)


def work(bench: Any, crew: Others) -> None:
    inline.register(bench)
    carry_out(bench, inline.claim_one(bench), inline.watchdog(bench), crew)


def test_the_others_are_told_the_run_and_waited_for(bench: Any, make_model: Any, left: None) -> None:
    run, crew = inline.start(bench, make_model()), Others()
    work(bench, crew)
    assert crew.heard == [f"{run.id} 1", True]
    assert bench.state().runs[run.id].state is RunState.COMPLETED


def test_a_run_that_another_process_cannot_prepare_fails_and_says_which(bench: Any, make_model: Any, left: None) -> None:
    run = inline.start(bench, make_model())
    with pytest.raises(inline.Left) as end:
        work(bench, Others(unready=(1,)))
    assert end.value.code == EXIT_CREW
    assert "rank 1" in inline.error_of(bench.state().runs[run.id]).message


def test_the_others_hear_of_a_run_that_cannot_be_prepared_here(
    bench: Any, make_model: Any, left: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, crew = inline.start(bench, make_model()), Others()
    monkeypatch.setattr(carry, "prepare", lambda *_: 1 / 0)
    work(bench, crew)
    assert crew.heard == [f"{run.id} 1", False]
    assert bench.state().runs[run.id].state is RunState.FAILED


def test_a_run_that_fails_in_mid_training_ends_the_process_so_that_all_begin_anew(bench: Any, make_model: Any, left: None) -> None:
    run = inline.start(bench, make_model(fail_at_epoch=2))
    with pytest.raises(inline.Left) as end:
        work(bench, Others())
    assert end.value.code == EXIT_CREW
    assert bench.state().runs[run.id].state is RunState.FAILED


def test_a_run_whose_crew_lost_a_process_has_not_failed(bench: Any, make_model: Any, left: None) -> None:
    run = inline.start(bench, make_model(fail_at_epoch=2))
    with pytest.raises(inline.Left) as end:
        work(bench, Others(is_lost=True))
    assert end.value.code == EXIT_CREW
    assert bench.state().runs[run.id].state is RunState.RUNNING, "whoever sees that its process is gone says that it was interrupted"
    assert "another process" in inline.told_now(bench, run.id, "log")[-1]["message"].lower()


class FollowOne(Follower):
    """A follower that leaves after its first run."""

    def _follow(self, seen: str) -> None:
        super()._follow(seen)
        self.end()


def test_a_follower_does_the_same_work_and_leaves_nothing(bench: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(following.Silent, "epoch", lambda self, epoch, *_: done.append(epoch))
    run = inline.start(bench, make_model(max_epochs=3))
    inline.register(bench)
    inline.claim_one(bench)
    before = bench.state().version, bench.artefacts.looks(), inline.told_now(bench, run.id, "epoch")
    crew = Others(says=(inline.WORKER,))
    assert not FollowOne(bench, crew).work()
    assert crew.heard == ["", f"{run.id} 1", True]
    assert done == [1, 2, 3]
    assert (bench.state().version, bench.artefacts.looks(), inline.told_now(bench, run.id, "epoch")) == before


def test_a_follower_does_the_run_that_the_first_process_says_not_the_one_that_it_saw(bench: Any, make_model: Any) -> None:
    first, second = inline.start(bench, make_model()), inline.start(bench, make_model())
    inline.register(bench)
    inline.claim_one(bench)
    crew = Others(says=(inline.WORKER, name_of(second.id, 1)))
    prepared = []

    class Seen(FollowOne):
        def _prepared(self, run_id: str, attempt: int, working: Any) -> Any:
            prepared.append(run_id)
            return super()._prepared(run_id, attempt, working)

    Seen(bench, crew).work()
    assert crew.heard[1] == name_of(first.id, 1)
    assert prepared == [second.id]


def test_a_follower_that_cannot_prepare_a_run_says_so_and_waits_for_the_next(
    bench: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inline.start(bench, make_model())
    inline.register(bench)
    inline.claim_one(bench)
    monkeypatch.setattr(following, "prepare", lambda *_: 1 / 0)
    crew = Others(says=(inline.WORKER,))
    FollowOne(bench, crew).work()
    assert crew.heard[-1] is False


def test_a_follower_leaves_when_the_first_process_has(bench: Any) -> None:
    assert Follower(bench, Others(says=("worker_gone",))).work()


def test_a_follower_that_is_told_to_end_has_all_stop(bench: Any) -> None:
    follower = Follower(bench, Others(says=(inline.WORKER,)))
    reporter = Silent(lambda: follower._told_to_end)
    assert not reporter.should_stop()
    follower.end()
    assert reporter.should_stop()
    assert not follower.work()


def test_a_framework_without_crews_says_so() -> None:
    with pytest.raises(ExecutorError, match="Runs of tensorflow do not train over several processes"):
        join(Runtime(), "tensorflow", "127.0.0.1:1", 2, 0)


def test_where_crews_train_no_server_starts_a_worker(bench: Any, make_model: Any) -> None:
    settings = bench.settings.model_copy(update={"executor": "crew"})
    executor = executor_of(bench.store, settings)
    assert isinstance(executor, CrewExecutor)
    inline.start(bench, make_model())
    executor.ensure_worker("jax")
    executor.warm("jax")
    with bench.store.engine.connect() as connection:
        assert leases.rows(connection) == ()
