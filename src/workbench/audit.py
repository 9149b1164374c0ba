"""The audit: whether every stored model's config, fingerprint and weights fit together, and what to do where they don't."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import families
from workbench.artefacts import ArtefactError
from workbench.clock import utc_now
from workbench.commands.base import CommandError, Env
from workbench.commands.runs import MISMATCH_HINT, architecture_problems
from workbench.ids import new_id
from workbench.state import ModelRecord

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
    except CommandError as error:
        return (f"{error.message} {MISMATCH_HINT}",)
    env = Env(utc_now(), new_id, "", families.model_type, facts)
    try:
        return tuple(dict.fromkeys(p.message for p in architecture_problems(workbench.state(), env, model)))
    except (CommandError, ArtefactError) as error:
        return (str(error),)


def audit(workbench: Workbench) -> tuple[AuditResult, ...]:
    """Every live model with what is wrong with it, in the order of their numbers."""
    models = sorted((m for m in workbench.state().models.values() if m.deleted_at is None), key=lambda m: m.number)
    return tuple(AuditResult(model, audit_model(workbench, model)) for model in models)
