"""Commands about sweeps: those that people give, and those by which whoever drives one says how it goes on."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from workbench.commands.base import Changes, Command, CommandError, Env, Put
from workbench.commands.confirming import require_confirmed
from workbench.commands.records import put
from workbench.commands.rules import (
    MAX_NAME,
    clean_note,
    facts_now,
    find,
    find_model,
    find_run,
    free_name,
    model_type_of,
    next_number,
    put_run,
    refuse,
    require_free_name,
)
from workbench.commands.runs import beginning_problems, foreseen, run_of_model
from workbench.families import family
from workbench.fields import ConfigError, FieldProblem
from workbench.roles import Role
from workbench.state import AppState, RunRecord, RunState, Trial
from workbench.sweeps.checks import checked_space, objective_of, objective_words, settings_problems
from workbench.sweeps.records import KIND, Refused, SweepRecord, next_trial, trials_of
from workbench.sweeps.settings import SweepSettings
from workbench.values import edit

MAX_ATTEMPTS = 3
"""How often a trial is begun whose worker is lost."""


class CreateSweepCommand(Command):
    """Search settings of a model; every mistake is told at once.

    Args:
        settings: as `SweepSettings` has them. confirmed: somebody said yes to what the family foresees of such runs.

    Facts: `ModelFacts` of the model.
    """

    role: ClassVar[Role] = "train"
    model_id: str
    settings: SweepSettings
    name: str | None = None
    note: str = ""
    confirmed: bool = False

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        kind, asked, declared = model_type_of(env, model.family, model.model_type), self.settings, family(model.family)
        facts = facts_now(state, env, model)
        space, problems = checked_space(kind, model.config, asked.space, facts, architectures=asked.architectures)
        problems += settings_problems(asked, space)
        objective = ""
        try:
            objective = objective_of(declared, asked.objective)
        except ConfigError as error:
            problems += error.problems
        refuse(problems)
        refuse(beginning_problems(state, env, model, model.config))
        words = objective_words(declared, objective, space)
        if words is not None:
            doubt = FieldProblem("objective", words, asked.objective, "Choose an objective that does not depend on it")
            require_confirmed(doubt, confirmed=self.confirmed)
        require_confirmed(foreseen(state, env, model, model.config), confirmed=self.confirmed)
        number, counted = next_number(state, KIND)
        suggested = free_name(state, KIND, f"{model.name}, sweep {number}"[:MAX_NAME])
        sweep = SweepRecord(
            id=env.new_id(KIND), number=number, name=require_free_name(state, KIND, self.name) if self.name else suggested,
            model_id=model.id, family=model.family, model_type=model.model_type, space=space, objective=objective,
            direction=declared.measures.of(objective).direction or "lower", confirmed=self.confirmed, note=clean_note(self.note),
            created_at=env.now, updated_at=env.now,
            **{name: getattr(asked, name) for name in ("trials", "at_once", "sampler", "pruner", "seed", "minutes", "architectures")},
        )  # fmt: skip
        return (counted, Put(KIND, sweep.id, sweep))

    @property
    def words(self) -> str:
        return f"Start the sweep {self.name}" if self.name else "Start a sweep"


class StopSweepCommand(Command):
    """Begin no further trial, and stop those that run, to go on from their checkpoints when the sweep does."""

    role: ClassVar[Role] = "train"
    sweep_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        sweep = find_sweep(state, self.sweep_id)
        if sweep.state != "running":
            raise CommandError(f"The sweep {sweep.name} has ended already ({sweep.state}).", "sweep", code="conflict")
        changes: list[Any] = []
        for run in trials_of(state, sweep.id):
            if run.state.active and run.trial is not None and not run.trial.pruned:
                changes += _stopping(run, env, paused=True)
        return (*put(env, KIND, sweep, state="stopped", reason="Stopped as asked.", ended_at=env.now), *changes)

    @property
    def words(self) -> str:
        return "Stop the sweep"


class ResumeSweepCommand(Command):
    """Go on with a sweep that was stopped or failed, its stopped trials first.

    Args:
        trials: search on until there are so many; None leaves the number as it is.
    """

    role: ClassVar[Role] = "train"
    sweep_id: str
    trials: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        sweep = find_sweep(state, self.sweep_id)
        find_model(state, sweep.model_id)
        if sweep.state == "running":
            raise CommandError(f"The sweep {sweep.name} is running already.", "sweep", code="conflict")
        trials = sweep.trials if self.trials is None else self.trials
        if not 1 <= trials <= 1000:
            raise CommandError(f"A sweep has 1 to 1000 trials (got {trials}).", "trials")
        done = next_trial(state, sweep) - 1
        waiting = any(run.trial is not None and not run.trial.told for run in trials_of(state, sweep.id))
        if done >= trials and not waiting:
            message = f"The sweep {sweep.name} has had its {done} trials."
            raise CommandError(message, "trials", "Say how many it is to have: more than that.", code="conflict")
        return put(env, KIND, sweep, state="running", reason="", ended_at=None, trials=trials, begun_before=done)

    @property
    def words(self) -> str:
        return "Resume the sweep"


class StartTrialCommand(Command):
    """Queue the run of a trial.

    Args:
        number: of the trial; another driver may have begun it meanwhile, which is a conflict.
        model_id: the sweep's model, or the clone that was made for the trial. values: what was drawn for the trial; `unused`: which of that
            mean nothing beside the others.
        run_id, framework, code_version: see `StartRunCommand`.

    Facts: `ModelFacts` of that model.
    """

    role: ClassVar[Role] = "train"
    run_id: str
    sweep_id: str
    number: int
    model_id: str
    values: dict[str, Any]
    unused: tuple[str, ...] = ()
    framework: str
    code_version: str

    def decide(self, state: AppState, env: Env) -> Changes:
        sweep = _expecting(state, self.sweep_id, self.number)
        model = find_model(state, self.model_id)
        config = model.config
        if not sweep.architectures:
            tried = {path: value for path, value in self.values.items() if path not in self.unused}
            edited = edit(model_type_of(env, model.family, model.model_type), config, tried, facts_now(state, env, model))
            refuse(edited.problems)
            assert edited.stored is not None
            config = edited.stored
        refuse(beginning_problems(state, env, model, config))
        doubt = foreseen(state, env, model, config)
        if doubt is not None and not sweep.confirmed:
            refuse((FieldProblem(doubt.path, doubt.message, doubt.value, doubt.hint),))
        trial = Trial(sweep=sweep.id, number=self.number, values=self.values, unused=self.unused)
        return run_of_model(
            state, env, model, config, run_id=self.run_id, key=model.id if sweep.architectures else self.run_id,
            framework=self.framework, code_version=self.code_version, trial=trial,
        )  # fmt: skip

    @property
    def words(self) -> str:
        return f"Start trial {self.number}"


class RefuseTrialCommand(Command):
    """The settings of a trial do not go together: it is counted, and has no run."""

    role: ClassVar[Role] = "train"
    sweep_id: str
    number: int
    values: dict[str, Any]
    why: str

    def decide(self, state: AppState, env: Env) -> Changes:
        sweep = _expecting(state, self.sweep_id, self.number)
        refused = Refused(number=self.number, values=self.values, why=self.why)
        return put(env, KIND, sweep, refused=(*sweep.refused, refused))

    @property
    def words(self) -> str:
        return f"Refuse trial {self.number}"


class PruneTrialCommand(Command):
    """Stop a trial that does worse than others did, in the ordinary way; `why` in a sentence."""

    role: ClassVar[Role] = "train"
    run_id: str
    why: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _untold(state, self.run_id)
        if not run.state.active or run.stop_requested_at is not None or run.trial is None:
            return ()
        return _stopping(run, env, pruned=self.why)

    @property
    def words(self) -> str:
        return "Prune the trial"


class ContinueTrialCommand(Command):
    """Queue a trial again that was stopped with its sweep or whose worker was lost: from its checkpoint if it has one, else anew."""

    role: ClassVar[Role] = "train"
    run_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = _untold(state, self.run_id)
        if run.trial is None or run.state not in (RunState.STOPPED, RunState.INTERRUPTED):
            raise CommandError(f"Run #{run.number} is {run.state.value}.", "run", code="conflict")
        return put_run(
            run, state=RunState.QUEUED, attempt=run.attempt + 1, lost_starts=0, reason="", error=None, stop_requested_at=None,
            ended_at=None, trial=run.trial.model_copy(update={"paused": False}),
        )  # fmt: skip

    @property
    def words(self) -> str:
        return "Go on with the trial"


class TellTrialCommand(Command):
    """What became of a trial: its best value over the epochs, None for one that gave none.

    Told again of one that had not worked and that somebody resumed to its end.
    """

    role: ClassVar[Role] = "train"
    run_id: str
    told: Literal["completed", "pruned", "stopped", "failed"]
    value: float | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        run = find_run(state, self.run_id, deleted=True)
        if not resumed_to_its_end(run):
            run = _untold(state, self.run_id)
        if run.trial is None or (run.state.active and run.deleted_at is None):
            raise CommandError(f"Run #{run.number} is {run.state.value}.", "run", code="conflict")
        value = self.value if self.value is not None and math.isfinite(self.value) else None
        return put_run(run, trial=run.trial.model_copy(update={"told": self.told, "value": value}))

    @property
    def words(self) -> str:
        return f"The trial is {self.told}"


class FinishSweepCommand(Command):
    """A sweep ends by itself: its trials are over, its budget is spent, or none of its trials works."""

    role: ClassVar[Role] = "train"
    sweep_id: str
    outcome: Literal["completed", "failed"]
    reason: str

    def decide(self, state: AppState, env: Env) -> Changes:
        sweep = find_sweep(state, self.sweep_id)
        if sweep.state != "running":
            raise CommandError(f"The sweep {sweep.name} is {sweep.state}.", "sweep", code="conflict")
        return put(env, KIND, sweep, state=self.outcome, reason=self.reason, ended_at=env.now)

    @property
    def words(self) -> str:
        return f"The sweep ended: {self.outcome}"


def find_sweep(state: AppState, id: str) -> SweepRecord:
    """The sweep of that id. Raises CommandError not_found."""
    return find(state, KIND, id)


def resumed_to_its_end(run: RunRecord) -> bool:
    """Whether a trial that had not worked, or was stopped, was resumed by somebody and is complete now."""
    return run.trial is not None and run.trial.told in ("failed", "stopped") and run.state is RunState.COMPLETED and run.attempt > 1


def _stopping(run: RunRecord, env: Env, **trial: Any) -> Changes:
    """The changes that ask a trial's run to stop; one that is queued ends at once."""
    assert run.trial is not None
    changed = run.trial.model_copy(update=trial)
    if run.state is RunState.QUEUED:
        reason = "Stopped before it started."
        return put_run(run, state=RunState.STOPPED, reason=reason, stop_requested_at=env.now, ended_at=env.now, trial=changed)
    return put_run(run, stop_requested_at=run.stop_requested_at or env.now, trial=changed)


def _expecting(state: AppState, sweep_id: str, number: int) -> SweepRecord:
    """The sweep, if it runs and this is its next trial. Raises CommandError conflict."""
    sweep = find_sweep(state, sweep_id)
    if sweep.state != "running":
        raise CommandError(f"The sweep {sweep.name} is {sweep.state}.", "sweep", code="conflict")
    expected = next_trial(state, sweep)
    if number != expected:
        raise CommandError(f"Trial {expected} is the next one of {sweep.name}, not {number}.", "number", code="conflict")
    return sweep


def _untold(state: AppState, run_id: str) -> RunRecord:
    """A trial's run of which it was not yet told what became of it. Raises CommandError conflict."""
    run = find_run(state, run_id, deleted=True)
    if run.trial is None or run.trial.told:
        raise CommandError(f"Run #{run.number} is no trial that goes on.", "run", code="conflict")
    return run
