"""Steps of labelling as a page sends them: many in one transaction, each its own row in the journal, none of them twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from rcmvae.holding import held
from rcmvae.labels.commands import COMMANDS, ClearLabelsCommand, LabelSamplesCommand, Proposal
from workbench.commands.base import Among, Command, CommandError, SetLabels
from workbench.commands.history import RedoCommand, UndoCommand, passed_words
from workbench.commands.rules import find_model
from workbench.state import Kind
from workbench.store import once
from workbench.store.apply import labels_key

if TYPE_CHECKING:
    from workbench.workbench import Workbench

MOST_STEPS = 1000
"""Steps of one request at most."""
MOST_ROWS = 100_000
"""Samples of one step at most."""
MOST_ENTRIES = 1000
"""Journal rows that are followed; a page that is further behind reads all labels anew."""


class Step(BaseModel):
    """One step: samples to label, samples to clear, or a walk through what this actor did to the model's labels before.

    Attributes:
        key: names the step; a key that was carried out already is not carried out again. set: dataset row -> class.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    key: str = Field(min_length=8, max_length=100)
    set: dict[Annotated[int, Field(ge=0)], StrictInt] = Field(default_factory=dict, max_length=MOST_ROWS)
    clear: tuple[StrictInt, ...] = Field((), max_length=MOST_ROWS)
    walk: Literal["undo", "redo"] | None = None
    proposal: Proposal | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Step:
        if sum(map(bool, (self.set, self.clear, self.walk))) != 1:
            raise ValueError("a step sets labels, clears some, or walks")
        return self

    def command(self, model_id: str, merged: Mapping[int, int]) -> Command:
        """What it does to a model; a label of a class that was merged meanwhile counts as of the class that it was merged into."""
        if self.set:
            labels = {row: merged.get(label, label) for row, label in self.set.items()}
            return LabelSamplesCommand(model_id=model_id, labels=labels, proposal=self.proposal)
        if self.clear:
            return ClearLabelsCommand(model_id=model_id, indices=self.clear)
        among = Among(kind=Kind.MODEL, id=model_id, commands=COMMANDS, past_others=True)
        return UndoCommand(among=among) if self.walk == "undo" else RedoCommand(among=among)


class Outcome(BaseModel):
    """What became of a step: the samples whose label changed, or why it was refused; what it left as somebody changed it since, in a sentence."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    key: str
    rows: tuple[int, ...] = ()
    refused: str | None = None
    hint: str | None = None
    left: str | None = None


@dataclass(frozen=True)
class LabelChange:
    """A label by now (None: cleared) and who made it so."""

    label: int | None
    actor: str


@dataclass(frozen=True)
class LabelChanges:
    """What changed in a model's labels after some version of the state.

    Attributes:
        version: of the state that it leads to. labels: by dataset row. class_names, merged: the vocabulary by now. training: whether a run
            of the model is active, which has its own copy of the labels.
        everything: too much changed to tell; all labels are to be read anew.
    """

    version: int
    class_names: tuple[str, ...]
    merged: Mapping[int, int]
    training: bool
    labels: Mapping[int, LabelChange] = field(default_factory=dict)
    everything: bool = False


def carry_out(workbench: Workbench, *, actor: str, model_id: str, steps: Sequence[Step]) -> tuple[Outcome, ...]:
    """Carry out steps in one transaction, in their order. A refused one changes nothing and stops no other.

    When this returns, what was done is durable. Raises CommandError for a model that is not there, StoreError.
    """
    facts = workbench.models.facts(find_model(workbench.state(), model_id))
    outcomes: dict[str, Outcome] = {}
    with workbench.store.transaction() as connection:
        known = once.recalled(connection, actor, [step.key for step in steps])
        fresh: dict[str, str] = {}
        for step in steps:
            if step.key in known:
                outcomes[step.key] = Outcome.model_validate_json(known[step.key])
            if step.key in outcomes:
                continue
            try:
                merged = held(workbench.store.state().models[model_id]).merged
                done = workbench.store.execute(step.command(model_id, merged), actor=actor, facts=facts, connection=connection)
                rows = [row for change in done.changes if isinstance(change, SetLabels) for row in change.labels]
                left = passed_words(done.state, done.passed) if done.passed else None
                outcomes[step.key] = Outcome(key=step.key, rows=tuple(rows), left=left)
            except CommandError as error:
                outcomes[step.key] = Outcome(key=step.key, refused=error.message, hint=error.hint)
            fresh[step.key] = outcomes[step.key].model_dump_json()
        once.remember(connection, actor, fresh)
    return tuple(outcomes.values())


def changes_since(workbench: Workbench, model_id: str, version: int) -> LabelChanges:
    """What changed in a model's labels and classes after a version of the state. Raises CommandError not_found."""
    state = workbench.state()
    kept = held(find_model(state, model_id))
    now = partial(LabelChanges, state.version, kept.class_names, kept.merged, state.active_run(model_id) is not None)
    newest = max(state.versions.get(labels_key(model_id), 0), state.versions.get(model_id, 0))
    if version > state.version:
        return now(everything=True)
    if newest <= version:
        return now()
    entries = workbench.history(Kind.MODEL, model_id, MOST_ENTRIES, after=version)
    if len(entries) == MOST_ENTRIES:
        return now(everything=True)
    labels: dict[int, LabelChange] = {}
    for entry in reversed(entries):
        for change in entry.changes:
            part, _, row = change.path.partition(".")
            if part == "labels":
                labels[int(row)] = LabelChange(change.new, entry.actor)
    return now(labels)
