"""What a configuration may contain: every key with its type, read off the model's config types."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from workbench.families import DerivedRule, ModelType
from workbench.fields import ConfigModel, FieldKind, FieldSpec, Modifiable, Structural, field, field_specs
from workbench.layered.registry import ModelEntry
from workbench.layered.varied import Varied, varied_of
from workbench.sweeps.settings import SweepSettings
from workbench.values import ordered_rules, path_in_files, place_of

Path = tuple[str, ...]
"""A key's place in the tree; for people its parts are joined by dots."""

SECTIONS = ("model", "data", "training", "experiment")
"""The sections of a configuration, in the order in which they are shown."""


class ModelChoice(ConfigModel):
    """Which model it is."""

    name: Structural[str] = field(label="Model", section="Model", help="The model's registered name; see `trellis config models`.")


class DataChoice(ConfigModel):
    """Which data it sees."""

    dataset: Structural[str] = field(label="Dataset", section="Dataset", help="The dataset's id; see `trellis data list`.")


class Experiment(ConfigModel):
    """How runs are called. Nothing here reaches the model or its fingerprint."""

    name: Modifiable[str | None] = field(None, label="Name", section="Experiment", help="Name of the models that it makes.")
    tags: Modifiable[tuple[str, ...]] = field((), label="Tags", section="Experiment", help="Tags of the models that it makes.")
    note: Modifiable[str] = field("", label="Note", section="Experiment", help="Note of the models that it makes.")
    seeds: Modifiable[int] = field(
        1, label="Seeds", section="Experiment", ge=1, le=100, help="How many seeds each model is trained with; `--seeds` overrides it.",
    )  # fmt: skip
    sweep: Modifiable[SweepSettings | None] = field(
        None, label="Sweep", section="Experiment", help="What `trellis sweep` searches, and how.",
    )  # fmt: skip


@dataclass(frozen=True)
class Key:
    """One key.

    Attributes:
        owner: the config type it belongs to, whose name stands for its default. structural: part of the locked architecture.
        rule: the rule that derives its value, if there is one.
    """

    path: Path
    spec: FieldSpec
    owner: type[ConfigModel]
    structural: bool
    rule: DerivedRule | None = None

    @property
    def name(self) -> str:
        """The key for people, as in `model.rcmvae.latent_dim`."""
        return ".".join(self.path)

    @property
    def given_by_data(self) -> bool:
        """Whether the data determines the value, so that a data layer may name it."""
        return self.rule is not None and not self.rule.on_auto

    @property
    def accepts_auto(self) -> bool:
        """Whether the word auto is a value."""
        return self.spec.accepts_auto or (self.rule is not None and self.rule.on_auto)


@dataclass(frozen=True)
class Schema:
    """The keys of one model's configurations, in the order in which they are shown.

    Attributes:
        rules: in the order of their working. varied: the dataset whose parameters are among the keys, if the family has one.
    """

    entry: ModelEntry
    keys: dict[Path, Key]
    rules: tuple[DerivedRule, ...]
    varied: Varied | None = None

    @cached_property
    def sections(self) -> frozenset[Path]:
        """Places that hold keys instead of a value."""
        return frozenset(path[:length] for path in self.keys for length in range(1, len(path)))

    @cached_property
    def by_field(self) -> dict[str, Key]:
        """The keys of the model's config by field path."""
        owners = tuple(self.entry.model_type.sections.values())
        return {key.spec.name: key for key in self.keys.values() if key.owner in owners}

    @cached_property
    def dataset_params(self) -> dict[str, Key]:
        """The keys of the varied dataset's parameters, by field path."""
        owner = None if self.varied is None else self.varied.params
        return {key.spec.name: key for key in self.keys.values() if owner is not None and key.owner is owner}

    def children(self, path: Path) -> tuple[str, ...]:
        """Names that may stand in a section."""
        return tuple(dict.fromkeys(known[len(path)] for known in self.keys if len(known) > len(path) and known[: len(path)] == path))


def schema_of(entry: ModelEntry) -> Schema:
    """The schema of a model's configurations."""
    model = entry.model_type
    ordered = ordered_rules(model.rules)
    rules = {rule.key: rule for rule in ordered}
    sections = {name: _section_keys(model, name, rules) for name in model.sections}
    keys = _keys("model", ModelChoice, {})
    keys += [key for own in sections.values() for key in own if key.path[0] == "model"]
    varied = varied_of(entry.family)
    keys += _keys("data", DataChoice, {}) + ([] if varied is None else _keys("data", varied.params, {}))
    keys += [] if model.sample is None else _keys("data", model.sample, {})
    keys += [key for own in sections.values() for key in own if key.path[0] != "model"]
    keys += _keys("experiment", Experiment, {})
    schema = Schema(entry, {key.path: key for key in keys}, ordered, varied)
    if len(schema.keys) < len(keys):
        twice = {key.name for key in keys if sum(other.path == key.path for other in keys) > 1}
        raise TypeError(f"{entry.name} has two keys at {', '.join(sorted(twice))}")
    return schema


def _keys(section: str, owner: type[ConfigModel], rules: dict[str, DerivedRule]) -> list[Key]:
    return [_key((section, *spec.name.split(".")), spec, owner, rules) for spec in field_specs(owner)]


def _section_keys(model: ModelType, section: str, rules: dict[str, DerivedRule]) -> list[Key]:
    owner = model.sections[section]
    found = [_key(path_in_files(model, section, spec.name), spec, owner, rules) for spec in field_specs(owner)]
    place = place_of(model, section)
    return sorted(found, key=lambda key: key.path[: len(place)] != place)  # each section in one piece


def _key(path: Path, spec: FieldSpec, owner: type[ConfigModel], rules: dict[str, DerivedRule]) -> Key:
    return Key(path, spec, owner, path[0] == "model" and spec.kind is FieldKind.STRUCTURAL, rules.get(spec.name))
