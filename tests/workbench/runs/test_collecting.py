"""Garbage collection pauses while modules load, and only then."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from tests.workbench.runs import inline
from workbench.collecting import without_collecting
from workbench.families import ImportString
from workbench.runs.working import Worker
from workbench.state import RunState


def test_collecting_goes_on_after_the_outermost_pause_even_if_it_fails() -> None:
    seen: list[bool] = []

    def load() -> None:
        with without_collecting():
            with without_collecting():
                seen.append(gc.isenabled())
            seen.append(gc.isenabled())
            raise ImportError

    with pytest.raises(ImportError):
        load()
    assert seen == [False, False]
    assert gc.isenabled()


def test_a_pause_leaves_collecting_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with without_collecting():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_worker_that_gets_ready_imports_without_collecting_and_collects_again(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def steps(_framework: str) -> Any:
        for _ in range(2):
            seen.append(gc.isenabled())
            yield

    monkeypatch.setattr("workbench.runs.working.preimport", steps)
    inline.register(bench)
    assert Worker(bench, "jax", inline.WORKER)._get_ready() is None
    assert seen == [False, False]
    assert gc.isenabled()


def test_a_trainer_is_imported_without_collecting_and_trains_with_it(bench: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    load = ImportString.load

    def watched(self: ImportString) -> Any:
        found = load(self)
        if not self.target.endswith(":train"):
            return found
        seen.append(gc.isenabled())

        def train(job: Any, reporter: Any) -> Any:
            seen.append(gc.isenabled())
            return found(job, reporter)

        return train

    monkeypatch.setattr(ImportString, "load", watched)
    inline.start(bench, make_model())
    assert inline.work(bench).state is RunState.COMPLETED
    assert seen == [False, True]


def test_what_a_first_run_has_loaded_is_looked_through_once(bench: Any, make_model: Any) -> None:
    run = inline.start(bench, make_model("first"))
    gc.unfreeze()
    Worker(bench, "jax", inline.WORKER, once=True).work()
    assert bench.state().runs[run.id].state is RunState.COMPLETED
    assert gc.get_freeze_count() > 10_000
