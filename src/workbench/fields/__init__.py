"""Structural and modifiable fields, and everything that can be read off their definitions.

A config type marks each field where it defines it::

    latent_dim: Structural[int] = field(2, ge=1, le=512, label="Latent dimension", section="Latent space")
    learning_rate: Modifiable[float] = field(1e-3, gt=0, le=1, label="Learning rate", section="Optimisation")

A field may be a config type itself (`part`): its fields are then addressed by path, as in `encoder.width`. A list of configs
told apart by a tag, and a config that may be absent, are single values with entries, whose own fields have marks too.

Forms, the read-only architecture, the command that edits a config, the REST schema and the reference
docs all read these definitions; no second list of fields exists. Functions that look across fields take
`values`: a mapping from field name to value over *all* of a model's config types together, because
whether a training field applies usually depends on the architecture.
"""

from __future__ import annotations

from workbench.fields.composite import typed
from workbench.fields.conditions import NONZERO, SET, AnyOf, Condition, When, any_of, when
from workbench.fields.definition import FieldKind, FieldMeta, Modifiable, PartMeta, Structural, field, part
from workbench.fields.model import (
    ConfigModel,
    build,
    field_specs,
    flat_values,
    is_editable,
    modifiable_fields,
    nested,
    plain,
    spec_of,
    structural_fields,
    value_at,
)
from workbench.fields.parsing import parse_field, shown
from workbench.fields.parts import entry_type, modifiable_part, structural_part
from workbench.fields.problems import ConfigError, FieldProblem, problems_of, unknown_field_problem, with_name
from workbench.fields.registry import (
    ChangedFields,
    applicability_problems,
    applies,
    architecture_summary,
    changed_fields,
    fingerprint,
    reset_inapplicable,
    value_words,
)
from workbench.fields.sections import Fields, fields_of, flattened
from workbench.fields.spec import Composite, FieldSpec, choice_label, range_problem
from workbench.fields.words import AUTO, Auto, closest, show_value

__all__ = [
    "AUTO",
    "NONZERO",
    "SET",
    "AnyOf",
    "Auto",
    "ChangedFields",
    "Composite",
    "Condition",
    "ConfigError",
    "ConfigModel",
    "FieldKind",
    "FieldMeta",
    "FieldProblem",
    "FieldSpec",
    "Fields",
    "Modifiable",
    "PartMeta",
    "Structural",
    "When",
    "any_of",
    "applicability_problems",
    "applies",
    "architecture_summary",
    "build",
    "changed_fields",
    "choice_label",
    "closest",
    "entry_type",
    "field",
    "field_specs",
    "fields_of",
    "fingerprint",
    "flat_values",
    "flattened",
    "is_editable",
    "modifiable_fields",
    "modifiable_part",
    "nested",
    "parse_field",
    "part",
    "plain",
    "problems_of",
    "range_problem",
    "reset_inapplicable",
    "show_value",
    "shown",
    "spec_of",
    "structural_fields",
    "structural_part",
    "typed",
    "unknown_field_problem",
    "value_at",
    "value_words",
    "when",
    "with_name",
]
