"""Fills a store with models, runs and labels, as years of use would, through the store's own commands."""

from __future__ import annotations

import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from workbench.commands.base import Change, Changes, Command, Env, Facts, Put, SetLabels
from workbench.ids import counter_id, new_id
from workbench.roles import Role
from workbench.runs.events import NewEvent, append
from workbench.state import AppState, CounterRecord, Kind, LabelValue, ModelRecord, RunRecord, RunState, Subject
from workbench.workbench import Workbench

ACTOR = "user:bench"
AT_ONCE = 250
"""Records one command adds: more would make rows of the journal that no real command makes."""
LEARNING_RATES, BATCHES = (1e-4, 3e-4, 1e-3, 3e-3), (32, 64, 128)
"""Settings of varied runs."""


@dataclass(frozen=True)
class Copied(Facts):
    """The model that is copied, or whose runs are."""

    model: ModelRecord


class AddModels(Command):
    """Add copies of a model, each with a completed run if `runs`. Facts: `Copied`."""

    role: ClassVar[Role] = "administer"
    count: int
    runs: bool

    def decide(self, state: AppState, env: Env) -> Changes:
        source: ModelRecord = env.require(Copied).model
        first = _last_number(state, Kind.MODEL) + 1
        changes: list[Change] = []
        for number in range(first, first + self.count):
            model = source.model_copy(
                update={
                    "id": env.new_id(Kind.MODEL),
                    "number": number,
                    "name": f"Model {number}",
                    "created_at": env.now,
                    "updated_at": env.now,
                }
            )
            changes.append(Put(Kind.MODEL, model.id, model))
            if self.runs:
                changes.append(_run(state, env, model, number - first))
        counters = [(Kind.MODEL, self.count)] + ([(Kind.RUN, self.count)] if self.runs else [])
        return (*changes, *(_counted(state, kind, added) for kind, added in counters))


class AddRuns(Command):
    """Add completed runs of one model. Facts: `Copied`.

    Args:
        varied: runs of several settings with seeds, results, states, tags and notes of their own, as experiments leave them.
    """

    role: ClassVar[Role] = "administer"
    count: int
    varied: bool = False

    def decide(self, state: AppState, env: Env) -> Changes:
        runs = [_run(state, env, env.require(Copied).model, position, varied=self.varied) for position in range(self.count)]
        return (*runs, _counted(state, Kind.RUN, self.count))


@dataclass(frozen=True)
class CopiedRun(Facts):
    """The run that is copied."""

    run: RunRecord


class CopyRun(Command):
    """Add copies of a run that has ended. Facts: `CopiedRun`."""

    role: ClassVar[Role] = "administer"
    ids: tuple[str, ...]

    def decide(self, state: AppState, env: Env) -> Changes:
        source: RunRecord = env.require(CopiedRun).run
        first = _last_number(state, Kind.RUN) + 1
        copies = (
            source.model_copy(update={"id": id, "key": id, "number": first + place, "created_at": env.now})
            for place, id in enumerate(self.ids)
        )
        return (*(Put(Kind.RUN, run.id, run) for run in copies), _counted(state, Kind.RUN, len(self.ids)))


class AddLabels(Command):
    """Label rows `first` to `first + count - 1` of a model."""

    role: ClassVar[Role] = "administer"
    model_id: str
    first: int
    count: int

    def decide(self, state: AppState, env: Env) -> Changes:
        return (
            SetLabels(
                self.model_id, {row: LabelValue(label=row % 10, source="person") for row in range(self.first, self.first + self.count)}
            ),
        )


def first_model(bench: Workbench) -> ModelRecord:
    """A real model on the handwritten digits, made as a person makes one."""
    return bench.models.create(
        actor=ACTOR, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, preset="semi_supervised_digits", name="First"
    )


def add_models(bench: Workbench, model: ModelRecord, count: int) -> None:
    """Add `count` copies of `model`, each with one completed run."""
    for start in range(0, count, AT_ONCE):
        bench.store.execute(AddModels(count=min(AT_ONCE, count - start), runs=True), actor=ACTOR, facts=Copied(model))


