"""A complete configuration: its values, where each comes from, and what can be made of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from workbench.fields import ConfigModel
from workbench.layered.checking import Dormant
from workbench.layered.derive import Built
from workbench.layered.files import File
from workbench.layered.names import nearest_keys
from workbench.layered.problems import fail
from workbench.layered.provenance import Leaf, Write, explain_all, explain_leaf
from workbench.layered.registry import ModelEntry
from workbench.layered.schema import Path, Schema
from workbench.layered.yaml12 import MapNode, plain


@dataclass(frozen=True)
class FileUsed:
    """A file that was merged: its name, the SHA-256 of its bytes, and whether the command named it."""

    shown: str
    sha256: str
    entry: bool


@dataclass(frozen=True)
class ResolvedConfig:
    """A complete configuration.

    Attributes:
        leaves: every key by path, in the order of the schema. built: the same as the model's config types.
        files: what was merged. overrides: of the command line. variant: its name, if it is one.
        dormant: sections of other models that a data file carries. warnings: what is worth saying.
        versions: of the program and packages that wrote it, if it was read from a resolved file.
    """

    schema: Schema
    leaves: dict[Path, Leaf]
    built: Built
    files: tuple[FileUsed, ...] = ()
    overrides: tuple[str, ...] = ()
    variant: str | None = None
    dormant: tuple[Dormant, ...] = ()
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def entry(self) -> ModelEntry:
        """The model."""
        return self.schema.entry

    def __getitem__(self, key: str) -> Any:
        """The value of a dotted key. Raises KeyError."""
        return self.leaves[tuple(key.split("."))].value

    def explain(self, key: str) -> str:
        """A key's value and every writer of it, weakest first, or those of every key in a section. Raises LayeredError CFG_UNKNOWN_KEY."""
        path = tuple(key.split("."))
        if path in self.leaves:
            return explain_leaf(key, self.leaves[path])
        holder = next((path[:n] for n in range(len(path) - 1, 0, -1) if path[:n] in self.leaves), None)
        if holder is not None and self.schema.keys[holder].spec.composite is not None:
            return self._explain_within(holder, path[len(holder) :])
        below = [(".".join(found), leaf) for found, leaf in self.leaves.items() if found[: len(path)] == path]
        if not below:
            near = nearest_keys(key, (".".join(found) for found in self.leaves))
            raise fail("CFG_UNKNOWN_KEY", f"there is no key {key[:120]}", key=key, hint=f"The closest are {', '.join(near)}.")
        return explain_all(below)

    def _explain_within(self, holder: Path, rest: Path) -> str:
        """Who set what stands within a value with entries: every writer of the whole value has its own."""
        leaf, key = self.leaves[holder], ".".join((*holder, *rest))
        chain = []
        for write in leaf.chain:
            source = write.source_of(".".join(rest))
            try:
                value = _within(write.value, rest)
            except (KeyError, IndexError, ValueError, TypeError):
                continue
            if source is not None:
                chain.append(Write(source, value, write.note))
        try:
            now = _within(leaf.value, rest)
        except (KeyError, IndexError, ValueError, TypeError):
            hint = f"See `trellis config explain` for {'.'.join(holder)}."
            raise fail("CFG_UNKNOWN_KEY", f"there is no key {key[:120]}", key=key, hint=hint) from None
        return explain_leaf(key, replace(leaf, value=now, chain=tuple(chain)))

    def values(self) -> dict[str, Any]:
        """Every value as nested mappings, the family included."""
        return {"family": self.entry.family, **self._nested(self.leaves)}

    @cached_property
    def sha256(self) -> str:
        """The configuration's fingerprint: equal for equal configurations, however they were written. Names and notes don't count."""
        return _digest({"family": self.entry.family, **self._nested(p for p in self.leaves if p[0] != "experiment")})

    @cached_property
    def architecture_sha256(self) -> str:
        """The fingerprint of the structural keys and the model's name."""
        return _digest({"family": self.entry.family, **self._nested(p for p in self.leaves if self.schema.keys[p].structural)})

    def build_model_config(self) -> Built:
        """The configuration as the model's own config types."""
        return self.built

    def create_model(self) -> Any:
        """The model itself, untrained. Imports its framework; raises what that import raises."""
        return self.entry.factory()(*self.built.sections.values())

    def flat_values(self) -> dict[str, Any]:
        """Architecture and training values by field name, as a model stores them (its own autos stay auto)."""
        return {name: self.leaves[key.path].given for name, key in self.schema.by_field.items()}

    def sample_values(self) -> dict[str, Any]:
        """The sample's settings by field name."""
        return {k.spec.name: self.leaves[k.path].given for k in self.schema.keys.values() if k.owner is self.entry.model_type.sample}

    def dataset_params(self) -> ConfigModel | None:
        """The parameters of the dataset that is meant; None if it is the one whose id stands there."""
        varied = self.schema.varied
        if varied is None or self["data.dataset"] != varied.dataset.id:
            return None
        params, _ = varied.typed({name: self.leaves[key.path].value for name, key in self.schema.dataset_params.items()})
        return None if params is None or varied.is_usual(params) else params

    def to_yaml(self, meta: dict[str, Any] | None = None) -> str:
        """The configuration as a file that resolves to the same: every value with its source, and a block `meta`.

        Args:
            meta: further entries of `meta`, after those that every configuration has.
        """
        from workbench.layered.writing import resolved_yaml

        return resolved_yaml(self, meta or {})

    def _nested(self, paths: Iterable[Path]) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for path in paths:
            *sections, name = path
            node = tree
            for section in sections:
                node = node.setdefault(section, {})
            leaf = self.leaves[path]
            node[name] = self.schema.keys[path].spec.default if leaf.idle else leaf.value
        return tree


def with_meta(resolved: ResolvedConfig, file: File) -> ResolvedConfig:
    """The same with what a resolved file says of itself: its versions, and a warning if somebody edited it since it was written."""
    meta = file.root.entries.get("meta")
    if not file.complete or meta is None or not isinstance(meta.node, MapNode):
        return resolved
    known = plain(meta.node)
    versions = known.get("versions")
    if isinstance(versions, dict):
        resolved = replace(resolved, versions={name: str(number) for name, number in versions.items()})
    before = str(known["fingerprint"])
    if before == resolved.sha256 or resolved.overrides:
        return resolved
    place = f"{file.shown}:{meta.node.entries['fingerprint'].mark.line}"
    warning = f"{place}: the file was edited: its fingerprint was {before[:12]} and is now {resolved.sha256[:12]}"
    return replace(resolved, warnings=(*resolved.warnings, warning))


def _within(value: Any, path: Iterable[str]) -> Any:
    for part in path:
        value = value[int(part)] if isinstance(value, tuple | list) else value[part]
    return value


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Canonical JSON: keys sorted, no spaces, shortest floats that read back, -0.0 as 0.0."""
    return json.dumps(_even(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _even(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _even(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_even(entry) for entry in value]
    return value + 0.0 if isinstance(value, float) else value
