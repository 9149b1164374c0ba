"""Labels of a workbench's models as pages, REST and the command line use them: their commands, with facts read at the edge."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rcmvae.holding import held
from rcmvae.labels.commands import (
    AddLabelNameCommand,
    ClearLabelsCommand,
    ImportLabelsCommand,
    LabelSamplesCommand,
    MergeLabelNamesCommand,
    Proposal,
    RenameLabelNameCommand,
    merged_words,
)
from rcmvae.labels.csv import MOST_TOLD, decoded, read_labels, write_labels
from workbench.commands.base import Command, CommandError
from workbench.commands.rules import ModelFacts, find_model, refuse
from workbench.fields import FieldProblem
from workbench.state import Kind, LabelValue, ModelRecord
from workbench.store.store import Executed
from workbench.workbench import Workbench


@dataclass(frozen=True)
class ClassUse:
    """A class of a model's vocabulary, how many of its samples people labelled with it, and the class that it was merged into, if any."""

    number: int
    name: str
    labels: int
    merged_into: int | None = None


@dataclass(frozen=True)
class ImportPreview:
    """What a label file would do: samples that get their first label, that get another, and that keep theirs."""

    new: int
    changed: int
    same: int


class LabelService:
    """Labels of the models of one workbench; every change is all or nothing."""

    def __init__(self, workbench: Workbench) -> None:
        self._bench = workbench

    def of(self, model_id: str) -> Mapping[int, LabelValue]:
        """What a model may see: dataset row -> label. Raises CommandError not_found."""
        return self._bench.models.labels(model_id)

    def names(self, model_id: str) -> tuple[ClassUse, ...]:
        """The model's classes in order, with how many labels each has. Raises CommandError not_found."""
        model = self._model(model_id)
        payload = held(model)
        class_names = payload.class_names
        counts = [0] * len(class_names)
        for value in self.of(model_id).values():
            counts[value.label] += 1
        return tuple(
            ClassUse(n, name, count, payload.merged.get(n)) for n, (name, count) in enumerate(zip(class_names, counts, strict=True))
        )

    def proposals(self, model_id: str) -> dict[int, Proposal]:
        """What proposed the samples whose labels still are what was said then, by dataset row. Raises CommandError not_found."""
        known = self.of(model_id)
        said: dict[int, tuple[int, Any]] = {}
        for given in self._bench.store.arguments_about(Kind.MODEL, model_id, LabelSamplesCommand.__name__):
            said.update((int(row), (label, given.get("proposal"))) for row, label in given["labels"].items())
        return {
            row: Proposal.model_validate(proposal)
            for row, (label, proposal) in said.items()
            if proposal is not None and row in known and known[row].label == label
        }

    def set(self, *, actor: str, model_id: str, labels: Mapping[int, int]) -> Executed:
        """Label samples: dataset row -> class. Raises CommandError; then none is applied."""
        return self._execute(LabelSamplesCommand(model_id=model_id, labels=_strict(labels)), model_id, actor)

    def clear(self, *, actor: str, model_id: str, indices: Iterable[int]) -> Executed:
        """Take labels away; of samples that have none nothing changes. Raises CommandError."""
        return self._execute(ClearLabelsCommand(model_id=model_id, indices=tuple(map(_whole, indices))), model_id, actor)

    def change(self, *, actor: str, model_id: str, labels: Mapping[int, int], clear: Iterable[int] = ()) -> None:
        """Set labels and take others away in one transaction. Raises CommandError; then nothing is changed."""
        wanted, cleared = _strict(labels), tuple(map(_whole, clear))
        both = sorted(wanted.keys() & set(cleared))
        if both:
            raise CommandError(f"Sample {both[0]} is to be labelled and cleared at once; name it in one of the two.", "clear")
        commands: list[Command] = []
        if wanted:
            commands.append(LabelSamplesCommand(model_id=model_id, labels=wanted))
        if cleared:
            commands.append(ClearLabelsCommand(model_id=model_id, indices=cleared))
        facts = self._facts(self._model(model_id))
        with self._bench.store.transaction() as connection:
            for command in commands:
                self._bench.store.execute(command, actor=actor, facts=facts, connection=connection)

    def add_name(self, *, actor: str, model_id: str, name: str) -> ModelRecord:
        """Add a class to the model's vocabulary. Raises CommandError if there is no room."""
        return self._execute(AddLabelNameCommand(model_id=model_id, name=name), model_id, actor).state.models[model_id]

    def rename_class(self, *, actor: str, model_id: str, number: int, name: str) -> ModelRecord:
        """Give a class another name. Raises CommandError if another class has it."""
        command = RenameLabelNameCommand(model_id=model_id, number=_whole(number), name=name)
        return self._execute(command, model_id, actor).state.models[model_id]

    def merge_classes(self, *, actor: str, model_id: str, number: int, into: int) -> ModelRecord:
        """Make one class of two: labels of class `number` become labels of class `into`. Raises CommandError."""
        command = MergeLabelNamesCommand(model_id=model_id, number=_whole(number), into=_whole(into))
        return self._execute(command, model_id, actor).state.models[model_id]

    def import_csv(self, *, actor: str, model_id: str, content: bytes | str) -> int:
        """Set labels read from CSV (see `rcmvae.labels.csv`). Returns how many samples the file labels.

        Raises CommandError that lists the bad lines; then none is applied.
        """
        facts = self._facts(self._model(model_id))
        labels = self._read_csv(model_id, content, facts)
        self._bench.store.execute(ImportLabelsCommand(model_id=model_id, labels=labels), actor=actor, facts=facts)
        return len(labels)

    def preview_csv(self, *, model_id: str, content: bytes | str) -> ImportPreview:
        """What importing a file would do. Raises CommandError as `import_csv` does."""
        labels = self._read_csv(model_id, content, self._facts(self._model(model_id)))
        known = self.of(model_id)
        same = sum(row in known and known[row].label == label for row, label in labels.items())
        new = sum(row not in known for row in labels)
        return ImportPreview(new, len(labels) - new - same, same)

    def _read_csv(self, model_id: str, content: bytes | str, facts: ModelFacts) -> dict[int, int]:
        model = self._model(model_id)
        payload = held(model)
        file = read_labels(_text(content), payload.class_names)
        allowed = facts.read.labelable
        outside = [
            FieldProblem(f"line {row.line}", f"sample {row.index} is not a training or validation sample of this model", str(row.index))
            for row in file.rows
            if row.index not in allowed
        ]
        outside += [FieldProblem(f"line {row.line}", merged_words(payload, row.label)) for row in file.rows if row.label in payload.merged]
        refuse(_told(sorted([*file.problems, *outside], key=_line_of)))
        return file.labels

    def export_csv(self, model_id: str, *, proposals: bool = False) -> str:
        """The model's labels as CSV text, by row; `import_csv` reads it back. Raises CommandError not_found.

        Args:
            proposals: also what proposed each sample (columns strategy, run, score), for reading, not for importing.
        """
        model = self._model(model_id)
        labels = {index: value.label for index, value in self.of(model_id).items()}
        more = {row: (p.strategy, p.run or "", p.score) for row, p in self.proposals(model_id).items()} if proposals else None
        return write_labels(labels, held(model).class_names, more)

    def _execute(self, command: Command, model_id: str, actor: str) -> Executed:
        return self._bench.store.execute(command, actor=actor, facts=self._facts(self._model(model_id)))

    def _facts(self, model: ModelRecord) -> ModelFacts:
        return self._bench.models.facts(model)

    def _model(self, model_id: str) -> ModelRecord:
        return find_model(self._bench.state(), model_id)


def _text(content: bytes | str) -> str:
    if isinstance(content, str):
        return content
    try:
        return decoded(content)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = FieldProblem(f"line {line}", "is not UTF-8 text")
        raise CommandError(f"line {line}: is not UTF-8 text.", problem.path, "Save the file as CSV UTF-8.", problems=(problem,)) from error


def _told(problems: list[FieldProblem]) -> list[FieldProblem]:
    if len(problems) <= MOST_TOLD:
        return problems
    return [*problems[:MOST_TOLD], FieldProblem("file", f"and {len(problems) - MOST_TOLD:,} more lines like these")]


def _line_of(problem: FieldProblem) -> int:
    return int(problem.path.removeprefix("line "))


def _strict(labels: Mapping[int, int]) -> dict[int, int]:
    return {_whole(index): _whole(label) for index, label in labels.items()}


def _whole(value: Any) -> int:
    """A whole number as Python's own; raises CommandError for anything else, truth values too."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise CommandError(f"{value!r} is not a whole number.", "labels") from None