def add_runs(bench: Workbench, model: ModelRecord, count: int, *, varied: bool = False) -> None:
    """Add `count` completed runs of `model`; see `AddRuns`."""
    for start in range(0, count, AT_ONCE):
        bench.store.execute(AddRuns(count=min(AT_ONCE, count - start), varied=varied), actor=ACTOR, facts=Copied(model))


def copy_run(bench: Workbench, run: RunRecord, count: int) -> list[str]:
    """Add `count` copies of a run that has ended, with its events and its files (which are links); their ids."""
    made = [new_id(Kind.RUN) for _ in range(count)]
    told = [NewEvent(event.at, event.kind, event.payload) for event in bench.runs.follow(run.id)]
    for start in range(0, count, AT_ONCE):
        ids = tuple(made[start : start + AT_ONCE])
        bench.store.execute(CopyRun(ids=ids), actor=ACTOR, facts=CopiedRun(run))
        with bench.store.transaction() as connection:
            for id in ids:
                append(connection, id, run.attempt, told)
    folder = Path(bench.runs.where(run.id))
    for id in made:
        shutil.copytree(folder, bench.runs.where(id), copy_function=os.link)
    return made


def add_labels(bench: Workbench, model: ModelRecord, count: int) -> None:
    """Label `count` rows of `model`."""
    for first in range(0, count, 20 * AT_ONCE):
        bench.store.execute(AddLabels(model_id=model.id, first=first, count=min(20 * AT_ONCE, count - first)), actor=ACTOR)


def variation(model: ModelRecord, number: int) -> dict[str, Any]:
    """What a run of that number differs in from the others."""
    rate, batch, seed = LEARNING_RATES[number % len(LEARNING_RATES)], BATCHES[number // len(LEARNING_RATES) % len(BATCHES)], number // 12
    training = {**model.config["training"], "learning_rate": rate, "batch_size": batch, "random_seed": seed}
    accuracy = 0.97 - 0.05 * abs(math.log10(rate) + 3) - 0.0001 * batch + 0.01 * math.sin(12.9898 * number)
    return {
        "config": {**model.config, "training": training}, "seed": seed, "state": RunState.FAILED if number % 17 == 0 else RunState.COMPLETED,
        "headline": {"accuracy": accuracy, "loss": 60 - 20 * accuracy}, "duration_seconds": 30.0 + number % 90, "epochs_done": 50 + number % 100,
        "tags": ("baseline",) if number % 10 == 0 else (), "note": f"Rate {rate:g}" if number % 5 == 0 else "",
    }  # fmt: skip


def _run(state: AppState, env: Env, model: ModelRecord, position: int, *, varied: bool = False) -> Put:
    manifest = state.datasets[model.uses[0]].manifest
    assert manifest is not None
    values: dict[str, Any] = {
        "id": env.new_id(Kind.RUN), "number": _last_number(state, Kind.RUN) + 1 + position, "subject": Subject(kind=Kind.MODEL, id=model.id), "key": model.id, "family": model.family,
        "model_type": model.model_type, "framework": "jax", "state": RunState.COMPLETED, "config": model.config,
        "fingerprint": model.fingerprint, "payload": model.payload, "dataset": manifest, "uses": model.uses, "seed": 42, "journal_seq": state.version, "code_version": "bench",
        "headline": {"accuracy": 0.95, "loss": 40.0}, "epochs_done": 150, "created_at": env.now, "started_at": env.now, "ended_at": env.now,
        "duration_seconds": 45.0,
    }  # fmt: skip
    if varied:
        values |= variation(model, values["number"])
    run = RunRecord(**values)
    return Put(Kind.RUN, run.id, run)


def _last_number(state: AppState, kind: Kind) -> int:
    counter = state.counters.get(counter_id(kind))
    return counter.value if counter else 0


def _counted(state: AppState, kind: Kind, added: int) -> Put:
    id = counter_id(kind)
    return Put(Kind.COUNTER, id, CounterRecord(id=id, value=_last_number(state, kind) + added))
