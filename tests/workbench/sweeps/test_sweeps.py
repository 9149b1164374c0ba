"""A sweep from its start to its end, stopped, resumed and taken over, on the fake family."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench.runs import inline
from tests.workbench.sweeps.conftest import ME, Sweeping
from workbench.commands.base import CommandError
from workbench.state import RunState
from workbench.sweeps.driving import Driver
from workbench.sweeps.importance import importances
from workbench.sweeps.records import KIND, best_trial


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


def test_settings_that_do_not_go_together_are_counted_without_a_run(sweeping: Sweeping) -> None:
    # noise_kind means something only with noise, which is searched too
    sweep = sweeping.begin("use_noise=false,true", "noise_kind=pink,white", sampler="grid", trials=10)
    ended = sweeping.to_the_end(sweep)
    assert [refused.number for refused in ended.refused] == [1]
    assert "noise_kind" in ended.refused[0].why
    assert len(sweeping.trials(sweep)) == 3


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


def test_a_sweeps_start_is_undone_before_its_first_trial_only(sweeping: Sweeping) -> None:
    sweep = sweeping.begin()
    sweeping.bench.undo(actor=ME)
    assert sweep.id not in sweeping.bench.state().of(KIND)
    sweeping.begin()
    sweeping.bench.sweeps.driver.look()
    with pytest.raises(CommandError, match="has trials by now"):
        sweeping.bench.undo(actor=ME)


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
