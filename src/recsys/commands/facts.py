"""What commands about configurations are told of a dataset, and whether it can be used now."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.data.facts import TableFacts
from recsys.data.schema import Role, Schema
from workbench.commands.base import Facts
from workbench.fields import FieldProblem
from workbench.state import DatasetRecord

FAMILY = "recsys"


@dataclass(frozen=True)
class SchemaFacts(Facts):
    """The columns of the dataset that a command is about.

    Attributes:
        schema: its columns with their figures over all rows. rows: how many it has; None where that is unknown.
        seconds: its first and last time, since 1970; None without times.
        table: all that is known of it; None where nobody looked, and then nothing is said of what a test may need.
        memory_limit: bytes that a worker may have; None where that is unknown.
    """

    schema: Schema
    rows: int | None = None
    seconds: tuple[int, int] | None = None
    table: TableFacts | None = None
    memory_limit: int | None = None


IDS: tuple[tuple[Role, str], ...] = (("user_id", "user id"), ("item_id", "item id"))


def dataset_problems(dataset: DatasetRecord) -> tuple[FieldProblem, ...]:
    """Why a dataset cannot be used now; empty if it can."""
    path = "dataset_id"
    if dataset.family != FAMILY:
        message = f"The dataset {dataset.name} belongs to the family {dataset.family}."
        return (FieldProblem(path, message, dataset.id, "Choose a table of interactions."),)
    if dataset.deleted_at is not None:
        message = f"The dataset {dataset.name} was deleted."
        return (FieldProblem(path, message, dataset.id, "Restore it first.", code="DATA_MISSING"),)
    if dataset.status != "ready" or dataset.manifest is None:
        message = f"The dataset {dataset.name} is not ready ({dataset.status})."
        return (FieldProblem(path, message, dataset.id, dataset.error, code="DATA_MISSING"),)
    return ()


def role_problems(dataset: DatasetRecord, schema: Schema) -> tuple[FieldProblem, ...]:
    """Whether just one column is the user's id, and one the item's."""
    problems = []
    for role, words in IDS:
        found = [info.column for info in schema.with_role(role)]
        if len(found) != 1:
            has = f"has {len(found)} ({', '.join(found)})" if found else "has none"
            message = f"The dataset {dataset.name} needs one {words} column and {has}."
            problems.append(
                FieldProblem("dataset_id", message, dataset.id, "Set the columns' roles.", code="DS_ROLES")
            )
    return tuple(problems)
