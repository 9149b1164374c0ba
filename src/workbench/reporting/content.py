"""What a report says, as plain data, and how a family's figures become part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from workbench.families import Figure, Metric
from workbench.families import Metrics as Measures
from workbench.families.metrics import plain_words

if TYPE_CHECKING:
    import plotly.graph_objects as go

FigureState = Literal["shown", "not applicable", "failed"]
Metrics = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class ReportFigure:
    """One figure of a report.

    Attributes:
        state: whether it is shown; if not, `reason` says why and both figures are None.
        light, dark: the same figure in both themes.
    """

    title: str
    look_for: str
    state: FigureState = "shown"
    reason: str | None = None
    light: go.Figure | None = None
    dark: go.Figure | None = None


@dataclass(frozen=True)
class ReportTable:
    """A table that a family adds: its title, a note above it, names of its columns, and rows of text."""

    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Report:
    """A run's report.

    Attributes:
        title: the run in a few words, such as "Run #62 of Digits mixture".
        facts: label and value pairs in the order in which they are read (model, state, duration, dataset, seed, ...).
        metrics: group -> name -> {"value", "split", "n", "state", "reason"}, as in `Summary.metrics`.
        tables: what the family adds to its metrics, below them.
        figures: every figure of the family, shown or not.
        settings: label and value pairs of the configuration, folded away below the rest.
        notes: sentences that stand at the top, such as why the run failed.
        measures: the metrics as the family declares them. groups: titles of the groups whose names in words will not do.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    metrics: Metrics = field(default_factory=dict)
    figures: Sequence[ReportFigure] = ()
    settings: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    measures: Measures = field(default_factory=Measures)
    groups: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[ReportTable] = ()

    def metric(self, group: str, name: str) -> Metric:
        """What a metric of a group is."""
        return self.measures.of(f"{group}/{name}")

    def group_title(self, group: str) -> str:
        """A group's title."""
        return self.groups.get(group) or plain_words(group)


def draw_figures(figures: Sequence[Figure], bundle: Any, resolved: Mapping[str, Any], held: Any) -> tuple[ReportFigure, ...]:
    """Draw a family's figures in both themes; one that does not apply or breaks says why and costs no other.

    Args:
        figures: the family's declarations. bundle: what its `load_bundle` returned. resolved: the model's values, autos replaced.
        held: what the run keeps, typed.
    """
    return tuple(_draw(figure, bundle, resolved, held) for figure in figures)


def _draw(figure: Figure, bundle: Any, resolved: Mapping[str, Any], held: Any) -> ReportFigure:
    try:
        reason = figure.applies(resolved, held)
        if reason is not None:
            return ReportFigure(figure.title, figure.look_for, "not applicable", reason)
        draw = figure.draw.load()
        return ReportFigure(figure.title, figure.look_for, light=draw(bundle, dark=False), dark=draw(bundle, dark=True))
    except Exception as error:
        return ReportFigure(figure.title, figure.look_for, "failed", f"{type(error).__name__}: {error}")
