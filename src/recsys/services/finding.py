"""Records by id or by number, and what a dataset's record says of its columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from recsys.commands.facts import SchemaFacts, dataset_problems
from recsys.data.facts import TableFacts
from workbench.commands.base import CommandError
from workbench.commands.rules import find, find_dataset, refuse
from workbench.datasets import DatasetError
from workbench.fields import FieldProblem
from workbench.kinds import kind_of
from workbench.state import AppState

if TYPE_CHECKING:
    from workbench.workbench import Workbench

Key = int | str
"""An id, or a number as an integer or as text, with or without a # before it."""

_NUMBER = re.compile(r"#?([1-9][0-9]{0,17})", re.ASCII)


def find_by(state: AppState, kind: str, key: Key, *, deleted: bool = False) -> Any:
    """The record of an id or a number; one marked deleted only with `deleted`. Raises CommandError not_found."""
    number = number_of(key)
    if number is None:
        return find(state, kind, str(key), deleted=deleted)
    found = next((record for record in state.of(kind).values() if record.number == number), None)
    if found is None:
        word = kind_of(kind).word
        raise CommandError(
            f"There is no {word} #{number}.", "id", f"See the list of {word}s.", code="not_found"
        )
    return find(state, kind, found.id, deleted=deleted)


def number_of(key: Key) -> int | None:
    """The number that a key is; None for an id. Truth values are no numbers."""
    if isinstance(key, bool):
        return None
    if isinstance(key, int):
        return key
    found = _NUMBER.fullmatch(key.strip()) if isinstance(key, str) else None
    return None if found is None else int(found[1])


def schema_facts(workbench: Workbench, dataset_id: str) -> SchemaFacts:
    """What is known of a dataset's columns; one that was never read is read first.

    Raises CommandError not_found for an unknown or deleted dataset, invalid for one that cannot be read.
    """
    record = find_dataset(workbench.state(), dataset_id)
    if record.manifest is None:
        refuse(p for p in dataset_problems(record) if p.code is None)
        try:
            workbench.datasets.prepare(dataset_id)
        except DatasetError as error:
            raise not_readable(error) from error
        record = find_dataset(workbench.state(), dataset_id)
    refuse(dataset_problems(record))
    assert record.manifest is not None  # as its problems say
    try:
        facts = TableFacts.of(record.manifest)
    except DatasetError as error:
        raise not_readable(error) from error
    times = (facts.first_second, facts.last_second)
    seconds = None if None in times else times
    return SchemaFacts(facts.schema, facts.usable, seconds, facts, workbench.models.worker_memory)  # type: ignore[arg-type]


def not_readable(error: DatasetError) -> CommandError:
    """A dataset that cannot be read, as a command's refusal."""
    problem = FieldProblem("dataset_id", str(error), code=error.code)
    return CommandError(str(error), "dataset_id", error.hint or None, problems=(problem,))
