"""The fields of a config of several sections together: by path, each with its section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from workbench.fields.model import ConfigModel, field_specs
from workbench.fields.spec import FieldSpec


@dataclass(frozen=True, eq=False)
class Fields:
    """The fields of some config types.

    Attributes:
        specs: by path, in the order of definition. section: path -> the section it belongs to.
        groups: paths of the sub-configs. defaults: path -> default, of fields that have one.
    """

    specs: Mapping[str, FieldSpec]
    section: Mapping[str, str]
    groups: frozenset[str]
    defaults: Mapping[str, Any]

    def of(self, path: str) -> str | None:
        """The field that a path is or leads into (`layers` for `layers.1.units`); None without one."""
        while path not in self.specs:
            path, _, rest = path.rpartition(".")
            if not path or not rest:
                return None
        return path


def fields_of(sections: Mapping[str, type[ConfigModel]]) -> Fields:
    """The fields of a config's sections. Raises TypeError for a name that two of them have."""
    return _fields(tuple(sections.items()))


@cache
def _fields(sections: tuple[tuple[str, type[ConfigModel]], ...]) -> Fields:
    specs: dict[str, FieldSpec] = {}
    homes: dict[str, str] = {}
    for section, config_type in sections:
        for spec in field_specs(config_type):
            if spec.name in specs:
                raise TypeError(f"{spec.name} is a field of {homes[spec.name]} and of {section}; names are unique in a config")
            specs[spec.name], homes[spec.name] = spec, section
    groups = groups_of(specs)
    both = groups & specs.keys()
    if both:
        raise TypeError(f"{', '.join(sorted(both))} is a field and a sub-config; names are unique in a config")
    defaults = {name: spec.default for name, spec in specs.items() if not spec.required}
    return Fields(specs, homes, groups, defaults)


def groups_of(paths: Mapping[str, Any]) -> frozenset[str]:
    """The paths above some paths."""
    parts = [path.split(".") for path in paths if "." in path]
    return frozenset(".".join(part[:depth]) for part in parts for depth in range(1, len(part)))


def flattened(values: Mapping[str, Any], groups: frozenset[str], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested values as (path, value), down to the fields; what is no sub-config stays as it stands."""
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        path = f"{prefix}{name}"
        if path in groups and isinstance(value, Mapping):
            found += flattened(value, groups, f"{path}.")
        else:
            found.append((path, value))
    return found
