from __future__ import annotations

import math
from typing import Any

import pytest

from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from tests.support import acting
from workbench.commands.base import CommandError, Put
from workbench.commands.records import DeleteCommand, NoteCommand, RestoreCommand, TagCommand
from workbench.commands.run_progress import (
    ClaimRunCommand,
    FinishRunCommand,
    MarkInterruptedCommand,
    MarkRunningCommand,
    RecordCheckpointCommand,
)
from workbench.commands.runs import RequestStopCommand, ResumeRunCommand
from workbench.state import CheckpointRef, Kind, RunError, RunState


@pytest.fixture
def model(make_model: Any) -> Any:
    return make_model("First", learning_rate=0.3)


def do(bench: Any, command: Any, actor: str = "worker") -> Any:
    return bench.store.execute(command, actor=actor).state


def test_a_run_holds_a_snapshot_of_everything_at_its_start(bench: Any, model: Any) -> None:
    version = bench.state().version
    run = acting.queue(bench, model, reset_optimizer=True)
    assert (run.state, run.number, run.attempt) == (RunState.QUEUED, 1, 1)
    assert (run.config["training"], run.config["architecture"], run.fingerprint) == (
        model.config["training"],
        model.config["architecture"],
        model.fingerprint,
    )
    assert run.dataset is not None
    assert (run.journal_seq, run.seed, run.dataset.about["n"], held(run).class_names) == (version, 42, 60, ("ant", "bee", "cat"))
    assert run.reset_optimizer
    assert run.start_from is None


def test_starting_a_model_twice_is_a_conflict_that_names_the_run(bench: Any, model: Any) -> None:
    acting.queue(bench, model)
    with pytest.raises(CommandError, match="Run #1 of this model is queued already") as caught:
        acting.queue(bench, model)
    assert caught.value.code == "conflict"
    assert len(bench.state().runs) == 1


def test_the_familys_preflight_check_can_refuse_a_start(bench: Any, model: Any) -> None:
    bench.models.update_config(actor="me", model_id=model.id, values={"monitor": "accuracy"})
    expected = "monitor: accuracy needs labelled validation rows, and there are none."
    assert bench.runs.preflight(model.id) == (expected,)
    with pytest.raises(CommandError, match="accuracy needs labelled validation rows"):
        acting.queue(bench, model)
    row = int(bench.models.read(model).validation[0])
    LabelService(bench).set(actor="me", model_id=model.id, labels={row: 1})
    assert bench.runs.preflight(model.id) == ()
    acting.queue(bench, model)


def test_a_run_goes_through_its_states_to_the_end(bench: Any, model: Any) -> None:
    run = acting.run_to(bench, acting.queue(bench, model), "running")
    assert run.state is RunState.RUNNING
    assert run.started_at is not None
    first = acting.checkpoint(bench, run, "best", 2)
    last = acting.checkpoint(bench, run, "last", 3)
    done = acting.finish(bench, run, headline={"accuracy": 0.9, "loss": math.nan}, epochs_done=3, duration_seconds=1.5)
    assert (done.state, done.epochs_done, done.duration_seconds) == (RunState.COMPLETED, 3, 1.5)
    assert done.headline == {"accuracy": 0.9, "loss": None}
    assert (done.best_checkpoint, done.last_checkpoint) == (first, last)
    weights = bench.state().models[model.id].weights
    assert (weights.run_id, weights.path, weights.fingerprint, weights.epoch) == (run.id, first.path, model.fingerprint, 2)


def test_the_next_run_starts_from_the_kept_weights_or_from_a_chosen_runs(bench: Any, model: Any) -> None:
    first = acting.trained(bench, model)
    second = acting.queue(bench, model)
    assert second.start_from is not None
    assert second.start_from.run_id == first.id
    do(bench, RequestStopCommand(run_id=second.id))
    third = acting.trained(bench, model)
    assert bench.state().models[model.id].weights.run_id == third.id
    again = acting.queue(bench, model, weights_of=first.id)
    assert again.start_from is not None
    assert again.start_from.run_id == first.id


def test_run_again_takes_an_old_runs_settings(bench: Any, model: Any) -> None:
    first = acting.trained(bench, model)
    bench.models.update_config(actor="me", model_id=model.id, values={"learning_rate": 0.9})
    assert acting.queue(bench, model, settings_of=first.id).config["training"]["learning_rate"] == 0.3


