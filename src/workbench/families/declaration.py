"""A family's declaration: all that the core and the dashboard know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args

from workbench.families.data import DataSource, DataSupport
from workbench.families.exporting import Export
from workbench.families.figures import Figure, LiveFigure, Looking
from workbench.families.loading import ImportString
from workbench.families.metrics import PANELS, Metric, Metrics, Panel, plain_words
from workbench.families.models import ModelType

Framework = Literal["jax", "tensorflow"]
FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)


@dataclass(frozen=True)
class Runtime:
    """What a worker needs to know of a family's framework. Families that share a framework share its workers.

    Attributes:
        modules: imported by an idle worker, so that a run need not wait for them. later: likewise, but needed at a run's end.
        initialise: a function to call between the two (it finds the devices), or None.
        environment: set before any of them is imported; `{cache}` stands for the compilation cache's folder.
        packages: distributions whose versions belong into a run's environment.json.
        crew: `join(coordinator, size, rank) -> Crew` (see workbench.runs.crews.contract) if several processes can train a run as one.
    """

    modules: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    initialise: ImportString | None = None
    crew: ImportString | None = None


@dataclass(frozen=True)
class Verb:
    """A command of the command line: `trellis NAME`, or one more in a group of the core's: `data columns`.

    Attributes:
        target: import string of a function with typer's annotations; of a `typer.Typer` for a `group` of commands.
        options: import string of a function's own class of commands, a `TyperCommand`, where its options are declared elsewhere.
    """

    name: str
    target: ImportString
    group: bool = False
    options: ImportString | None = None


@dataclass(frozen=True)
class Family:
    """A family's declaration."""

    name: str
    title: str
    description: str
    framework: Framework
    models: tuple[ModelType, ...]
    data: DataSupport
    trainer: ImportString
    """`train(job: Job, reporter: Reporter) -> Summary` (see workbench.runs.job)."""
    audit: ImportString
    """`audit(path, configs by section, resolved) -> list[str]`: mismatches of a checkpoint file with a config; no framework needed."""
    load_bundle: ImportString
    """`load_bundle(path) -> bundle` for figures; no framework needed."""
    draw_sample: ImportString | None = None
    """`draw_sample(loaded, settings: ConfigModel) -> Any`: a sample as `DataSupport.sample` shows it before the model is made; None: its
    models have no sample."""
    diagnose: ImportString | None = None
    """`diagnose(job: Job, kept: Path, last: Path, completed: bool) -> Summary`: what the trainer computes once its weights are safe, from the
    checkpoints of a run that ended without; None: its runs have no diagnostics that can be computed later."""
    looking: Looking | None = None
    """How a run's diagnostics change with what happened since; None: they are always looked at as they were kept."""
    try_it: tuple[str, str, str] = ("", "", "")
    """(dataset id, model type, preset) behind the first visit's one click."""
    try_words: tuple[str, str] = ("Try it", "")
    """What that click says, and a sentence or two about what it does."""
    glossary: tuple[tuple[str, str], ...] = ()
    """(term, meaning) of words that its pages use, for Help."""
    report: ImportString | None = None
    """`report(bundle) -> tables` (`workbench.reporting.ReportTable`) that stand in a run's report below its metrics."""

    figures: tuple[Figure, ...] = ()
    live_figures: tuple[LiveFigure, ...] = ()
    commands: tuple[str, ...] = ()
    """Modules with commands of its own."""
    kinds: tuple[ImportString, ...] = ()
    """Kinds of record of its own (`workbench.kinds.RecordKind`)."""
    metrics: tuple[Metric, ...] = ()
    """Every metric once: what shows one reads its name, unit, direction and format here."""
    panels: tuple[Panel, ...] = PANELS
    """Graphs of the curves, in order."""
    metric_groups: Mapping[str, str] = field(default_factory=dict)
    """Titles of the groups of a summary's metrics, where the group's name in words will not do."""
    watched: tuple[str, ...] = ()
    """Keys of what is shown of a run while it trains, most telling first."""
    warnings: ImportString | None = None
    """`notices(course: Course) -> Sequence[Notice]`: what to notice now (see workbench.families.noticing)."""

    runtime: Runtime = Runtime()
    """What its worker imports and sets."""
    rate: ImportString | None = None
    """`rate() -> float`: floating point operations a second that training reaches on this machine, measured in a worker."""
    progress: ImportString | None = None
    """`progress(runs: RunService, run) -> how far it is`, with `percent` (0 to 100, None while unknown), `words` (what it does now, "" for
    nothing) and `steps` (those of `Step` that it has begun), of a run that does more than train epochs; None: what its epochs say is all."""
    verbs: tuple[Verb, ...] = ()
    """Its commands of the command line."""
    routes: tuple[ImportString, ...] = ()
    """Routers of REST (`fastapi.APIRouter`), below `/api`; they live in `dashboard.families`, as only the dashboard knows FastAPI."""
    pages: tuple[ImportString, ...] = ()
    """Pages (`dashboard.pages.page.Page`), likewise."""
    model_tabs: tuple[ImportString, ...] = ()
    """Tabs of its models' pages (`dashboard.pages.model.tab.Tab`), likewise."""
    exports: tuple[Export, ...] = ()
    """Files that its models give besides those of every family's."""
    launches: Mapping[str, ImportString] = field(default_factory=dict)
    """Ways in which its pages start runs besides a model's own, by name: `launch(workbench, *, actor, run_id, asked) -> RunRecord`, with
    what the page asks for as JSON values; the run gets that id. Raises CommandError."""
    abilities: Mapping[str, ImportString] = field(default_factory=dict)
    """What its own verbs, routes and pages find by name; the core reads none of them."""

    def __post_init__(self) -> None:
        names = [preset.name for model in self.models for preset in model.presets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise TypeError(f"the family {self.name} has two presets named {', '.join(twice)}; a preset's name says its model type, too")

    @cached_property
    def measures(self) -> Metrics:
        """The metrics by key."""
        return Metrics(self.metrics)

    def group_title(self, group: str) -> str:
        """The title of a group of metrics."""
        return self.metric_groups.get(group) or plain_words(group)

    def model(self, name: str) -> ModelType:
        """The model type of that name. Raises KeyError."""
        return {m.name: m for m in self.models}[name]

    @property
    def datasets(self) -> tuple[DataSource, ...]:
        """Its built-in datasets: the sources without parameters."""
        return tuple(source for source in self.data.sources if source.params is None)

    def dataset(self, id: str) -> DataSource:
        """The built-in dataset of that id. Raises KeyError."""
        return {d.id: d for d in self.datasets}[id]
