"""The table of runs and baselines by metric and horizon: the same records for a page, a report and a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from traffic.bundle import Errors
from traffic.figures.looks import error_text, mask_words, nothing, title_of, unit_of
from traffic.metrics.scores import over_seeds, shown_steps
from traffic.metrics_declared import ERRORS
from workbench.plotting import new_figure, plain, theme

TITLE = "Comparison"


@dataclass(frozen=True)
class Column:
    """A metric at a horizon: `mae`, `rmse` or `mape`, the step (None: the mean over all), and the mask rule."""

    metric: str
    step: int | None
    minutes: float | None
    unit: str
    null: str

    @property
    def title(self) -> str:
        """What stands above it."""
        when = "mean" if self.minutes is None else f"{self.minutes:g} min"
        return f"{ERRORS[self.metric]} {when} ({self.unit})"


@dataclass(frozen=True)
class Row:
    """A model or a baseline.

    Attributes:
        name: as people read it. method: whose. values: one a column and seed, (seeds, columns); NaN where nothing was measured.
        cited: whether it is from the literature.
    """

    name: str
    method: str
    values: np.ndarray
    cited: bool = False

    @property
    def seeds(self) -> int:
        """How many runs it is of."""
        return len(self.values)

    def text(self, column: int) -> str:
        """Mean, and the spread over seeds."""
        known = self.values[:, column]
        known = known[np.isfinite(known)]
        if not len(known):
            return "–"
        mean, spread = over_seeds(known.tolist())
        return error_text(mean) if spread is None else f"{error_text(mean)} ± {_alike(spread, error_text(mean))}"

    def mean(self, column: int) -> float:
        """The mean over seeds, NaN if there is none."""
        known = self.values[:, column]
        return float(known[np.isfinite(known)].mean()) if np.isfinite(known).any() else float("nan")


def _alike(spread: float, mean: str) -> str:
    """A spread with as many decimals as its mean has in words; beside powers of ten as it is."""
    return f"{spread:.{len(mean.partition('.')[2])}f}" if mean.replace(".", "", 1).isdigit() else error_text(spread)


@dataclass(frozen=True)
class Table:
    """Rows that may be ranked in one column: all of one protocol, set and mask rule."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    protocol: str
    set: str
    null: str

    def best(self, column: int) -> int | None:
        """The row with the lowest error; None where no two can be compared."""
        means = np.array([np.nan if row.cited else row.mean(column) for row in self.rows])
        return int(np.nanargmin(means)) if np.isfinite(means).sum() > 1 else None


def columns_of(errors: Errors, target: int = 0) -> tuple[Column, ...]:
    """MAE, RMSE and MAPE of the shown horizons and of all together."""
    facts = errors.facts
    horizon = errors.evaluations[0].by_sensor.count.shape[0]
    steps: list[int | None] = [*shown_steps(horizon), None]
    return tuple(
        Column(
            metric, step, None if step is None else step * facts.interval_s / 60, unit_of(metric, facts.units[target]),
            "0" if metric == "mape" else facts.null,
        )
        for metric in ERRORS for step in steps
    )  # fmt: skip


def values_of(errors: Errors, method: str, columns: Sequence[Column], target: int = 0) -> np.ndarray:
    """A method's errors by column."""
    total = errors.of(method).total
    by_metric = {metric: total.metric(metric)[:, target] for metric in ERRORS}
    return np.array([by_metric[c.metric].mean() if c.step is None else by_metric[c.metric][c.step - 1] for c in columns])


def table_of(groups: Sequence[tuple[str, Sequence[Errors]]], target: int = 0) -> Table:
    """A row for each group of runs that differ in nothing but their seeds, and one for each baseline.

    Args:
        groups: (name, errors of its runs), all of one protocol, mask rule and set of windows. Baselines are those of the first run.
    """
    first = groups[0][1][0]
    columns = columns_of(first, target)
    own = first.facts.methods[0]
    rows = [Row(name, own, np.stack([values_of(one, own, columns, target) for one in members])) for name, members in groups]
    rows += [Row(title_of(method), method, values_of(first, method, columns, target)[None]) for method in first.facts.methods[1:]]
    return Table(columns, tuple(rows), first.facts.protocol, first.facts.set, first.facts.null)


def comparable(a: Errors, b: Errors) -> bool:
    """Whether two runs' errors, both of one dataset, may stand in one column: the same targets, windows, protocol and mask rule."""
    counts = [one.evaluations[0].by_sensor.count for one in (a, b)]
    return _measured_as(a) == _measured_as(b) and counts[0].shape == counts[1].shape and np.array_equal(counts[0], counts[1])


def _measured_as(errors: Errors) -> tuple[object, ...]:
    facts = errors.facts
    windows = [own for own in facts.sets if own.name == facts.set]
    return facts.target_names, facts.units, facts.sensor_ids, facts.protocol, facts.null, facts.set, facts.interval_s, windows


def seed_words(seeds: int) -> str:
    """How many seeds a row is of."""
    return "1 seed" if seeds == 1 else f"{seeds} seeds"


def comparison_table(table: Table, *, dark: bool = False) -> go.Figure:
    """Runs and baselines by metric, what errors count in the header, the best value of each column bold."""
    if not _measured(table):
        return nothing(TITLE, "Nothing was measured.", dark=dark)
    head = ["", "seeds", *(f"{plain(column.title)}<br>{mask_words(column.null)}" for column in table.columns)]
    cells: list[list[str]] = [
        [plain(row.name) + (" (cited)" if row.cited else "") for row in table.rows],
        [str(row.seeds) for row in table.rows],
    ]
    cells += [_marked(table, place) for place in range(len(table.columns))]
    return _drawn(head, cells, [2.4, 0.8, *[1.3] * len(table.columns)], dark)


def narrow_table(table: Table, *, dark: bool = False) -> go.Figure:
    """The same turned: a row for each metric and horizon, a column for each method, for a place too narrow for twelve columns."""
    if not _measured(table):
        return nothing(TITLE, "Nothing was measured.", dark=dark)
    metrics = [f"{plain(column.title)}, {mask_words(column.null)}" for column in table.columns]
    marked = [_marked(table, place) for place in range(len(table.columns))]
    cells = [metrics, *([texts[number] for texts in marked] for number in range(len(table.rows)))]
    return _drawn(["", *(plain(row.name) for row in table.rows)], cells, [2.6, *[1.3] * len(table.rows)], dark)


def _measured(table: Table) -> bool:
    return any(np.isfinite(row.values).any() for row in table.rows)


def _marked(table: Table, place: int) -> list[str]:
    """A column's texts, the best one bold."""
    best = table.best(place)
    return [f"<b>{row.text(place)}</b>" if number == best else row.text(place) for number, row in enumerate(table.rows)]


def _drawn(head: list[str], cells: list[list[str]], widths: list[float], dark: bool) -> go.Figure:
    colours = theme(dark)
    font = {"color": colours.ink, "size": 12}
    looks = {"fill": {"color": "rgba(0,0,0,0)"}, "line": {"color": colours.line}}
    figure = new_figure(dark=dark, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    align = ["left", *["right"] * (len(head) - 1)]
    return figure.add_trace(
        go.Table(
            header={"values": head, "font": {**font, "color": colours.muted}, "align": align, **looks},
            cells={"values": cells, "font": font, "align": align, "height": 28, **looks}, columnwidth=widths,
        )
    )  # fmt: skip
