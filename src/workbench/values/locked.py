"""What of an edit touches the locked architecture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.fields import FieldKind, Fields, FieldSpec, is_editable, structural_part
from workbench.values.given import Given

CLONE_HINT = "Clone the model with the new architecture instead."


def locked_paths(fields: Fields, given: Given, stored: Mapping[str, Any]) -> list[str]:
    """Paths of what given values would change of the architecture: structural fields, and those of entries that differ."""
    paths: list[str] = []
    for name, value in given.values.items():
        spec = fields.specs[name]
        if spec.kind is FieldKind.STRUCTURAL:
            paths += changed_paths(spec, stored.get(name), value) if is_editable(spec) else [name]
    for problem in given.problems:
        spec = fields.specs.get(fields.of(problem.path) or "")
        if spec is not None and spec.kind is FieldKind.STRUCTURAL and not is_editable(spec):
            paths.append(problem.path)
    return paths


def locked_message(names: Iterable[str]) -> str:
    """The sentence that refuses an edit of structural fields, all of them named."""
    names = list(dict.fromkeys(names))
    if len(names) == 1:
        return f"{names[0]} is part of this model's architecture and cannot change after creation. {CLONE_HINT}"
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} are part of this model's architecture and cannot change after creation. {CLONE_HINT}"


def as_given(names: list[str], stands_for: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Structural names under the names they were given by."""
    by_alias = {target: alias for alias, targets in stands_for.items() for target in targets}
    return list(dict.fromkeys(by_alias.get(name, name) for name in names))


def changed_paths(spec: FieldSpec, old: Any, new: Any) -> list[str]:
    """Paths into a typed value whose locked part differs from an older one's; the value's own, if its entries are others."""
    before, after = structural_part(spec, old), structural_part(spec, new)
    if before == after:
        return []
    pairs = [("", before, after)] if not isinstance(before, tuple) else None
    if pairs is None and isinstance(after, tuple) and len(before) == len(after):
        pairs = [(f".{i}", a, b) for i, (a, b) in enumerate(zip(before, after, strict=True))]
    tag = spec.composite.tag if spec.composite is not None else None
    if pairs is None or any(a is None or b is None or a.get(tag) != b.get(tag) for _, a, b in pairs):
        return [spec.name]
    return [f"{spec.name}{place}.{key}" for place, a, b in pairs for key in {**a, **b} if a.get(key) != b.get(key)]