def test_another_models_run_is_refused_as_a_source(bench: Any, model: Any, make_model: Any) -> None:
    first = acting.trained(bench, model)
    with pytest.raises(CommandError, match="belongs to another model"):
        acting.queue(bench, make_model("Other"), settings_of=first.id)


def test_stopping_a_queued_run_ends_it_at_once(bench: Any, model: Any) -> None:
    run = acting.queue(bench, model)
    state = do(bench, RequestStopCommand(run_id=run.id), "me")
    assert (state.runs[run.id].state, state.runs[run.id].reason) == (RunState.STOPPED, "Stopped before it started.")
    with pytest.raises(CommandError, match="has ended already"):
        do(bench, RequestStopCommand(run_id=run.id), "me")


def test_asking_twice_to_stop_changes_nothing(bench: Any, model: Any) -> None:
    run = acting.run_to(bench, acting.queue(bench, model), "running")
    first = do(bench, RequestStopCommand(run_id=run.id), "me")
    assert first.runs[run.id].stop_requested_at is not None
    assert do(bench, RequestStopCommand(run_id=run.id), "me").version == first.version


REF = CheckpointRef(path="runs/x/last-1.json", sha256="0" * 64, epoch=1, attempt=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda run: ClaimRunCommand(run_id=run.id, attempt=1),
        lambda run: MarkRunningCommand(run_id=run.id, attempt=1),
        lambda run: RecordCheckpointCommand(run_id=run.id, attempt=1, kind="last", checkpoint=REF),
        lambda run: FinishRunCommand(run_id=run.id, attempt=1, outcome="completed"),
        lambda run: MarkInterruptedCommand(run_id=run.id, attempt=1, reason="gone"),
    ],
)
def test_what_an_earlier_attempt_says_late_changes_nothing(bench: Any, model: Any, make: Any) -> None:
    run = acting.run_to(bench, acting.queue(bench, model), "running")
    acting.checkpoint(bench, run)
    do(bench, MarkInterruptedCommand(run_id=run.id, attempt=1, reason="the process is gone"))
    do(bench, ResumeRunCommand(run_id=run.id), "me")
    acting.run_to(bench, bench.state().runs[run.id], "starting")
    before = bench.state()
    with pytest.raises(CommandError, match="at attempt 2, not 1") as caught:
        do(bench, make(run))
    assert caught.value.code == "conflict"
    assert bench.state() == before


def test_a_run_that_has_ended_takes_no_more_reports(bench: Any, model: Any) -> None:
    run = acting.trained(bench, model)
    for command in (
        MarkRunningCommand(run_id=run.id, attempt=1),
        FinishRunCommand(run_id=run.id, attempt=1, outcome="failed"),
        RecordCheckpointCommand(run_id=run.id, attempt=1, kind="last", checkpoint=REF),
    ):
        with pytest.raises(CommandError, match="is completed, not"):
            do(bench, command)


def test_an_interrupted_run_resumes_as_its_next_attempt(bench: Any, model: Any) -> None:
    run = acting.run_to(bench, acting.queue(bench, model), "running")
    ref = acting.checkpoint(bench, run)
    do(bench, MarkInterruptedCommand(run_id=run.id, attempt=1, reason="the process is gone"))
    ended = bench.state().runs[run.id]
    assert (ended.state, ended.reason) == (RunState.INTERRUPTED, "the process is gone")
    assert bench.state().models[model.id].weights.path == ref.path
    assert bench.runs.why_not_resume(run.id) == ()
    again = do(bench, ResumeRunCommand(run_id=run.id), "me").runs[run.id]
    assert (again.state, again.attempt, again.reason, again.ended_at) == (RunState.QUEUED, 2, "", None)
    assert again.last_checkpoint == ref
    assert again.config["training"] == run.config["training"]


def test_a_failed_run_keeps_its_sentence_and_the_weights_from_before(bench: Any, model: Any) -> None:
    first = acting.trained(bench, model)
    run = acting.run_to(bench, acting.queue(bench, model), "starting")
    error = RunError(message="The loss is not finite at epoch 3.", traceback="Traceback ...")
    done = acting.finish(bench, run, "failed", error=error, reason=error.message)
    assert (done.state, done.error) == (RunState.FAILED, error)
    assert bench.state().models[model.id].weights.run_id == first.id


