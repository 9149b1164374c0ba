"""Where fields stand in layered files, and the same keys where a config is given by itself: `training.epochs` for `epochs`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.families import ModelType
from workbench.fields import ConfigError, FieldProblem, Fields, fields_of
from workbench.values.kinds import ConfigType

DATA = "data"
"""The section of files that says which data a model sees, and how: the settings of its sample stand there."""


def place_of(kind: ModelType, section: str) -> tuple[str, ...]:
    """Where a section of a model's config stands in files: the first below `model`, one named `data` there, others in `training`."""
    if section == next(iter(kind.sections)):
        return ("model", kind.layered.key)
    return (DATA,) if section == DATA else ("training",)


def path_in_files(kind: ModelType, section: str, name: str) -> tuple[str, ...]:
    """The place in files of a field of a section."""
    place, parts = place_of(kind, section), name.split(".")
    return (*(place[:1] if parts[0] in kind.layered.beside else place), *parts)


def without_places(kind: ConfigType, fields: Fields, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Given values with every key that files use for a field replaced by the field's own; what is no such key stays as it is.

    Mappings below `model` and so on are taken apart: `{"model": {"lstm": {"hidden_size": 8}}}` gives `hidden_size`.
    """
    if not isinstance(kind, ModelType):
        yield from values.items()
        return
    own = {".".join(path_in_files(kind, section, name)): name for name, section in fields.section.items()}
    yield from _short(own, fields, values)


def split_sample(kind: ModelType, values: Mapping[str, Any], sample: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(a model's values, its sample's settings): a setting of the sample may be among the values, and called as in files (`data.num_vds`).

    Raises ConfigError for a setting that is given twice with different values.
    """
    if kind.sample is None:
        return dict(values), dict(sample)
    known = fields_of({"sample": kind.sample})
    own = {f"{DATA}.{name}": name for name in known.specs}
    rest: dict[str, Any] = {}
    settings: list[tuple[str, Any]] = []
    for name, value in values.items():
        if kind.fields.of(name) is not None or name in kind.fields.groups or name in kind.sections:
            rest[name] = value
            continue
        for short, inner in _short(own, known, {name: value}):
            if known.of(short) is not None or short in known.groups:
                settings.append((short, inner))
            else:
                rest[short] = inner
    found: dict[str, Any] = {}
    for name, value in (*_short(own, known, sample), *settings):
        if found.setdefault(name, value) != value:
            raise ConfigError([FieldProblem(f"{DATA}.{name}", "is given twice with different values", value)])
    return rest, found


def sample_key(kind: ConfigType, name: str) -> str | None:
    """The key in files of a setting of a model's sample, however it is called; None for a name of anything else."""
    if not isinstance(kind, ModelType) or kind.sample is None:
        return None
    known = fields_of({"sample": kind.sample})
    short = name.removeprefix(f"{DATA}.")
    return f"{DATA}.{short}" if known.of(short) is not None or short in known.groups else None


def _short(own: Mapping[str, str], fields: Fields, values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Args: own: key in files -> field."""
    for part, value in values.items():
        name = f"{above}{part}"
        if not above and (fields.of(name) is not None or name in fields.groups or name in fields.section.values()):
            yield name, value
            continue
        holder = next((key for key in _heads(name) if key in own), None)
        if holder is not None:
            yield f"{own[holder]}{name.removeprefix(holder)}", value
        elif isinstance(value, Mapping) and any(key.startswith(f"{name}.") for key in own):
            yield from _short(own, fields, value, f"{name}.")
        else:
            yield name, value


def _heads(name: str) -> Iterator[str]:
    """The name, and what it stands in, longest first."""
    while name:
        yield name
        name = name.rpartition(".")[0]
