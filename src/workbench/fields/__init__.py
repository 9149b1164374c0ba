"""Structural and modifiable fields, and everything that can be read off their definitions.

A config type marks each field where it defines it::

    latent_dim: Structural[int] = field(2, ge=1, le=512, label="Latent dimension", section="Latent space")
    learning_rate: Modifiable[float] = field(1e-3, gt=0, le=1, label="Learning rate", section="Optimisation")

Forms, the read-only architecture, the command that edits a config, the REST schema and the reference
docs all read these definitions; no second list of fields exists. Functions that look across fields take
`values`: a mapping from field name to value over *all* of a model's config types together, because
whether a training field applies usually depends on the architecture.
"""

from __future__ import annotations

from workbench.fields.conditions import NONZERO, SET, AnyOf, Condition, When, any_of, when
from workbench.fields.definition import FieldKind, FieldMeta, Modifiable, Structural, field
from workbench.fields.model import ConfigModel, field_specs, modifiable_fields, spec_of, structural_fields
from workbench.fields.parsing import parse_field
from workbench.fields.problems import ConfigError, FieldProblem, problems_of, unknown_field_problem
from workbench.fields.registry import (
    ChangedFields,
    applicability_problems,
    applies,
    architecture_summary,
    changed_fields,
    fingerprint,
    reset_inapplicable,
)
from workbench.fields.spec import FieldSpec, choice_label, range_problem
from workbench.fields.words import AUTO, Auto, closest, show_value

__all__ = [
    "AUTO",
    "NONZERO",
    "SET",
    "AnyOf",
    "Auto",
    "ChangedFields",
    "Condition",
    "ConfigError",
    "ConfigModel",
    "FieldKind",
    "FieldMeta",
    "FieldProblem",
    "FieldSpec",
    "Modifiable",
    "Structural",
    "When",
    "any_of",
    "applicability_problems",
    "applies",
    "architecture_summary",
    "changed_fields",
    "choice_label",
    "closest",
    "field",
    "field_specs",
    "fingerprint",
    "modifiable_fields",
    "parse_field",
    "problems_of",
    "range_problem",
    "reset_inapplicable",
    "show_value",
    "spec_of",
    "structural_fields",
    "unknown_field_problem",
    "when",
]
