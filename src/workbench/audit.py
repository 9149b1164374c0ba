"""The audit: whether every stored model's config, fingerprint and weights fit together, whether imported data and the
files of runs are what was written, and what to do where they are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import families
from workbench.artefacts import ArtefactError
from workbench.clock import utc_now
from workbench.commands.base import CommandError, Env
from workbench.commands.runs import MISMATCH_HINT, architecture_problems
from workbench.ids import new_id
from workbench.state import DatasetRecord, ModelRecord, RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class AuditResult:
    """One audited model and what is wrong with it, in sentences that say what to do; nothing, if all is well."""

    model: ModelRecord
    problems: tuple[str, ...]


def audit_model(workbench: Workbench, model: ModelRecord) -> tuple[str, ...]:
    """What is wrong with one model. Cheap enough for a page: files are read again only when they change."""
    try:
        facts = workbench.models.facts(model)
        dataset_id = workbench.state().dataset_of(model)
        spoiled = None if dataset_id is None else workbench.datasets.problem(dataset_id)
    except CommandError as error:
        return (f"{error.message} {MISMATCH_HINT}",)
    env = Env(utc_now(), new_id, "", families.model_type, facts)
    try:
        found = [p.message for p in architecture_problems(workbench.state(), env, model)]
        return tuple(dict.fromkeys([*found, spoiled] if spoiled else found))
    except (CommandError, ArtefactError) as error:
        return (str(error),)


@dataclass(frozen=True)
class DatasetAudit:
    """One audited dataset and what is wrong with its data, in a sentence; None, if all is well."""

    dataset: DatasetRecord
    problem: str | None


def audit_datasets(workbench: Workbench) -> tuple[DatasetAudit, ...]:
    """Every imported dataset with what is wrong with its artefact; built-in ones are compared when they are loaded."""
    imported = (d for d in workbench.state().datasets.values() if families.is_imported(d) and d.deleted_at is None)
    return tuple(DatasetAudit(d, workbench.datasets.problem(d.id)) for d in sorted(imported, key=lambda d: d.name.casefold()))


@dataclass(frozen=True)
class RunAudit:
    """One audited run and what is wrong with its files, in sentences; nothing, if all is well."""

    run: RunRecord
    problems: tuple[str, ...]


def audit_runs(workbench: Workbench) -> tuple[RunAudit, ...]:
    """Every run that has ended with what is wrong with its files, each read anew, in the order of their numbers."""
    ended = (r for r in workbench.state().runs.values() if r.deleted_at is None and not r.state.active)
    return tuple(RunAudit(run, workbench.runs.files.problems(run)) for run in sorted(ended, key=lambda r: r.number))


def audit(workbench: Workbench) -> tuple[AuditResult, ...]:
    """Every live model with what is wrong with it, in the order of their numbers."""
    models = sorted((m for m in workbench.state().models.values() if m.deleted_at is None), key=lambda m: m.number)
    return tuple(AuditResult(model, audit_model(workbench, model)) for model in models)
