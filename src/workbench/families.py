"""The registry of model families. The core and the dashboard know families only through these declarations.

Everything heavy (trainers, figures, data loaders) is an import string, resolved when it is needed, so that
importing a declaration never imports jax or tensorflow.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from workbench.fields import ConfigModel, FieldProblem

if TYPE_CHECKING:
    from workbench.state import DatasetRecord

FAMILIES: Mapping[str, str] = {"rcmvae": "rcmvae.family:FAMILY"}
"""Name -> import string of the declaration. A new family is a package and one line here."""

Framework = Literal["jax", "tensorflow"]


@dataclass(frozen=True)
class ImportString:
    """`package.module:name`, resolved on first use."""

    target: str

    def load(self) -> Any:
        module, _, name = self.target.partition(":")
        return getattr(importlib.import_module(module), name)


@dataclass(frozen=True)
class DatasetFacts:
    """What a model's validation may need to know about its data.

    Attributes:
        shape: one item's shape, for images (H, W, C). n: rows. class_names: the label vocabulary at creation.
        n_train, n_test: sizes before the validation split. value_range: least and largest value.
        n_labelled, n_labelled_validation: labels given in the sample (0 if not yet drawn).
        n_validation: validation images of the sample (None if not yet drawn).
        vocabulary: classes known now, those added while the model lives included (0: as many as `class_names`).
        has_labels: whether the data carries true labels.
    """

    shape: tuple[int, ...]
    n: int
    class_names: tuple[str, ...]
    n_train: int
    n_test: int
    value_range: tuple[float, float] = (0.0, 1.0)
    n_labelled: int = 0
    n_labelled_validation: int = 0
    n_validation: int | None = None
    vocabulary: int = 0
    has_labels: bool = True


@dataclass(frozen=True)
class DatasetSource:
    """One entry of a family's dataset catalogue.

    Attributes:
        id: fixed dataset id. loader: import string to `load(settings) -> LoadedDataset` (see workbench.datasets); None for an
            imported dataset, whose data is an artefact.
        facts: known before loading, so that the wizard needs no array. default_sample: sample settings to start from.
        needs_download: whether the first use fetches files unless TRELLIS_DATA has them.
    """

    id: str
    name: str
    description: str
    loader: ImportString | None
    facts: DatasetFacts
    default_sample: Mapping[str, Any] = field(default_factory=dict)
    needs_download: bool = False


@dataclass(frozen=True)
class Importing:
    """How a family takes in people's own data.

    Attributes:
        read: import string to `read(path, options: ImportOptions, progress) -> ReadImport` (see workbench.datasets).
        describe: the record of an imported dataset -> its catalogue entry.
    """

    read: ImportString
    describe: Callable[[DatasetRecord], DatasetSource]


@dataclass(frozen=True)
class Preset:
    """A named starting point. `values` are flat field values over both config types; `sample` sample settings.

    `expected` says what it reaches, as measured by the benchmark; `unavailable` why it cannot be chosen yet, if so.
    """

    name: str
    title: str
    sentence: str
    values: Mapping[str, Any]
    sample: Mapping[str, Any] = field(default_factory=dict)
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


def _no_stages(_: Mapping[str, Any]) -> tuple[Stage, ...]:
    return ()


@dataclass(frozen=True)
class DerivedRule:
    """A value that layered configuration works out instead of reading it.

    Attributes:
        key: dotted key of the value, as in `model.lstm.input_size`. words: the rule for people, as in "data.features x num_vds".
        compute: (every value so far by dotted key, facts of the data) -> the value. reads: dotted keys that it looks at; rules
            are carried out in that order.
        on_auto: it answers the word `auto`, which the key then accepts whatever its type. Otherwise it holds always: a value
            in a model layer is nominal, and one given elsewhere must agree.
    """

    key: str
    words: str
    compute: Callable[[Mapping[str, Any], DatasetFacts], Any]
    reads: tuple[str, ...] = ()
    on_auto: bool = False


@dataclass(frozen=True)
class Layered:
    """How a model type appears in layered configuration files (see workbench.config).

    Attributes:
        name: what `model.name` says. key: the section below `model` that holds its architecture.
        factory: import string to `build(architecture, training) -> model`, for programs.
        rules: derived values besides those that every family's datasets determine.
        seeds: dotted keys that `trellis train --seeds` counts up together; empty: the family has no such option.
    """

    name: str
    key: str
    factory: ImportString
    rules: tuple[DerivedRule, ...] = ()
    seeds: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelType:
    """One kind of model in a family: its config types and the pure functions over them.

    Attributes:
        architecture, training, sample: config types (fields of `sample` are structural: a sample is fixed at creation).
        presets: starting points, the first is the default.
        resolve: (flat values of both types) -> the same with every auto replaced.
        check: (architecture, training, facts) -> cross-field problems, errors and warnings; what single fields refuse
            (ranges, applicability, what is not yet available) is `workbench.fields`' to say, before it.
        apply_preset: (preset, facts) -> flat values.
        suggest_name: resolved values -> a readable name.
        parameter_count: resolved values -> number of trainable parameters.
        operations_per_epoch: (resolved values, n_train) -> floating point operations of one training epoch.
        aliases: older names accepted wherever a flat config is given: (flat values) -> flat values, may raise ConfigError.
        layered: how it appears in layered configuration files.
        check_sample: (sample settings, facts) -> problems known before anything is drawn, for the wizard's controls.
        preflight: (architecture, training, facts) -> reasons why Start is refused now, given the model's labels.
        diagram: resolved values -> the stages of a small drawing of the network.
    """

    name: str
    title: str
    description: str
    architecture: type[ConfigModel]
    training: type[ConfigModel]
    sample: type[ConfigModel]
    presets: tuple[Preset, ...]
    resolve: Callable[[Mapping[str, Any]], dict[str, Any]]
    check: Callable[[ConfigModel, ConfigModel, DatasetFacts], list[FieldProblem]]
    apply_preset: Callable[[Preset, DatasetFacts], dict[str, Any]]
    suggest_name: Callable[[Mapping[str, Any]], str]
    parameter_count: Callable[[Mapping[str, Any]], int]
    operations_per_epoch: Callable[[Mapping[str, Any], int], float]
    aliases: Callable[[Mapping[str, Any]], dict[str, Any]]
    layered: Layered
    check_sample: Callable[[ConfigModel, DatasetFacts], list[FieldProblem]] = _no_problems
    preflight: Callable[[ConfigModel, ConfigModel, DatasetFacts], list[FieldProblem]] = _no_problems
    diagram: Callable[[Mapping[str, Any]], tuple[Stage, ...]] = _no_stages


Applies = Callable[[Mapping[str, Any], int], str | None]
"""(resolved values, number of classes in the live vocabulary) -> None, or why a figure does not apply."""


@dataclass(frozen=True)
class Figure:
    """One figure of a family: a pure function from the diagnostics bundle to a Plotly figure.

    Attributes:
        draw: import string to `draw(bundle, *, dark=False) -> plotly Figure`.
        look_for: one sentence. applies: (resolved values, classes known now) -> None, or why it does not apply. The classes are
            those of the live vocabulary, which may have grown since the values were fixed.
        blended: whether it shows OOD scores, which change with the share of the reconstruction that a page offers to choose.
    """

    name: str
    title: str
    look_for: str
    draw: ImportString
    applies: Applies
    blended: bool = False


@dataclass(frozen=True)
class LiveFigure:
    """One figure of the small diagnostics that a trainer reports while it trains (`Reporter.diagnostics`).

    Attributes:
        diagnostics: the name they are reported under. draw: import string to `draw(values, *, dark=False) -> plotly Figure`,
            `values` being the newest ones reported. look_for: one sentence.
        applies: as of a `Figure`. wide: whether it needs the whole width.
    """

    name: str
    title: str
    look_for: str
    diagnostics: str
    draw: ImportString
    applies: Applies
    wide: bool = False


@dataclass(frozen=True)
class Family:
    """A family's declaration."""

    name: str
    title: str
    description: str
    framework: Framework
    models: tuple[ModelType, ...]
    datasets: tuple[DatasetSource, ...]
    draw_sample: ImportString
    """`draw_sample(dataset: LoadedDataset, settings: ConfigModel) -> dict[str, np.ndarray]` of index sets."""
    trainer: ImportString
    """`train(job: Job, reporter: Reporter) -> Summary` (see workbench.runs.job)."""
    audit: ImportString
    """`audit(path, architecture, resolved) -> list[str]`: mismatches of a checkpoint file with a config; no framework needed."""
    load_bundle: ImportString
    """`load_bundle(path) -> bundle` for figures; no framework needed."""
    present: ImportString | None = None
    """`present(bundle, today: Today) -> Presented` (see workbench.diagnosis): what was kept, under the labels of now; None: always as it
    was kept. No framework needed."""
    suggest: ImportString | None = None
    """`suggest(ask: Ask) -> Suggestions` (see workbench.suggestions); no framework needed unless the ask brings a model."""
    predict: ImportString | None = None
    """`predict(bundle: Path, today: Today, *, split) -> Predictions` (see workbench.suggestions and workbench.diagnosis); no framework
    needed."""
    label_curve: ImportString | None = None
    """`run(settings, dataset, folder, report) -> CurveResult` (see workbench.label_curve); trains in this process."""
    try_it: tuple[str, str, str] = ("", "", "")
    """(dataset id, model type, preset) behind the first visit's one click."""
    importing: Importing | None = None
    """None: it has its built-in datasets only."""
    density: ImportString | None = None
    """`density(checkpoint, dataset, rows, *, split, samples, binarise, on_progress) -> result` with `plain()` (JSON values: `nll`,
    `standard_error`, `samples`, `binarisation`, `split`, `n`) and `metrics()` (records of the group `density`, `nll` among them), for
    families whose models are densities."""
    figures: tuple[Figure, ...] = ()
    live_figures: tuple[LiveFigure, ...] = ()

    def model(self, name: str) -> ModelType:
        """The model type of that name. Raises KeyError."""
        return {m.name: m for m in self.models}[name]

    def dataset(self, id: str) -> DatasetSource:
        """The catalogue entry of that id. Raises KeyError."""
        return {d.id: d for d in self.datasets}[id]


@cache
def family(name: str) -> Family:
    """A registered family. Raises KeyError with the known names."""
    if name not in FAMILIES:
        raise KeyError(f"no family named {name!r}; known: {', '.join(FAMILIES)}")
    return ImportString(FAMILIES[name]).load()


def all_families() -> tuple[Family, ...]:
    """Every registered family, in order."""
    return tuple(family(name) for name in FAMILIES)


def model_type(family_name: str, name: str) -> ModelType:
    """A model type by family and name. Raises KeyError."""
    return family(family_name).model(name)


def source_of(record: DatasetRecord) -> tuple[Family, DatasetSource]:
    """The family of a dataset, and its catalogue entry. Raises KeyError if no registered family has it."""
    declared = family(record.family)
    if record.imported is None:
        return declared, declared.dataset(record.id)
    if declared.importing is None:
        raise KeyError(f"the family {record.family} takes in no data")
    return declared, declared.importing.describe(record)
