"""The configuration of a model or run that exists: its record's values, with the sources that are still true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.fields import flat_values
from workbench.layered.derive import Derivation
from workbench.layered.problems import LayeredError
from workbench.layered.provenance import Leaf, Source
from workbench.layered.registry import ModelEntry
from workbench.layered.resolved import FileUsed, ResolvedConfig
from workbench.layered.schema import Path, Schema, schema_of
from workbench.state import DatasetRecord, ModelRecord, RunRecord
from workbench.values import stored_values


@dataclass(frozen=True)
class Sources:
    """Where the values of a model came from when files made it.

    Attributes:
        keys: dotted key -> [value as stored, kind of source, its name, line, column]; defaults are left out.
        files: of the entry files, name -> SHA-256. overrides, variant: as they were given.
    """

    keys: Mapping[str, list[Any]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[str, ...] = ()
    variant: str | None = None

    @classmethod
    def of(cls, config: ResolvedConfig) -> Sources:
        """The sources of a configuration."""
        keys = {}
        for path, leaf in config.leaves.items():
            source = next(write.source for write in reversed(leaf.chain) if write.value == leaf.given)
            if source.kind != "default" and not config.schema.keys[path].given_by_data:
                keys[".".join(path)] = [_stored(leaf.given), source.kind, source.name, source.line, source.column]
        files = {used.shown: used.sha256 for used in config.files if used.entry}
        return cls(keys, files, config.overrides, config.variant)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Sources:
        """The inverse of `plain`."""
        return cls(**{**values, "overrides": tuple(values["overrides"])})

    def plain(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)

    def source(self, key: str, stored: Any) -> Source | None:
        """Who set a key, if its value is still what they set."""
        if key not in self.keys or self.keys[key][0] != stored:
            return None
        _, kind, name, line, column = self.keys[key]
        return Source(kind, name, line, column)


def from_record(
    entry: ModelEntry,
    record: ModelRecord | RunRecord,
    model: ModelRecord,
    sources: Sources | None,
    facts: Any,
    dataset: DatasetRecord | None,
) -> ResolvedConfig:
    """The configuration of a record: values that no file set, or that were changed since, are called the workbench's.

    Args:
        record: whose values to tell: the model, or a run of it as it was started. model: the model.
        sources: of the model, if files made it. facts: of its dataset. dataset: the record of that.

    Raises:
        LayeredError: a record that is no valid configuration any more.
    """
    schema = schema_of(entry)
    holds = entry.model_type.holds
    held = (holds.run_payload if isinstance(record, RunRecord) else holds.payload).model_validate(record.payload)
    known = sources or Sources()
    stored = stored_values(entry.model_type.fields, record.config)
    named = _named(entry, dataset, model)
    params = _params(schema, dataset)
    if params is not None and schema.varied is not None:
        named["data.dataset"] = schema.varied.dataset.id
    leaves: dict[Path, Leaf] = {}
    for path, key in schema.keys.items():
        name = key.name
        if schema.dataset_params.get(key.spec.name) is key:
            value = key.spec.default if params is None else params[key.spec.name]
        elif key.owner is entry.model_type.sample:
            value = entry.model_type.holds.settings(held).get(key.spec.name, key.spec.default)
        elif schema.by_field.get(key.spec.name) is key:
            value = stored.get(key.spec.name, key.spec.default)
        else:
            value = named[name]
        value = tuple(value) if isinstance(value, list) else value
        source = known.source(name, _stored(value))
        if source is not None or key.spec.required or value != key.spec.default:
            leaves[path] = Leaf.of(value, source or Source("workbench", f"model #{model.number}"))
    derivation = Derivation(schema, leaves, facts, trusted=True)
    built = derivation.complete()
    if built is None:
        raise LayeredError(dict.fromkeys(derivation.problems))
    files = tuple(FileUsed(name, digest, True) for name, digest in known.files.items())
    return ResolvedConfig(schema, derivation.leaves, built, files, known.overrides, known.variant)


def _named(entry: ModelEntry, dataset: DatasetRecord | None, model: ModelRecord) -> dict[str, Any]:
    return {
        "model.name": entry.name,
        "data.dataset": None if dataset is None else dataset.id,
        "experiment.name": model.name,
        "experiment.tags": model.tags,
        "experiment.note": model.note,
        "experiment.seeds": 1,
        "experiment.sweep": None,
    }


def _params(schema: Schema, dataset: DatasetRecord | None) -> dict[str, Any] | None:
    """The parameters by path of a dataset of the source that varies a built-in one; None for any other."""
    varied = schema.varied
    if varied is None or dataset is None or dataset.source != varied.source.id:
        return None
    return flat_values(varied.params.model_validate(dataset.params or {}))


def _stored(value: Any) -> Any:
    """A value as JSON gives it back."""
    if isinstance(value, list | tuple):
        return [_stored(entry) for entry in value]
    return {name: _stored(entry) for name, entry in value.items()} if isinstance(value, dict) else value
