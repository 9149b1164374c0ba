"""What a family says about its kinds of model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.families.holding import Holding
from workbench.families.loading import ImportString
from workbench.fields import ConfigModel, FieldProblem, Fields, fields_of


@dataclass(frozen=True)
class Preset:
    """A named starting point. `values` are flat field values over both config types; `sample` sample settings.

    `dataset` is the id of the dataset that it was made for, if it is for one: choosing it chooses that, and with others it says so.
    `expected` says what it reaches, as measured by the benchmark; `unavailable` why it cannot be chosen yet, if so.
    """

    name: str
    title: str
    sentence: str
    values: Mapping[str, Any]
    sample: Mapping[str, Any] = field(default_factory=dict)
    dataset: str | None = None
    expected: str = ""
    unavailable: str | None = None


@dataclass(frozen=True)
class Stage:
    """One part of a model's small drawing, from left to right.

    Attributes:
        kind: what it is. title, note: its name and its size in words.
        bars: heights in [0, 1] of its layers, in the order in which data passes them. dots: how many components it has.
    """

    kind: Literal["data", "network", "latent"]
    title: str
    note: str = ""
    bars: tuple[float, ...] = ()
    dots: int = 0


def _no_problems(*_: object) -> list[FieldProblem]:
    return []


def _as_asked(settings: Mapping[str, Any], _: Mapping[str, Any]) -> dict[str, Any]:
    return dict(settings)


def _no_stages(_: Mapping[str, Any]) -> tuple[Stage, ...]:
    return ()


def _always(_values: Mapping[str, Any], _facts: Any) -> bool:
    return True


@dataclass(frozen=True)
class DerivedRule:
    """A value that follows from the data and from other values instead of being given.

    Forms, commands, REST and layered files all work it out by this rule, and say so where they show the value.

    Attributes:
        key: path of the field, as in `lstm.input_size`. words: the rule for people, as in "features x detectors".
        compute: (every value so far by path, facts of the data) -> the value. reads: paths that it looks at; rules are carried
            out in that order.
        on_auto: it answers the word `auto`, which the field then accepts whatever its type. Otherwise it gives the value of a
            field that nobody gave; in layered files a value in a model layer is nominal, and one given elsewhere must agree.
        speaks: (every value so far by path, facts of the data) -> whether it says anything; if not, the value stands as it is.
    """

    key: str
    words: str
    compute: Callable[[Mapping[str, Any], Any], Any]
    reads: tuple[str, ...] = ()
    on_auto: bool = False
    speaks: Callable[[Mapping[str, Any], Any], bool] = _always


@dataclass(frozen=True)
class Layered:
    """How a model type appears in layered configuration files (see workbench.layered).

    Attributes:
        name: what `model.name` says. key: the section below `model` that holds its architecture.
        factory: import string to `build(*configs) -> model`, the configs in the order of the sections, for programs.
        seeds: dotted keys that `trellis train --seeds` counts up together; empty: the family has no such option.
        beside: sub-configs of the architecture that stand below `model` itself, beside its section.
    """

    name: str
    key: str
    factory: ImportString
    seeds: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelType:
    """One kind of model in a family: its config types and the pure functions over them.

    Attributes:
        sections: name -> config type, in order; the first is the architecture's. A field's path is unique among all of them.
        sample: config type of a sample's settings (its fields are structural: a sample is fixed at creation); None without samples.
        presets: starting points, the first is the default.
        holds: what its models and runs keep besides their configs.
        length: path of the field that says how many epochs a run has. seed: path of the one with a run's seed, if there is one.
        alternatives: paths of the choices that the Create page compares.
        rules: values that follow from the data, or from other values.
        resolve: (flat values of all sections) -> the same with every auto replaced.
        check: (*configs in the order of sections, facts) -> cross-field problems, errors and warnings; what single fields refuse
            (ranges, applicability, what is not yet available) is `workbench.fields`' to say, before it. Without facts (None) it says
            what is wrong whatever the data is.
        apply_preset: (preset, facts) -> flat values.
        suggest_name: resolved values -> a readable name.
        parameter_count: resolved values -> number of trainable parameters.
        operations_per_epoch: (resolved values, n_train) -> floating point operations of one training epoch.
        aliases: older names accepted wherever a flat config is given: (flat values) -> flat values, may raise ConfigError.
        layered: how it appears in layered configuration files.
        check_sample: (sample settings, facts or None) -> problems known before anything is drawn, for the wizard's controls.
        fit_sample: (sample settings, those that imported data starts from) -> the settings as far as the data can give them.
        preflight: (*configs, facts) -> reasons why Start is refused now, given the model's labels.
        diagram: resolved values -> the stages of a small drawing of the network.
        rate: `rate() -> float`, measured in a worker: as `Family.rate`, for a kind of model that the family's does not speak for.
        card: labels of the architecture's words that tell models apart in lists; empty: the first three.
    """

    name: str
    title: str
    description: str
    sections: Mapping[str, type[ConfigModel]]
    length: str
    sample: type[ConfigModel] | None
    presets: tuple[Preset, ...]
    resolve: Callable[[Mapping[str, Any]], dict[str, Any]]
    check: Callable[..., list[FieldProblem]]
    apply_preset: Callable[[Preset, Any], dict[str, Any]]
    suggest_name: Callable[[Mapping[str, Any]], str]
    parameter_count: Callable[[Mapping[str, Any]], int]
    operations_per_epoch: Callable[[Mapping[str, Any], int], float]
    aliases: Callable[[Mapping[str, Any]], dict[str, Any]]
    layered: Layered
    seed: str | None = None
    holds: Holding = field(default_factory=Holding)
    alternatives: tuple[str, ...] = ()
    rules: tuple[DerivedRule, ...] = ()
    check_sample: Callable[[ConfigModel, Any], list[FieldProblem]] = _no_problems
    fit_sample: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]] = _as_asked
    preflight: Callable[..., list[FieldProblem]] = _no_problems
    diagram: Callable[[Mapping[str, Any]], tuple[Stage, ...]] = _no_stages
    rate: ImportString | None = None
    card: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fields = fields_of(self.sections)
        named = [self.length, *filter(None, [self.seed]), *self.alternatives, *(rule.key for rule in self.rules)]
        unknown = [name for name in named if name not in fields.specs]
        if unknown:
            raise TypeError(f"the model type {self.name} names fields that it does not have: {', '.join(unknown)}")

    @property
    def fields(self) -> Fields:
        """Every field of a model, by path."""
        return fields_of(self.sections)
