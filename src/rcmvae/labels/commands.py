"""Commands about labels: what a model may see. True labels of the dataset are never touched.

Their facts are `ModelFacts` whose `read` are the rows of the model's sample: training and validation rows may be labelled, never
test rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from rcmvae.holding import ModelPayload, held
from workbench.commands.base import Changes, Command, CommandError, Env, Put, SetLabels
from workbench.commands.rules import ModelFacts, clean_name, facts_now, find_model, model_type_of, refuse
from workbench.fields import FieldProblem
from workbench.roles import Role
from workbench.state import AppState, Kind, LabelValue, ModelRecord
from workbench.values import validate_stored

MAX_CLASSES = 1000


class Proposal(BaseModel):
    """What proposed to label a sample: the strategy, the run whose weights spoke, and the score it gave."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    strategy: str = Field(min_length=1, max_length=50)
    run: str | None = Field(None, max_length=64)
    score: float | None = Field(None, allow_inf_nan=False)


class LabelSamplesCommand(Command):
    """Label one or many samples of a model: dataset row -> class, all of them or none. `proposal`: what proposed them, if anything did."""

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    model_id: str
    labels: dict[StrictInt, StrictInt]
    proposal: Proposal | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        refuse(label_problems(model, self.labels.items(), env))
        return _changed(state, model, self.labels, "person")

    @property
    def words(self) -> str:
        return f"Label sample {next(iter(self.labels))}" if len(self.labels) == 1 else f"Label {len(self.labels)} samples"

    def said(self, state: AppState, env: Env) -> str:
        names = held(find_model(state, self.model_id)).class_names
        given = set(self.labels.values())
        one = next(iter(given), -1) if len(given) == 1 else -1
        as_class = f" as {names[one]}" if 0 <= one < len(names) else ""
        return self.words + as_class + (f", proposed by {self.proposal.strategy}" if self.proposal else "")


def _changed(state: AppState, model: ModelRecord, labels: Mapping[int, int], source: Literal["person", "imported"]) -> Changes:
    """The labels that are new or other than they were. An import says nothing new of a sample that has its label; a person vouches."""
    known = state.labels.get(model.id, {})
    wanted = {i: LabelValue(label=label, source=source) for i, label in labels.items()}
    new = {
        i: value
        for i, value in wanted.items()
        if i not in known or known[i].label != value.label or source != "imported" != known[i].source
    }
    return (SetLabels(model.id, new),) if new else ()


class ClearLabelsCommand(Command):
    """Take the labels of some samples away; of those that have none nothing changes."""

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    model_id: str
    indices: tuple[StrictInt, ...]

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        refuse(_row_problems(self.indices, env))
        return (SetLabels(model.id, dict.fromkeys(self.indices)),)

    @property
    def words(self) -> str:
        return f"Clear the label of sample {self.indices[0]}" if len(self.indices) == 1 else f"Clear {len(self.indices)} labels"


class ImportLabelsCommand(Command):
    """Set labels read from a file; bad rows refuse the whole import, each named."""

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    model_id: str
    labels: dict[StrictInt, StrictInt]

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        refuse(label_problems(model, self.labels.items(), env))
        return _changed(state, model, self.labels, "imported")

    @property
    def words(self) -> str:
        return f"Import {len(self.labels)} labels"


class AddLabelNameCommand(Command):
    """Add a class to a model's vocabulary while it lives, if its architecture can learn one more."""

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    model_id: str
    name: str

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        name = clean_name(self.name)
        known_names = held(model).class_names
        if name.casefold() in (known.casefold() for known in known_names):
            raise CommandError(f"The model has a class {name} already.", "name", code="conflict")
        if len(known_names) >= MAX_CLASSES:
            raise CommandError(f"A model has at most {MAX_CLASSES} classes.", "name")
        payload = {**model.payload, "class_names": [*known_names, name]}
        model_type = model_type_of(env, model.family, model.model_type)
        checked = validate_stored(model_type, model.config, facts_now(state, env, model, payload))
        if checked.problems:
            reasons = " ".join(dict.fromkeys(p.message.rstrip(".") + "." for p in checked.problems))
            raise CommandError(f"This model can learn no further class: {reasons}", "name", "Clone it with more; labels come along.")
        return (Put(Kind.MODEL, model.id, model.model_copy(update={"payload": payload, "updated_at": env.now})),)

    @property
    def words(self) -> str:
        return f"Add the class {self.name.strip()}"


