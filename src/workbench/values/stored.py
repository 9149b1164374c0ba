"""Configs as records hold them: section -> nested JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.fields import ConfigModel, Fields, value_at


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
