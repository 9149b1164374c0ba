"""Runs about a record of a family's own kind: any number at once, through the same machinery, shown like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.active import active_runs
from dashboard.context import AppContext
from dashboard.pages.run import render as render_run
from dashboard.pages.runs.rows import needed_columns, rows_of
from tests.support import contributing_family as rail
from tests.support.table_family import TryCommand
from tests.support.trees import having, text_of
from tests.workbench.runs import inline
from workbench.cli.app import run as trellis
from workbench.commands.base import CommandError
from workbench.commands.records import DeleteCommand
from workbench.ids import new_id
from workbench.listing.asked import Asked, all_runs, select
from workbench.runs.reporter import StoreReporter
from workbench.state import Kind, RunRecord, RunState

ME = "user:test"


@pytest.fixture
def timetable(bench: Any) -> str:
    """A record of the family's own kind."""
    made = new_id(rail.KIND)
    bench.store.execute(rail.PlanCommand(timetable_id=made, name="Night", stations=("here", "there")), actor=ME)
    return made


@pytest.fixture
def model(bench: Any) -> Any:
    """A model whose settings trials take."""
    return bench.models.create(
        actor=ME, family="regression", model_type="linear", dataset_id="delays", preset="small", values={"epochs": 3}, sample={}, name="Delays"
    )  # fmt: skip


def start(bench: Any, timetable: str, model: Any) -> RunRecord:
    """Queue a trial."""
    bench.runs.executor = inline.NoWorkers()
    run_id = new_id(Kind.RUN)
    return bench.runs.launch(TryCommand(run_id=run_id, timetable_id=timetable, settings_of=model.id), actor=ME, run_id=run_id)


def work(bench: Any) -> None:
    """Carry out everything that is queued."""
    while bench.state().active_runs:
        inline.work(bench)


def stop_after_an_epoch(bench: Any, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry out what is queued; that run is asked to stop in its first epoch."""
    told = StoreReporter.epoch

    def tell_and_stop(self: Any, *arguments: Any, **more: Any) -> None:
        told(self, *arguments, **more)
        if bench.state().runs[run_id].stop_requested_at is None:
            bench.runs.request_stop(actor=ME, run_id=run_id)

    with monkeypatch.context() as patched:
        patched.setattr(StoreReporter, "epoch", tell_and_stop)
        patched.setattr(StoreReporter, "should_stop", lambda self: bench.state().runs[run_id].stop_requested_at is not None)
        work(bench)


def test_any_number_of_runs_about_one_record_may_go_on_at_once_and_a_models_only_one(bench: Any, timetable: str, model: Any) -> None:
    runs = [start(bench, timetable, model) for _ in range(3)]
    assert [run.id for run in bench.state().active_runs] == [run.id for run in runs]
    assert {run.subject.id for run in runs} == {timetable}
    assert runs[0].dataset is not None
    bench.runs.start(actor=ME, model_id=model.id)
    with pytest.raises(CommandError, match="of this model is queued already"):
        bench.runs.start(actor=ME, model_id=model.id)
    work(bench)
    state = bench.state()
    assert {state.runs[run.id].state for run in runs} == {RunState.COMPLETED}
    assert state.models[model.id].weights.run_id not in {run.id for run in runs}


def test_one_id_cannot_be_two_runs(bench: Any, timetable: str, model: Any) -> None:
    run = start(bench, timetable, model)
    with pytest.raises(CommandError, match="cannot be a new run's id"):
        bench.runs.launch(TryCommand(run_id=run.id, timetable_id=timetable, settings_of=model.id), actor=ME, run_id=run.id)


def test_one_is_stopped_and_resumed_while_newer_ones_exist(bench: Any, timetable: str, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = start(bench, timetable, model)
    stop_after_an_epoch(bench, first.id, monkeypatch)
    assert bench.state().runs[first.id].state is RunState.STOPPED
    start(bench, timetable, model)
    assert bench.runs.why_not_resume(first.id) == ()
    bench.runs.resume(actor=ME, run_id=first.id)
    work(bench)
    resumed = bench.state().runs[first.id]
    assert (resumed.state, resumed.epochs_done, resumed.attempt) == (RunState.COMPLETED, 3, 2)


def test_what_it_is_about_may_be_deleted_and_the_run_still_goes_on(
    bench: Any, timetable: str, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(bench, timetable, model)
    stop_after_an_epoch(bench, run.id, monkeypatch)
    bench.store.execute(DeleteCommand(kind=rail.KIND, id=timetable), actor=ME)
    bench.runs.resume(actor=ME, run_id=run.id)
    work(bench)
    assert bench.state().runs[run.id].state is RunState.COMPLETED
    found = select(bench.state(), Asked())
    (row,) = rows_of(bench.state(), found.runs, needed_columns(found))
    assert (row["about"], row["about_href"]) == ("a deleted timetable", "")


def test_it_is_shown_like_any_other(bench: Any, client: Any, timetable: str, model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run = start(bench, timetable, model)
    (active,) = active_runs(bench)
    assert (active.title, active.href) == ("Night", f"/run/{run.id}")
    work(bench)
    found = select(bench.state(), Asked())
    (row,) = rows_of(bench.state(), found.runs, needed_columns(found))
    assert (row["about"], row["about_href"]) == ("Night", "")

    page = render_run(AppContext(lambda: bench, bench.settings), run.id)
    assert "Run of  Night" in text_of(page)
    assert not having(page, id="run-again")

    told = client.get(f"/api/runs/{run.id}").json()
    assert (told["subject"], told["model_id"]) == ({"kind": rail.KIND, "id": timetable}, None)
    assert [item["subject"]["id"] for item in client.get("/api/runs").json()["items"]] == [timetable]

    assert trellis(["runs", "list"]) == 0
    assert "Night" in capsys.readouterr().out
    assert trellis(["runs", "show", str(run.number)]) == 0
    assert "Timetable" in capsys.readouterr().out
    report = bench.runs.artefact_path(run.id, "REPORT.md").read_text()
    assert "| Timetable | Night |" in report
    assert not (Path(bench.runs.where(run.id)) / "resolved_config.yaml").exists()

    bench.runs.delete(actor=ME, run_id=run.id)
    bench.undo(actor=ME)
    assert all_runs(bench.state()) == [bench.state().runs[run.id]]
