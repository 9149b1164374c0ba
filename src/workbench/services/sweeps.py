"""Sweeps as pages, REST and the command line see them: start, stop, resume, look at, and take over what they found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from workbench import families
from workbench.clock import utc_now
from workbench.commands.base import Command, CommandError, Env
from workbench.commands.models import CloneModelCommand
from workbench.commands.records import DeleteCommand, RenameCommand, RestoreCommand, TagCommand
from workbench.commands.rules import MAX_NAME, facts_now, find_model, free_name, refuse
from workbench.commands.runs import beginning_problems
from workbench.families import model_type
from workbench.fields import FieldKind, FieldProblem, fields_of, problems_of
from workbench.ids import new_id
from workbench.runs.code_version import code_version
from workbench.runs.events import EventPage
from workbench.runs.held import ACTOR
from workbench.services.models import ModelService, Updated
from workbench.services.runs import RunService
from workbench.state import Kind, ModelRecord, RunRecord
from workbench.store.store import Store
from workbench.sweeps.checks import meaningless, value_at
from workbench.sweeps.commands import CreateSweepCommand, ResumeSweepCommand, StartTrialCommand, StopSweepCommand, find_sweep
from workbench.sweeps.driving import Driver
from workbench.sweeps.records import KIND, SweepRecord, best_trial, trials_of
from workbench.sweeps.settings import SweepSettings
from workbench.values import edit, stored_values
from workbench.values.given import Given, take


class SweepService:
    """The sweeps of one workbench."""

    def __init__(self, store: Store, models: ModelService, runs: RunService) -> None:
        self._store, self._models, self._runs = store, models, runs
        self.driver = Driver(store, self)

    def get(self, sweep_id: str) -> SweepRecord:
        """A sweep that is not deleted. Raises CommandError not_found."""
        return find_sweep(self._store.state(), sweep_id)

    def create(
        self,
        *,
        actor: str,
        model_id: str,
        settings: Mapping[str, Any] | SweepSettings,
        name: str | None = None,
        note: str = "",
        confirmed: bool = False,
    ) -> SweepRecord:
        """Begin to search settings of a model. Raises CommandError with every mistake of the search and its space, NeedsConfirmation.

        Args:
            settings: as `SweepSettings` has them, texts allowed.
        """
        asked, wrong = (settings, []) if isinstance(settings, SweepSettings) else settings_of(settings)
        command = CreateSweepCommand(
            model_id=model_id, settings=asked, name=name.strip() or None if name else None, note=note, confirmed=confirmed
        )
        facts = self._models.facts(find_model(self._store.state(), model_id))
        if wrong:
            try:
                command.decide(self._store.state(), Env(utc_now(), new_id, actor, families.model_type, facts))
            except CommandError as error:
                wrong = [*wrong, *error.problems]
            refuse(wrong)
        state = self._store.execute(command, actor=actor, facts=facts).state
        return max((sweep for sweep in state.of(KIND).values()), key=lambda sweep: sweep.number)

    def fits(self, model_id: str, path: str, value: Any) -> bool:
        """Whether a run of a model could begin with a value of a tunable setting; locked ones are not judged. Raises CommandError not_found."""
        state = self._store.state()
        model = find_model(state, model_id)
        kind = model_type(model.family, model.model_type)
        if kind.fields.specs[path].kind is FieldKind.STRUCTURAL:
            return True
        env = Env(utc_now(), new_id, ACTOR, families.model_type, self._models.facts(model))
        edited = edit(kind, model.config, {path: value}, facts_now(state, env, model))
        return edited.stored is not None and not edited.problems and not beginning_problems(state, env, model, edited.stored)

    def stop(self, *, actor: str, sweep_id: str) -> SweepRecord:
        """Begin no further trial and stop those that run. Raises CommandError."""
        return self._execute(StopSweepCommand(sweep_id=sweep_id), actor, sweep_id)

    def resume(self, *, actor: str, sweep_id: str, trials: int | None = None) -> SweepRecord:
        """Go on with a sweep, until it has had `trials` trials if that is given. Raises CommandError."""
        return self._execute(ResumeSweepCommand(sweep_id=sweep_id, trials=trials), actor, sweep_id)

    def rename(self, *, actor: str, sweep_id: str, name: str, expected_version: int | None = None) -> SweepRecord:
        """Give a sweep another name. Raises CommandError conflict if it is taken."""
        return self._execute(RenameCommand(kind=KIND, id=sweep_id, name=name), actor, sweep_id, expected_version)

    def delete(self, *, actor: str, sweep_id: str, expected_version: int | None = None) -> SweepRecord:
        """Mark a sweep deleted; its runs stay. Raises CommandError conflict while it runs."""
        return self._execute(DeleteCommand(kind=KIND, id=sweep_id), actor, sweep_id, expected_version)

    def restore(self, *, actor: str, sweep_id: str) -> SweepRecord:
        """Bring a deleted sweep back."""
        return self._execute(RestoreCommand(kind=KIND, id=sweep_id), actor, sweep_id)

    def best(self, sweep_id: str) -> RunRecord:
        """The run of the best trial. Raises CommandError while none has ended with a value."""
        sweep = self.get(sweep_id)
        found = best_trial(self._store.state(), sweep)
        if found is None:
            raise CommandError(f"No trial of {sweep.name} has ended with a value yet.", "sweep", code="conflict")
        return found

    def use_best(self, *, actor: str, sweep_id: str) -> Updated:
        """Give the model the settings of the best trial, which can be undone. Raises CommandError; also for a search of architectures."""
        sweep, best = self.get(sweep_id), self.best(sweep_id)
        if sweep.architectures:
            raise CommandError("Each trial is a model of its own: use the model of the best one.", "sweep", code="conflict")
        assert best.trial is not None
        return self._models.update_config(actor=actor, model_id=sweep.model_id, values=best.trial.tried)

    def keep_watch(self) -> None:
        """Drive the sweeps that run in the background until `close`. Every server does."""
        self.driver.start()

    def close(self) -> None:
        """End the driver. Sweeps stay running, and the next driver goes on with them."""
        self.driver.end()

    def events(self, run_id: str, after: int) -> EventPage:
        """Events of a trial's run after a cursor."""
        return self._runs.events(run_id, after)

    def see_to_worker(self, run: RunRecord) -> None:
        """Have a worker for a trial that is queued."""
        self._runs.see_to_worker(run)

    def present_values(self, sweep: SweepRecord) -> dict[str, Any]:
        """What the model has now of what is searched."""
        model, kind = find_model(self._store.state(), sweep.model_id), model_type(sweep.family, sweep.model_type)
        values = {**kind.fields.defaults, **stored_values(kind.fields, model.config)}
        found: dict[str, Any] = {}
        for parameter in sweep.space:
            try:
                found[parameter.path] = value_at(kind, values, parameter.path)
            except (LookupError, TypeError):
                continue  # an entry that the model has no more
        return found

    def start_trial(self, sweep: SweepRecord, number: int, values: Mapping[str, Any]) -> RunRecord:
        """Queue the run of a trial, of the model or of a clone that is made for it. Raises CommandError; conflict if another was faster."""
        model = find_model(self._store.state(), sweep.model_id)
        facts, run_id = self._models.facts(model), new_id(Kind.RUN)
        state = self._store.state()
        known = facts_now(state, Env(utc_now(), new_id, ACTOR, families.model_type, facts), model)
        unused = meaningless(model_type(model.family, model.model_type), model.config, values, known)
        self._refuse_again(sweep, values, unused)
        command = StartTrialCommand(
            run_id=run_id, sweep_id=sweep.id, number=number, model_id=model.id, values=dict(values), unused=unused,
            framework=families.family(model.family).framework, code_version=code_version(),
        )  # fmt: skip
        if not sweep.architectures:
            return self._runs.launch(command, actor=ACTOR, run_id=run_id, facts=facts)
        clone_id = new_id(Kind.MODEL)
        with self._models.removed_unless_made(clone_id):
            first = self._clone(sweep, model, clone_id, number, {path: value for path, value in values.items() if path not in unused})
            command = command.model_copy(update={"model_id": clone_id})
            return self._runs.launch(command, actor=ACTOR, run_id=run_id, facts=replace(facts, weights_mismatches=()), first=first)

    def _refuse_again(self, sweep: SweepRecord, values: Mapping[str, Any], unused: Sequence[str]) -> None:
        """Refuse a combination of a grid that differs from one that was tried only in what means nothing there. Raises CommandError."""
        if sweep.sampler != "grid" or not unused:
            return
        tried = {path: value for path, value in values.items() if path not in unused}
        for run in trials_of(self._store.state(), sweep.id):
            if run.trial is not None and run.trial.tried == tried:
                raise CommandError(f"Trial {run.trial.number} is the same: {', '.join(unused)} means nothing beside the other settings.")

    def _clone(self, sweep: SweepRecord, model: ModelRecord, clone_id: str, number: int, values: Mapping[str, Any]) -> tuple[Command, ...]:
        """The commands that make the clone of a trial."""
        ending = f", trial {number}"
        name = free_name(self._store.state(), Kind.MODEL, sweep.name[: MAX_NAME - len(ending)] + ending)
        payload = self._models.copied(model, clone_id)
        return (
            CloneModelCommand(model_id=model.id, new_id=clone_id, name=name, values=dict(values), payload=payload),
            TagCommand(kind=Kind.MODEL, id=clone_id, tags=tuple(dict.fromkeys((*model.tags, sweep.tag)))),
        )

    def _execute(self, command: Command, actor: str, sweep_id: str, expected_version: int | None = None) -> SweepRecord:
        expected = None if expected_version is None else (sweep_id, expected_version)
        return self._store.execute(command, actor=actor, expected=expected).state.of(KIND)[sweep_id]


def settings_of(given: Mapping[str, Any]) -> tuple[SweepSettings, list[FieldProblem]]:
    """(the settings, those that are wrong at their defaults; what is wrong)."""
    specs, read = fields_of({"sweep": SweepSettings}).specs, Given()
    for name, raw in given.items():
        take(read, specs, name, raw)
    try:
        return SweepSettings(**read.values), read.problems
    except ValidationError as error:
        return SweepSettings(), [*read.problems, *problems_of(error, specs)]