def test_resume_needs_an_ended_latest_run_with_a_checkpoint(bench: Any, model: Any) -> None:
    without = acting.finish(bench, acting.run_to(bench, acting.queue(bench, model), "starting"), "stopped")
    with pytest.raises(CommandError, match="no checkpoint to go on from"):
        do(bench, ResumeRunCommand(run_id=without.id))
    completed = acting.trained(bench, model)
    with pytest.raises(CommandError, match="only a stopped, failed or interrupted run"):
        do(bench, ResumeRunCommand(run_id=completed.id))
    with pytest.raises(CommandError, match=r"Run #2 is newer") as caught:
        do(bench, ResumeRunCommand(run_id=without.id))
    assert caught.value.code == "conflict"
    active = acting.queue(bench, model)
    with pytest.raises(CommandError, match=f"Run #{active.number} of this model is queued"):
        do(bench, ResumeRunCommand(run_id=completed.id))


def test_runs_that_are_active_or_whose_weights_are_used_cannot_be_deleted(bench: Any, model: Any) -> None:
    first, second = acting.trained(bench, model), acting.trained(bench, model)
    active = acting.queue(bench, model)
    with pytest.raises(CommandError, match="First uses the weights of run #2") as used:
        do(bench, DeleteCommand(kind=Kind.RUN, id=second.id), "me")
    with pytest.raises(CommandError, match="is queued; stop it") as running:
        do(bench, DeleteCommand(kind=Kind.RUN, id=active.id), "me")
    assert used.value.code == running.value.code == "conflict"
    do(bench, DeleteCommand(kind=Kind.RUN, id=first.id), "me")
    assert [r.id for r in bench.state().runs_of(model.id)] == [active.id, second.id]
    do(bench, RestoreCommand(kind=Kind.RUN, id=first.id), "me")
    assert bench.state().runs[first.id].deleted_at is None


def test_a_deleted_models_runs_can_be_deleted_too(bench: Any, model: Any) -> None:
    run = acting.trained(bench, model)
    bench.models.delete(actor="me", model_id=model.id)
    do(bench, DeleteCommand(kind=Kind.RUN, id=run.id), "me")


def test_tags_and_notes_of_runs(bench: Any, model: Any) -> None:
    run = acting.trained(bench, model)
    do(bench, TagCommand(kind=Kind.RUN, id=run.id, tags=("good",)), "me")
    state = do(bench, NoteCommand(kind=Kind.RUN, id=run.id, note="best so far"), "me")
    assert (state.runs[run.id].tags, state.runs[run.id].note) == (("good",), "best so far")


def test_run_transitions_cannot_be_undone(bench: Any, model: Any) -> None:
    run = acting.queue(bench, model, actor="ann")
    do(bench, RequestStopCommand(run_id=run.id), "ann")
    assert bench.undo_words("ann") is None


def test_a_start_is_refused_while_the_architecture_does_not_match_the_weights(bench: Any, model: Any) -> None:
    acting.trained(bench, model)

    class Tamper(ClaimRunCommand):
        def decide(self, state: Any, env: Any) -> Any:
            record = state.models[model.id]
            return (
                Put(
                    Kind.MODEL,
                    record.id,
                    record.model_copy(update={"config": {**record.config, "architecture": {**record.config["architecture"], "width": 99}}}),
                ),
            )

    bench.store.execute(Tamper(run_id="run_0000000000000"), actor="me")
    with pytest.raises(CommandError) as caught:
        acting.queue(bench, model)
    assert "does not match the weights from run #1. They differ in width." in caught.value.message
    assert "width" in [p.path for p in caught.value.problems]
    assert "clone the model" in caught.value.message


@pytest.mark.parametrize("id", ["../run", "run_", "model_0123456789abc"])
def test_path_like_run_ids_are_not_found(bench: Any, id: str) -> None:
    with pytest.raises(CommandError, match="is not the id of a run") as caught:
        do(bench, RequestStopCommand(run_id=id))
    assert caught.value.code == "not_found"
