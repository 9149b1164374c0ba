"""One look of an open page at its run: what has changed since the last one, and nothing else.

The page says what it shows: the keys of its parts, and which curves and figures are in sight with what they were drawn from.
What is out of sight is not drawn; it gets all that it missed once it comes into view. So every look says everything that the
page needs to be current, and a look that is lost is made good by the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from dashboard import plots
from dashboard.live import curves
from dashboard.live.curves import Overlay, View
from dashboard.live.feed import Feed
from dashboard.live.figures import Drawn, Said, figure_of
from dashboard.live.panel import MOST_OVERLAID, log_key, log_lines, notices_list, recent_runs, steps_list
from dashboard.live.parts import Part, keyed, part_of
from dashboard.live.reader import feed_of
from dashboard.live.shown import phase_of, shown_run
from dashboard.live.status import bar_properties, ended_words, metrics_strip, progress_of
from dashboard.live.warnings import notices
from workbench.families import Family, Metrics, Panel, family
from workbench.state import AppState, RunRecord, RunState

if TYPE_CHECKING:
    from workbench.workbench import Workbench

THIN_AGAIN = 2 * curves.MAX_POINTS
"""Points of a trace, grown epoch by epoch, past which its figure is drawn anew with fewer."""


class Asked(Said):
    """What a page says of itself when it looks.

    Attributes:
        model, run, latest: which run it shows (see `shown_run`). parts: the parts it has -> their keys.
        panels: all its panels of curves, and `terms` the key of the terms offered for hiding, None on pages that offer none.
        view: how its curves are looked at. curves, figures: those in sight, by name.
    """

    model: str
    run: str | None = None
    latest: bool = False
    parts: dict[str, str] = Field({}, max_length=20)
    panels: tuple[str, ...] = Field((), max_length=100)
    terms: str | None = None
    view: View = View()
    curves: dict[str, Drawn] = Field({}, max_length=100)
    figures: dict[str, Drawn] = Field({}, max_length=100)


def look(workbench: Workbench, asked: Asked) -> dict[str, Any]:
    """The answer to a look, for `to_json_plotly`: phase, progress bar, and what differs from what the page shows."""
    state = workbench.state()
    run = shown_run(state, model=asked.model, run=asked.run, latest=asked.latest)
    feed = feed_of(workbench, run.id, state) if run else Feed()
    declared = family(run.family) if run else None
    parts = {name: _PARTS[name](state, asked, run, feed) for name in asked.parts if name in _PARTS}
    terms = None if asked.terms is None else terms_of(declared, asked.panels, feed)
    return {
        "phase": phase_of(run),
        "active": run is not None and run.state.active,
        "bar": None if run is None else bar_of(workbench, run, feed),
        "parts": {name: {"key": part.key, "children": part.children} for name, part in parts.items() if part.key != asked.parts[name]},
        "texts": {name: text for part in parts.values() for name, text in part.texts.items()},
        "idle": {panel.name: idle(panel, feed, declared) for panel in panels_of(declared, asked.panels)},
        "terms": None if terms is None or terms.key == asked.terms else {"key": terms.key, "options": terms.children},
        "curves": curves_of(workbench, state, run, feed, asked),
        "figures": {
            name: drawn for name, shown in asked.figures.items() if (drawn := figure_of(workbench, run, feed, name, shown, asked.view.dark))
        },
    }


def bar_of(workbench: Workbench, run: RunRecord, feed: Feed) -> dict[str, str]:
    """The progress bar: its look, the width of its fill, its value for screen readers, and the words beside it."""
    waiting = workbench.runs.waiting_words(run) if run.state is RunState.QUEUED else ""
    progress = progress_of(run, feed, waiting)
    fill, look, value = bar_properties(progress)
    return {"look": look, "width": fill["width"], "value": value, "words": progress.words}


def _metrics(state: AppState, asked: Asked, run: RunRecord | None, feed: Feed) -> Part:
    return part_of(metrics_strip(run, feed, named=asked.latest), asked.parts["metrics"])


def _ended(state: AppState, asked: Asked, run: RunRecord | None, feed: Feed) -> Part:
    return part_of(ended_words(run, named=asked.latest) if run else None, asked.parts["ended"])


def _notices(state: AppState, asked: Asked, run: RunRecord | None, feed: Feed) -> Part:
    return part_of(notices_list(notices(family(run.family) if run else None, feed)), asked.parts["notices"])


def _log(state: AppState, asked: Asked, run: RunRecord | None, feed: Feed) -> Part:
    return keyed(log_key(run, feed), asked.parts["log-lines"], lambda: log_lines(feed.log))


def _recent(state: AppState, asked: Asked, run: RunRecord | None, feed: Feed) -> Part:
    # A run's record counts epochs that a checkpoint holds; what trains now is further than that.
    epochs = {run.id: feed.epoch} if run is not None and run.state.active else {}
    return part_of(recent_runs(state.runs_of(asked.model), run.id if run else None, asked.view.overlay, epochs), asked.parts["recent"])


def _steps(state: AppState, asked: Asked, run: RunRecord | None, feed: Feed) -> Part:
    return part_of(steps_list(feed.standing.steps) if feed.standing is not None else None, asked.parts["steps"])


_PARTS = {"steps": _steps, "metrics": _metrics, "ended": _ended, "notices": _notices, "log-lines": _log, "recent": _recent}
"""The parts that a page may have: its element is `live-<name>`."""


def panels_of(declared: Family | None, names: tuple[str, ...]) -> list[Panel]:
    """The panels of those names; plain ones where no run says which family declares them."""
    known = {panel.name: panel for panel in declared.panels} if declared else {}
    return [known.get(name) or Panel(name, "", "") for name in names]


def idle(panel: Panel, feed: Feed, declared: Family | None) -> bool:
    """Whether the run has reported nothing for a panel by its first epoch: its kind of model has no such metrics."""
    metrics = declared.measures if declared else Metrics()
    return bool(feed.epoch) and not panel.hideable and not curves.reported(panel, feed, metrics)


def terms_of(declared: Family | None, names: tuple[str, ...], feed: Feed) -> Part:
    """The options of the metrics that may be hidden."""
    metrics = declared.measures if declared else Metrics()
    found = curves.hideable(panels_of(declared, names), feed, metrics)
    return part_of([{"label": metric.label, "value": metric.key} for metric in found])


def curves_of(workbench: Workbench, state: AppState, run: RunRecord | None, feed: Feed, asked: Asked) -> dict[str, dict[str, Any]]:
    """What each panel in sight lacks: points to add where the figure drawn fits, else a figure in full; nothing where it is current."""
    declared = family(run.family) if run else None
    metrics = declared.measures if declared else Metrics()
    view, run_id = asked.view, run.id if run else None
    palette = plots.curve_palette(view.dark)
    overlays = overlays_of(workbench, state, view.overlay, run_id)
    answer: dict[str, dict[str, Any]] = {}
    for panel in panels_of(declared, tuple(asked.curves)):
        shown = asked.curves[panel.name]
        axes = curves.axes_of(panel, feed, metrics, palette, view.hidden if panel.hideable else ())
        laid_over = overlays if panel.overlays else []
        empty = not any(one.lines for one in axes)
        words = panel.empty if feed.epoch else "Curves appear with the first epoch"
        made_of = words if empty else curves.structure(axes, feed, laid_over)
        key = f"{run_id}|{feed.generation}|{view.key}|{made_of}"
        if shown.key == key and shown.points <= THIN_AGAIN:
            added = curves.patch(axes, feed, shown.seq, view)
            if added:
                answer[panel.name] = {"key": key, "seq": feed.cursor, "add": added}
            continue
        figure = (
            plots.blank(panel.height, words, dark=view.dark)
            if empty
            else curves.draw(
                axes, feed, view, palette, template=plots.template(view.dark), overlays=laid_over, height=panel.height,
                columns=panel.columns if panel.each else 1, log=panel.log,
            )
        )  # fmt: skip
        answer[panel.name] = {"key": key, "seq": feed.cursor, "figure": figure}
    return answer


def overlays_of(workbench: Workbench, state: AppState, run_ids: tuple[str, ...], shown: str | None) -> list[Overlay]:
    """The runs laid over the one that is shown."""
    records = [state.runs[id] for id in run_ids if id in state.runs and id != shown]
    return [Overlay(r.id, f"#{r.number}", feed_of(workbench, r.id, state)) for r in records[:MOST_OVERLAID]]