class RenameLabelNameCommand(Command):
    """Give a class another name; its number and its labels stay."""

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    model_id: str
    number: StrictInt
    name: str

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        name = clean_name(self.name)
        payload = held(model)
        _require_class(payload, self.number, "number")
        others = (known for number, known in enumerate(payload.class_names) if number != self.number)
        if name.casefold() in (known.casefold() for known in others):
            raise CommandError(
                f"The model has a class {name} already.", "name", "To make one class of the two, merge them.", code="conflict"
            )
        names = [name if number == self.number else known for number, known in enumerate(payload.class_names)]
        return _with_payload(model, env, class_names=names)

    @property
    def words(self) -> str:
        return f"Rename a class to {self.name.strip()}"

    def said(self, state: AppState, env: Env) -> str:
        names = held(find_model(state, self.model_id)).class_names
        return f"Rename the class {names[self.number]} to {self.name.strip()}" if 0 <= self.number < len(names) else self.words


class MergeLabelNamesCommand(Command):
    """Make one class of two: what was labelled `number` is labelled `into` from now on.

    The merged class keeps its number and takes no more labels, so that runs and diagnostics that knew it still mean the same by theirs.
    """

    role: ClassVar[Role] = "label"
    undoable: ClassVar[bool] = True
    model_id: str
    number: StrictInt
    into: StrictInt

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        payload = held(model)
        _require_class(payload, self.number, "number")
        _require_class(payload, self.into, "into")
        if self.number == self.into:
            raise CommandError("A class cannot be merged into itself.", "into")
        merged = {str(number): self.into if into == self.number else into for number, into in payload.merged.items()}
        moved = {
            index: LabelValue(label=self.into, source=value.source)
            for index, value in state.labels.get(model.id, {}).items()
            if value.label == self.number
        }
        changes = _with_payload(model, env, merged={**merged, str(self.number): self.into})
        return (*changes, SetLabels(model.id, moved)) if moved else changes

    @property
    def words(self) -> str:
        return "Merge two classes"

    def said(self, state: AppState, env: Env) -> str:
        names = held(find_model(state, self.model_id)).class_names
        known = all(0 <= number < len(names) for number in (self.number, self.into))
        return f"Merge the class {names[self.number]} into {names[self.into]}" if known else self.words


def _with_payload(model: ModelRecord, env: Env, **changed: Any) -> Changes:
    payload = {**model.payload, **changed}
    return (Put(Kind.MODEL, model.id, model.model_copy(update={"payload": payload, "updated_at": env.now})),)


def _require_class(payload: ModelPayload, number: int, field: str) -> None:
    """Raises CommandError for a number that is no class, or none any more."""
    if not 0 <= number < len(payload.class_names):
        raise CommandError(f"{number} is not a class; the model has classes 0 to {len(payload.class_names) - 1}.", field, code="not_found")
    if number in payload.merged:
        raise CommandError(merged_words(payload, number), field, code="conflict")


def merged_words(payload: ModelPayload, number: int) -> str:
    """Why a merged class takes no labels."""
    return f"The class {payload.class_names[number]} was merged into {payload.class_names[payload.merged[number]]}."


COMMANDS: tuple[str, ...] = tuple(
    command.__name__
    for command in (
        LabelSamplesCommand, ClearLabelsCommand, ImportLabelsCommand, AddLabelNameCommand, RenameLabelNameCommand, MergeLabelNamesCommand,
    )
)  # fmt: skip
"""Every command about labels and classes, by the name that the journal has."""


def label_problems(model: ModelRecord, labels: Iterable[tuple[int, int]], env: Env) -> list[FieldProblem]:
    """What is wrong with labels for a model, row by row (at most 20 are told)."""
    labels = list(labels)
    payload = held(model)
    count = len(payload.class_names)
    problems = [
        FieldProblem(f"labels.{index}", f"{label} is not a class; the model has classes 0 to {count - 1}", label)
        for index, label in labels
        if not 0 <= label < count
    ]
    problems += [FieldProblem(f"labels.{index}", merged_words(payload, label), label) for index, label in labels if label in payload.merged]
    return _first(problems + _row_problems((index for index, _ in labels), env))


def _row_problems(indices: Iterable[int], env: Env) -> list[FieldProblem]:
    labelable = env.require(ModelFacts).read.labelable
    problems = [
        FieldProblem(f"labels.{index}", "is not a training or validation sample of this model, so it cannot be labelled", index)
        for index in indices
        if index not in labelable
    ]
    return _first(problems)


def _first(problems: list[FieldProblem], most: int = 20) -> list[FieldProblem]:
    if len(problems) <= most:
        return problems
    return [*problems[:most], FieldProblem("labels", f"and {len(problems) - most} more like these")]
