"""From given values to validated configs: used to create, edit and clone models, by forms, REST and layered files.

from workbench.values import validate, edit

checked = validate(model_type, {"latent_dim": "8"}, facts)
"""

from workbench.values.engine import (
    Edited,
    Stored,
    Validated,
    derive,
    edit,
    specs_of,
    validate,
    validate_sample,
    validate_start,
    validate_stored,
)
from workbench.values.given import flatten, flatten_all, parse_given, stored_values
from workbench.values.kinds import ConfigType
from workbench.values.locked import CLONE_HINT, changed_paths, locked_message
from workbench.values.places import path_in_files, place_of, split_sample
from workbench.values.rules import by_rules, derived, ordered_rules, rule_of, sources
from workbench.values.stored import configs_of, path_of, resolved_of, stored_value

__all__ = [
    "CLONE_HINT",
    "ConfigType",
    "Edited",
    "Stored",
    "Validated",
    "by_rules",
    "changed_paths",
    "configs_of",
    "derive",
    "derived",
    "edit",
    "flatten",
    "flatten_all",
    "locked_message",
    "ordered_rules",
    "parse_given",
    "path_in_files",
    "path_of",
    "place_of",
    "resolved_of",
    "rule_of",
    "sources",
    "specs_of",
    "split_sample",
    "stored_value",
    "stored_values",
    "validate",
    "validate_sample",
    "validate_start",
    "validate_stored",
]
