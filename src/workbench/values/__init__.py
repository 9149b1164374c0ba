"""From given values to validated configs: used to create, edit and clone models, by forms, REST and layered files.

from workbench.values import validate, edit

checked = validate(model_type, {"latent_dim": "8"}, facts)
"""

from workbench.values.engine import (
    CLONE_HINT,
    SECTIONS,
    Edited,
    Validated,
    data_values,
    derive,
    edit,
    flatten,
    locked_message,
    parse_given,
    specs_of,
    typed,
    validate,
    validate_sample,
    validate_start,
    validate_stored,
)

__all__ = [
    "CLONE_HINT",
    "SECTIONS",
    "Edited",
    "Validated",
    "data_values",
    "derive",
    "edit",
    "flatten",
    "locked_message",
    "parse_given",
    "specs_of",
    "typed",
    "validate",
    "validate_sample",
    "validate_start",
    "validate_stored",
]
