"""A sweep from its start to its end, stopped, resumed and taken over, on the fake family."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support import acting
from tests.workbench.runs import inline
from tests.workbench.sweeps.conftest import ME, Sweeping
from workbench.cleaning.deleted import gone
from workbench.commands.base import Changes, Command, CommandError, Env
from workbench.commands.confirming import NeedsConfirmation
from workbench.commands.rules import put_run
from workbench.families import family
from workbench.runs import events
from workbench.runs.events import NewEvent
from workbench.state import AppState, Kind, RunState
from workbench.sweeps.driving import Driver
from workbench.sweeps.importance import importances
from workbench.sweeps.records import KIND, best_trial
from workbench.sweeps.rows import rows_of, whys


def test_a_sweep_tries_settings_tells_their_values_and_names_the_best(sweeping: Sweeping) -> None:
    sweep = sweeping.begin()
    ended = sweeping.to_the_end(sweep)
    assert (ended.state, ended.reason) == ("completed", "All 4 trials are over.")
    trials = sweeping.trials(sweep)
    assert [run.trial.told for run in trials if run.trial] == ["completed"] * 4
    # the first trial is what the model has now
    assert trials[0].trial
    assert trials[0].trial.values == {"learning_rate": 0.1}
    for run in trials:
        lowest = min(each["metrics"]["validation/loss"] for each in inline.told(sweeping.bench, run.id, "epoch"))
        assert run.trial
        assert run.trial.value == lowest
        assert run.config["training"]["learning_rate"] == run.trial.values["learning_rate"]
    best = best_trial(sweeping.bench.state(), ended)
    # the fake loss falls with the learning rate
    assert best is max(trials, key=lambda run: run.config["training"]["learning_rate"])


def test_trials_leave_the_model_as_it_was(sweeping: Sweeping) -> None:
    before = sweeping.model
    sweeping.to_the_end(sweeping.begin())
    after = sweeping.bench.models.get(before.id)
    assert (after.config, after.weights) == (before.config, None)
    assert sweeping.bench.state().runs_of(before.id) == ()


def test_the_best_settings_become_the_models_and_that_can_be_undone(sweeping: Sweeping) -> None:
    sweep = sweeping.to_the_end(sweeping.begin())
    best = sweeping.bench.sweeps.best(sweep.id)
    updated = sweeping.bench.sweeps.use_best(actor=ME, sweep_id=sweep.id)
    assert updated.record.config["training"]["learning_rate"] == best.trial.values["learning_rate"]
    sweeping.bench.undo(actor=ME)
    assert sweeping.bench.models.get(sweeping.model.id).config == sweeping.model.config


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_the_same_seed_tries_the_same_and_another_one_does_not(sweeping: Sweeping, sampler: str) -> None:
    space, trials = ("learning_rate=0.01..1:log", "clip=1..9", "random_seed=1..99"), 12
    tried = [sweeping.tried(sweeping.to_the_end(sweeping.begin(*space, sampler=sampler, seed=s, trials=trials))) for s in (1, 1, 2)]
    assert tried[0] == tried[1]
    assert tried[0][1:] != tried[2][1:]


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_a_driver_that_begins_in_the_middle_goes_on_as_the_one_before_would_have(sweeping: Sweeping, sampler: str) -> None:
    space = ("learning_rate=0.01..1:log", "random_seed=1..99")
    whole = sweeping.tried(sweeping.to_the_end(sweeping.begin(*space, sampler=sampler, trials=14)))
    sweep = sweeping.begin(*space, sampler=sampler, trials=14)
    for _ in range(6):
        sweeping.round()
    sweeping.bench.sweeps.driver = Driver(sweeping.bench.store, sweeping.bench.sweeps)
    sweeping.to_the_end(sweep)
    assert sweeping.tried(sweep) == whole


def test_a_grid_tries_every_combination_once_and_then_ends(sweeping: Sweeping) -> None:
    sweep = sweeping.begin("learning_rate=0.1..0.3/3", "use_noise=true,false", sampler="grid", trials=50)
    ended = sweeping.to_the_end(sweep)
    assert ended.reason == "All 6 combinations were tried."
    assert sweeping.tried(sweep) == [{"learning_rate": rate, "use_noise": noise} for rate in (0.1, 0.2, 0.3) for noise in (True, False)]


def test_stop_stops_the_trials_and_resume_goes_on_with_them(sweeping: Sweeping) -> None:
    sweep = sweeping.begin(trials=3)
    sweeping.bench.sweeps.driver.look()
    stopped = sweeping.bench.sweeps.stop(actor=ME, sweep_id=sweep.id)
    assert (stopped.state, stopped.reason) == ("stopped", "Stopped as asked.")
    (run,) = sweeping.trials(sweep)
    assert run.state is RunState.STOPPED
    sweeping.bench.sweeps.driver.look()
    assert len(sweeping.trials(sweep)) == 1
    sweeping.bench.sweeps.resume(actor=ME, sweep_id=sweep.id)
    ended = sweeping.to_the_end(sweep)
    assert ended.state == "completed"
    assert [(run.state, run.trial.told) for run in sweeping.trials(sweep) if run.trial] == [(RunState.COMPLETED, "completed")] * 3
    assert sweeping.trials(sweep)[0].attempt == 2


def test_a_sweep_that_is_over_goes_on_only_with_more_trials(sweeping: Sweeping) -> None:
    sweep = sweeping.to_the_end(sweeping.begin(trials=2))
    with pytest.raises(CommandError, match="has had its 2 trials"):
        sweeping.bench.sweeps.resume(actor=ME, sweep_id=sweep.id)
    sweeping.bench.sweeps.resume(actor=ME, sweep_id=sweep.id, trials=3)
    sweeping.to_the_end(sweep)
    assert len(sweeping.trials(sweep)) == 3


def test_a_trial_that_somebody_stops_is_told_as_stopped_and_the_sweep_goes_on(sweeping: Sweeping) -> None:
    sweep = sweeping.begin(trials=2)
    sweeping.bench.sweeps.driver.look()
    sweeping.bench.runs.request_stop(actor=ME, run_id=sweeping.trials(sweep)[0].id)
    sweeping.to_the_end(sweep)
    assert [run.trial.told for run in sweeping.trials(sweep) if run.trial] == ["stopped", "completed"]


def test_several_trials_run_at_once_if_that_is_asked_for(sweeping: Sweeping) -> None:
    sweep = sweeping.begin(trials=5, at_once=3)
    sweeping.bench.sweeps.driver.look()
    assert len([run for run in sweeping.trials(sweep) if run.state.active]) == 3
    sweeping.to_the_end(sweep)
    assert len(sweeping.trials(sweep)) == 5


def test_a_sweep_of_which_no_trial_works_fails_with_the_reason(sweeping: Sweeping) -> None:
    sweep = sweeping.begin("learning_rate=0.1..0.2", "fail_at_epoch=1..2", trials=20)
    ended = sweeping.to_the_end(sweep)
    assert (ended.state, len(sweeping.trials(sweep))) == ("failed", 5)
    assert "the loss is not finite" in ended.reason


def test_a_setting_that_means_nothing_in_a_trial_is_left_out_and_a_grid_tries_that_once(sweeping: Sweeping) -> None:
    # noise_kind means something only with noise, which is searched too
    sweep = sweeping.begin("use_noise=false,true", "noise_kind=pink,white", sampler="grid", trials=10)
    ended = sweeping.to_the_end(sweep)
    assert [refused.number for refused in ended.refused] == [2]
    assert ended.refused[0].why.startswith("Trial 1 is the same: noise_kind means nothing")
    rows = {row.number: row for row in rows_of(sweeping.bench.state(), ended)}
    assert {number: dict(row.values) for number, row in rows.items() if number != 2} == {
        1: {"use_noise": False}, 3: {"use_noise": True, "noise_kind": "pink"}, 4: {"use_noise": True, "noise_kind": "white"},
    }  # fmt: skip
    assert ended.reason == "All 4 combinations were tried. 1 of them gave no value."
    assert whys(rows.values()) == ((ended.refused[0].why, 1),)


def test_a_random_search_tries_every_choice_whatever_hangs_on_it(sweeping: Sweeping) -> None:
    sweep = sweeping.to_the_end(sweeping.begin("use_noise=false,true", "noise_kind=pink,white", trials=8))
    assert sweep.refused == ()
    assert {run.config["training"]["use_noise"] for run in sweeping.trials(sweep)} == {False, True}
    sweeping.bench.sweeps.use_best(actor=ME, sweep_id=sweep.id)


def test_an_objective_made_of_what_is_searched_needs_a_yes(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = family(sweeping.model.family)
    made = replace(declared.measures.of("validation/loss"), made_of=("clip",))
    monkeypatch.setattr(type(declared.measures), "of", lambda self, key: made)
    with pytest.raises(NeedsConfirmation, match="made of what is searched \\(clip\\)"):
        sweeping.begin("clip=1..9")
    assert not sweeping.bench.state().of(KIND)
    sweeping.begin("learning_rate=0.01..1:log")
    asked = {"space": ["clip=1..9"], "trials": 1}
    assert sweeping.bench.sweeps.create(actor=ME, model_id=sweeping.model.id, settings=asked, confirmed=True).state == "running"


def test_a_failed_sweep_is_resumed_for_as_many_trials_again(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(sweeping.bench.sweeps), "start_trial", _refusing)
        sweep = sweeping.to_the_end(sweeping.begin(trials=30))
    assert (sweep.state, len(sweep.refused)) == ("failed", 5)
    again = sweeping.bench.sweeps.resume(actor=ME, sweep_id=sweep.id, trials=7)
    ended = sweeping.to_the_end(again)
    assert (ended.state, ended.reason) == ("completed", "All 7 trials are over. 5 of them gave no value.")


def test_a_trial_that_ends_although_its_sweep_was_stopped_is_counted(sweeping: Sweeping) -> None:
    sweep = sweeping.begin()
    sweeping.bench.sweeps.driver.look()
    (run,) = sweeping.trials(sweep)
    acting.run_to(sweeping.bench, run, "running")
    tell_epoch(sweeping.bench, run, 4.0)
    sweeping.bench.sweeps.stop(actor=ME, sweep_id=sweep.id)
    state = sweeping.bench.state().runs[run.id]
    # it was asked to stop, but had done its last epoch by then
    sweeping.bench.store.execute(Unpause(run_id=run.id), actor="worker")
    acting.finish(sweeping.bench, state)
    sweeping.bench.sweeps.driver.look()
    told = sweeping.bench.state().runs[run.id].trial
    assert told
    assert (told.told, told.value) == ("completed", 4.0)
    assert best_trial(sweeping.bench.state(), sweeping.bench.sweeps.get(sweep.id))


def test_a_trial_that_did_not_work_and_was_resumed_to_its_end_counts(sweeping: Sweeping) -> None:
    sweep = sweeping.begin(trials=2)
    sweeping.bench.sweeps.driver.look()
    (run,) = sweeping.trials(sweep)
    acting.run_to(sweeping.bench, run, "running")
    acting.checkpoint(sweeping.bench, run, value=0.0, life_epoch=1)
    acting.finish(sweeping.bench, run, "failed")
    sweeping.bench.sweeps.driver.look()
    assert sweeping.bench.state().runs[run.id].trial.told == "failed"
    sweeping.bench.runs.resume(actor=ME, run_id=run.id)
    inline.work(sweeping.bench)
    sweeping.bench.sweeps.driver.look()
    trial = sweeping.bench.state().runs[run.id].trial
    assert (trial.told, trial.value is not None) == ("completed", True)


def test_a_deleted_run_keeps_its_place_and_stays_as_long_as_the_sweep(sweeping: Sweeping) -> None:
    sweep = sweeping.to_the_end(sweeping.begin())
    best = sweeping.bench.sweeps.best(sweep.id)
    sweeping.bench.runs.delete(actor=ME, run_id=best.id)
    row = next(row for row in rows_of(sweeping.bench.state(), sweep) if row.number == best.trial.number)
    assert (row.best, row.deleted) == (True, True)
    found = gone(sweeping.bench.state(), "9999-01-01T00:00:00.000Z")
    assert (Kind.RUN.value, best.id) not in found.goes
    assert "sweep" in found.stays[(Kind.RUN.value, best.id)]
    sweeping.bench.sweeps.delete(actor=ME, sweep_id=sweep.id)
    assert (Kind.RUN.value, best.id) in gone(sweeping.bench.state(), "9999-01-01T00:00:00.000Z").goes


def test_only_choices_that_a_run_could_begin_with_fit(sweeping: Sweeping) -> None:
    fits = sweeping.bench.sweeps.fits
    assert fits(sweeping.model.id, "learning_rate", 0.5)
    assert not fits(sweeping.model.id, "learning_rate", -1)
    assert fits(sweeping.model.id, "width", 8), "what is locked is for clones to judge"


def test_trials_of_architectures_are_clones_with_the_sweeps_tag(sweeping: Sweeping) -> None:
    sweep = sweeping.begin("width=4..16", "learning_rate=0.05..0.5", architectures=True, trials=2)
    sweeping.to_the_end(sweep)
    state = sweeping.bench.state()
    for run in sweeping.trials(sweep):
        model = state.model_of(run)
        assert run.trial
        assert (model.cloned_from, model.tags) == (sweeping.model.id, (sweep.tag,))
        assert model.config["architecture"]["width"] == run.trial.values["width"]
        assert model.weights is not None
        assert model.weights.run_id == run.id
    with pytest.raises(CommandError, match="model of its own"):
        sweeping.bench.sweeps.use_best(actor=ME, sweep_id=sweep.id)


def test_a_budget_ends_a_sweep(sweeping: Sweeping) -> None:
    sweep = sweeping.begin(minutes=1e-9, trials=9)
    assert "budget" in sweeping.to_the_end(sweep).reason
    assert len(sweeping.trials(sweep)) == 1


def test_median_gives_up_trials_that_are_worse_and_says_why(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = sweeping.begin("learning_rate=0.001..1/12:log", pruner="median", sampler="grid", trials=12)
    looked = _looking_between_epochs(sweeping, monkeypatch)
    # a grid goes up, and the fake loss falls as it does: nothing is worse than the median
    sweeping.to_the_end(sweep)
    assert {run.trial.told for run in sweeping.trials(sweep) if run.trial} == {"completed"}
    # among choices in falling order each is worse than all before
    falling = sweeping.begin("learning_rate=" + ",".join(str(1 / n) for n in range(1, 9)), pruner="median", sampler="grid", trials=8)
    sweeping.to_the_end(falling)
    told = [run.trial.told for run in sweeping.trials(falling) if run.trial]
    assert told == ["completed"] * 5 + ["pruned"] * 3
    pruned = sweeping.trials(falling)[-1]
    assert pruned.state is RunState.STOPPED
    assert pruned.epochs_done < 4
    assert pruned.trial
    assert pruned.trial.pruned.startswith("Pruned: Loss, validation")
    assert pruned.reason.startswith(pruned.trial.pruned.removesuffix("."))
    assert looked


def test_halving_gives_up_trials_too(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> None:
    _looking_between_epochs(sweeping, monkeypatch)
    falling = sweeping.begin("learning_rate=" + ",".join(str(1 / n) for n in range(1, 9)), pruner="halving", sampler="grid", trials=8)
    sweeping.to_the_end(falling)
    told = [run.trial.told for run in sweeping.trials(falling) if run.trial]
    assert told[0] == "completed"
    assert told.count("pruned") >= 5


def test_a_fault_in_one_sweep_ends_that_one_alone(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.sweeps.searching import Search

    broken, other = sweeping.begin("clip=1..2", trials=1), sweeping.begin(trials=1)
    asked = Search.ask

    def ask(self: Search, number: int) -> dict[str, Any]:
        if "clip" in self._distributions:
            raise RuntimeError("nothing comes to mind")
        return asked(self, number)

    monkeypatch.setattr(Search, "ask", ask)
    assert sweeping.to_the_end(other).state == "completed"
    ended = sweeping.bench.sweeps.get(broken.id)
    assert ended.state == "failed"
    assert "nothing comes to mind" in ended.reason


def test_what_matters_is_told_of_enough_trials(sweeping: Sweeping) -> None:
    # the fake loss hangs on the learning rate and not on the clipping
    sweep = sweeping.begin("learning_rate=0.01..1", "clip=1..9", trials=12)
    for _ in range(9):
        sweeping.round()
    assert importances(sweeping.bench, sweep.id) == {}
    sweeping.to_the_end(sweep)
    found = importances(sweeping.bench, sweep.id)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found["learning_rate"] > 0.8


def test_a_trial_is_not_given_up_after_its_last_epoch(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> None:
    _looking_between_epochs(sweeping, monkeypatch)
    rates = ",".join(str(1 / n) for n in range(1, 9))
    sweep = sweeping.begin(f"learning_rate={rates}", pruner="median", sampler="grid", trials=8)
    sweeping.bench.models.update_config(actor=ME, model_id=sweeping.model.id, values={"max_epochs": 1})
    sweeping.to_the_end(sweep)
    assert {run.trial.told for run in sweeping.trials(sweep) if run.trial} == {"completed"}


def test_a_sweep_is_deleted_and_brought_back_but_not_while_it_runs(sweeping: Sweeping) -> None:
    sweep = sweeping.begin(trials=1)
    with pytest.raises(CommandError, match="stop it before"):
        sweeping.bench.sweeps.delete(actor=ME, sweep_id=sweep.id)
    sweeping.to_the_end(sweep)
    sweeping.bench.sweeps.delete(actor=ME, sweep_id=sweep.id)
    with pytest.raises(CommandError, match="was deleted"):
        sweeping.bench.sweeps.get(sweep.id)
    sweeping.bench.undo(actor=ME)
    assert sweeping.bench.sweeps.get(sweep.id).name == sweep.name


def test_a_model_stays_while_a_sweep_of_it_runs(sweeping: Sweeping) -> None:
    sweep = sweeping.begin()
    sweeping.bench.sweeps.driver.look()
    with pytest.raises(CommandError, match="while its sweep"):
        sweeping.bench.models.delete(actor=ME, model_id=sweeping.model.id)
    sweeping.bench.sweeps.stop(actor=ME, sweep_id=sweep.id)
    sweeping.bench.models.delete(actor=ME, model_id=sweeping.model.id)
    with pytest.raises(CommandError, match="was deleted"):
        sweeping.bench.sweeps.resume(actor=ME, sweep_id=sweep.id)


def test_undo_passes_by_the_start_of_a_sweep(sweeping: Sweeping) -> None:
    sweeping.bench.models.rename(actor=ME, model_id=sweeping.model.id, name="Renamed")
    sweep = sweeping.begin()
    sweeping.bench.sweeps.driver.look()
    sweeping.bench.undo(actor=ME)
    assert sweeping.bench.models.get(sweeping.model.id).name == sweeping.model.name
    assert sweeping.bench.sweeps.get(sweep.id).state == "running"


class Unpause(Command):
    """A trial is no longer to be gone on with."""

    run_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = state.runs[self.run_id]
        assert run.trial
        return put_run(run, trial=run.trial.model_copy(update={"paused": False}))

    @property
    def words(self) -> str:
        return "Unpause"


def tell_epoch(bench: Any, run: Any, loss: float) -> None:
    event = NewEvent.now("epoch", epoch=1, total=4, metrics={"validation/loss": loss})
    with bench.store.transaction() as connection:
        events.append(connection, run.id, run.attempt, [event])


def _refusing(self: Any, sweep: Any, number: int, values: Any) -> Any:
    raise CommandError("It cannot be.")


def _looking_between_epochs(sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the driver look after each epoch of a trial that this process carries out, as one of another process would."""
    from workbench.runs.reporter import StoreReporter

    told, looked = StoreReporter.epoch, []

    def tell_and_look(self: Any, *arguments: Any, **more: Any) -> None:
        told(self, *arguments, **more)
        self.flush()
        sweeping.bench.sweeps.driver.look()
        looked.append(arguments)

    def stop(self: Any) -> bool:
        return any(run.stop_requested_at is not None for run in sweeping.bench.state().active_runs)

    monkeypatch.setattr(StoreReporter, "epoch", tell_and_look)
    monkeypatch.setattr(StoreReporter, "should_stop", stop)
    return looked
