"""One look of an open page at its run: what has changed since the last one, and nothing else.

The page says what it shows: the keys of its parts, and which curves and figures are in sight with what they were drawn from.
What is out of sight is not drawn; it gets all that it missed once it comes into view. So every look says everything that the
page needs to be current, and a look that is lost is made good by the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plotly.io.json import to_json_plotly
from pydantic import Field

from dashboard import plots
from dashboard.live import curves
from dashboard.live.curves import Overlay, View
from dashboard.live.feed import Feed
from dashboard.live.figures import Drawn, Said, figure_of
from dashboard.live.moment import Moment, Moments, Steady
from dashboard.live.panel import MOST_OVERLAID, RECENT_SHOWN, log_key, log_lines, notices_list, recent_runs, recent_texts, steps_list
from dashboard.live.parts import Part, Written, part_of
from dashboard.live.reader import feed_of
from dashboard.live.shown import phase_of, shown_run
from dashboard.live.status import bar_properties, ended_words, last_metrics, metrics_strip, progress_of, strip_texts
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


def look(workbench: Workbench, asked: Asked) -> str:
    """The answer to a look, as JSON: phase, progress bar, and what differs from what the page shows."""
    state = workbench.state()
    run = shown_run(state, model=asked.model, run=asked.run, latest=asked.latest)
    moment = workbench.kept.of(Moments).of(run, feed_of(workbench, run.id, state) if run else Feed())
    parts = {name: _PARTS[name](state, asked, moment) for name in asked.parts if name in _PARTS}
    figures = {name: figure_of(workbench, run, moment.feed, name, shown, asked.view.dark) for name, shown in asked.figures.items()}
    said = {
        "phase": phase_of(run),
        "active": run is not None and run.state.active,
        "bar": None if run is None else bar_of(workbench, run, moment.feed),
        "texts": {name: text for part in parts.values() for name, text in part.texts.items()},
    }
    return _object({
        **{name: json.dumps(value, allow_nan=False) for name, value in said.items()},
        "parts": _object({name: part.written for name, part in parts.items() if part.key != asked.parts[name]}),
        "idle": idle_of(moment, asked.panels),
        "terms": "null" if asked.terms is None else terms_of(moment, asked.panels, asked.terms),
        "curves": _object(curves_of(workbench, state, moment, asked)),
        "figures": _object({name: figure for name, figure in figures.items() if figure is not None}),
    })  # fmt: skip


def _object(written: Mapping[str, str]) -> str:
    """An object of values that are JSON already."""
    return f"{{{','.join(f'{json.dumps(name)}:{value}' for name, value in written.items())}}}"


def bar_of(workbench: Workbench, run: RunRecord, feed: Feed) -> dict[str, str]:
    """The progress bar: its look, the width of its fill, its value for screen readers, and the words beside it."""
    waiting = workbench.runs.waiting_words(run) if run.state is RunState.QUEUED else ""
    progress = progress_of(run, feed, waiting)
    fill, look, value = bar_properties(progress)
    return {"look": look, "width": fill["width"], "value": value, "words": progress.words}


def _metrics(state: AppState, asked: Asked, moment: Moment) -> Part:
    run, feed, named = moment.run, moment.feed, asked.latest
    if run is None:
        return part_of(metrics_strip(run, feed, named=named))

    def told() -> Part:
        texts = strip_texts(run, feed, named=named)
        shown = tuple((label, note) for label, _, note in last_metrics(run, feed))
        strip = moment.shaped_once(
            "metrics", Steady(run), named, shown, "when" in texts, make=lambda: part_of(metrics_strip(run, feed, named=named))
        )
        return strip.saying(texts)

    return moment.once("metrics", named, make=told)


def _ended(state: AppState, asked: Asked, moment: Moment) -> Part:
    run, named = moment.run, asked.latest
    return moment.once("ended", named, make=lambda: part_of(ended_words(run, named=named) if run else None))


def _notices(state: AppState, asked: Asked, moment: Moment) -> Part:
    return moment.told_once("notices", make=lambda: part_of(notices_list(notices(_declared(moment), moment.feed))))


def _log(state: AppState, asked: Asked, moment: Moment) -> Part:
    lines = moment.feed.log
    return moment.told_once("log", make=lambda: Part(log_key(moment.run, moment.feed), Written(lambda: log_lines(lines))))


def _recent(state: AppState, asked: Asked, moment: Moment) -> Part:
    run, runs, overlay = moment.run, state.runs_of(asked.model), asked.view.overlay
    # A run's record counts epochs that a checkpoint holds; what trains now is further than that.
    epochs = {run.id: moment.feed.epoch} if run is not None and run.state.active else {}
    shown = tuple(map(Steady, runs[:RECENT_SHOWN]))
    table = moment.shaped_once(
        "recent", shown, len(runs), overlay, make=lambda: part_of(recent_runs(runs, run.id if run else None, overlay, epochs))
    )
    return table.saying(recent_texts(runs, epochs))


def _steps(state: AppState, asked: Asked, moment: Moment) -> Part:
    standing = moment.feed.standing
    return moment.told_once("steps", make=lambda: part_of(steps_list(standing.steps) if standing is not None else None))


_PARTS = {"steps": _steps, "metrics": _metrics, "ended": _ended, "notices": _notices, "log-lines": _log, "recent": _recent}
"""The parts that a page may have: its element is `live-<name>`."""


def panels_of(declared: Family | None, names: tuple[str, ...]) -> list[Panel]:
    """The panels of those names; plain ones where no run says which family declares them."""
    known = {panel.name: panel for panel in declared.panels} if declared else {}
    return [known.get(name) or Panel(name, "", "") for name in names]


def _declared(moment: Moment) -> Family | None:
    return family(moment.run.family) if moment.run else None


def _metrics_of(declared: Family | None) -> Metrics:
    return declared.measures if declared else Metrics()


def idle(panel: Panel, feed: Feed, declared: Family | None) -> bool:
    """Whether the run has reported nothing for a panel by its first epoch: its kind of model has no such metrics."""
    return bool(feed.epoch) and not panel.hideable and not curves.reported(panel, feed, _metrics_of(declared))


def idle_of(moment: Moment, names: tuple[str, ...]) -> str:
    """Of each panel whether it is idle, as JSON."""
    declared, feed = _declared(moment), moment.feed
    return moment.told_once(
        "idle", names, make=lambda: json.dumps({panel.name: idle(panel, feed, declared) for panel in panels_of(declared, names)})
    )


def terms_of(moment: Moment, names: tuple[str, ...], shown: str) -> str:
    """The options of the metrics that may be hidden, with their key, as JSON; null for a page that shows them."""

    def offered() -> tuple[str, str]:
        declared = _declared(moment)
        found = curves.hideable(panels_of(declared, names), moment.feed, _metrics_of(declared))
        options = [{"label": metric.label, "value": metric.key} for metric in found]
        key = part_of(options).key
        return key, json.dumps({"key": key, "options": options})

    key, written = moment.told_once("terms", names, make=offered)
    return "null" if key == shown else written


def curves_of(workbench: Workbench, state: AppState, moment: Moment, asked: Asked) -> dict[str, str]:
    """What each panel in sight lacks, as JSON: points to add where the figure drawn fits, else a figure in full; nothing where it is current."""
    run_id, feed, view = moment.run.id if moment.run else None, moment.feed, asked.view
    declared = _declared(moment)
    metrics, palette = _metrics_of(declared), plots.curve_palette(view.dark)
    overlays = overlays_of(workbench, state, view.overlay, run_id)
    answer: dict[str, str] = {}
    for panel in panels_of(declared, tuple(asked.curves)):
        shown, hidden = asked.curves[panel.name], view.hidden if panel.hideable else ()
        axes = moment.told_once(
            "axes",
            panel.name,
            hidden,
            view.dark,
            make=lambda panel=panel, hidden=hidden: curves.axes_of(panel, feed, metrics, palette, hidden),
        )
        laid_over = overlays if panel.overlays else []
        empty = not any(one.lines for one in axes)
        words = panel.empty if feed.epoch else "Curves appear with the first epoch"
        made_of = words if empty else curves.structure(axes, feed, laid_over)
        key = f"{run_id}|{feed.generation}|{view.key}|{made_of}"
        if shown.key == key and shown.points <= THIN_AGAIN:
            added = curves.patch(axes, feed, shown.seq, view)
            if added:
                answer[panel.name] = json.dumps({"key": key, "seq": feed.cursor, "add": added})
            continue
        figure = (
            plots.blank(panel.height, words, dark=view.dark)
            if empty
            else curves.draw(
                axes, feed, view, palette, template=plots.template(view.dark), overlays=laid_over, height=panel.height,
                columns=panel.columns if panel.each else 1, log=panel.log,
            )
        )  # fmt: skip
        answer[panel.name] = str(to_json_plotly({"key": key, "seq": feed.cursor, "figure": figure}))
    return answer


def overlays_of(workbench: Workbench, state: AppState, run_ids: tuple[str, ...], shown: str | None) -> list[Overlay]:
    """The runs laid over the one that is shown."""
    records = [state.runs[id] for id in run_ids if id in state.runs and id != shown]
    return [Overlay(r.id, f"#{r.number}", feed_of(workbench, r.id, state)) for r in records[:MOST_OVERLAID]]
