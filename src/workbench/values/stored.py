"""Configs as records hold them: section -> nested JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.fields import ConfigModel, Fields, flat_values, value_at
from workbench.values.kinds import ConfigType


def configs_of(kind: ConfigType, stored: Mapping[str, Mapping[str, Any]]) -> dict[str, ConfigModel]:
    """A stored config as its types, by section. Raises ValueError for one that cannot be read any more."""
    return {section: config_type.model_validate(stored.get(section, {})) for section, config_type in kind.sections.items()}


def resolved_of(kind: ConfigType, stored: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Flat values of a stored config, autos replaced. Raises ValueError for one that cannot be read any more."""
    configs = configs_of(kind, stored).values()
    return kind.resolve({path: value for config in configs for path, value in flat_values(config).items()})


def with_values(
    fields: Fields, stored: Mapping[str, Mapping[str, Any]], built: Mapping[str, ConfigModel], paths: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """A stored config with the values of `built` at some paths; everything else is as it was."""
    new = {section: dict(stored.get(section, {})) for section in built}
    fresh: dict[str, Any] = {}
    for path in dict.fromkeys(paths):
        section = fields.section[path]
        if section not in fresh:
            fresh[section] = built[section].model_dump(mode="json")
        _put(new[section], path.split("."), value_at(fresh[section], path))
    return new


def stored_value(stored: Mapping[str, Mapping[str, Any]], path: str, default: Any = None) -> Any:
    """The value at a path of a stored config, whichever section has it; `default` if none does."""
    for part in stored.values():
        try:
            return value_at(part, path)
        except (KeyError, TypeError):
            continue
    return default


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a value at a path; mappings on the way are copied, not changed."""
    for name in path[:-1]:
        tree[name] = dict(tree.get(name) or {})
        tree = tree[name]
    tree[path[-1]] = value


def path_of(fields: Fields, place: str) -> str | None:
    """The field's path behind a place in a record, such as `config.training.learning_rate`; None for any other place."""
    root, _, rest = place.partition(".")
    return fields.of(rest.partition(".")[2]) if root == "config" else None
