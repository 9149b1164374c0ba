"""The live part of a page: stores, curves with their controls, diagnostics while training, log, notices.

The model's training hub and a run's page both hold it; ids start with `live-`. The callbacks are in
`dashboard.live.callbacks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import plots
from dashboard.components import badge, icon, run_badge, section, time_of
from dashboard.components.attributes import attrs
from dashboard.live.feed import Feed, LogLine
from dashboard.live.parts import live_text, part_place
from dashboard.live.shown import phase_of
from dashboard.live.words import duration, plural
from workbench.comparing import measured
from workbench.families import LiveFigure, Metrics, Panel, Step, family, is_registered
from workbench.families.noticing import Notice
from workbench.state import RunRecord

LIVE_HEIGHT, WIDE_HEIGHT = 240, 330
"""Pixels of a live figure, and of one that takes the whole width."""

LOG_SHOWN = 200
RECENT_SHOWN = 8
MOST_OVERLAID = 4


def stores(*, model_id: str, run: RunRecord | None, follow_latest: bool) -> list[Component]:
    """What the live part keeps in the browser (`assets/live.js`).

    Args:
        run: the run shown first. follow_latest: whether newer runs of the model take the place of the one shown.
    """
    run_id = run.id if run else None
    return [
        dcc.Store(id="live-target", data={"model": model_id, "run": run_id, "latest": follow_latest}),
        dcc.Store(id="live-asked"),
        dcc.Store(id="live-phase", data=phase_of(run)),
        dcc.Store(id="live-nudge"),
    ]


def curve_controls(hiding: bool = True) -> Component:
    """Smoothing, logarithmic axis, hidden terms (if any may be hidden); remembered by the browser."""
    keep: dict[str, Any] = {"persistence": True, "persistence_type": "local"}
    smoothing = dbc.Input(
        id="live-smoothing", type="range", min=0, max=0.95, step=0.05, value="0", className="form-range live-slider", **keep
    )
    terms = dbc.Checklist(id="live-hidden", options=[], value=[], className="column-list", **keep)
    hide = html.Summary([icon("eye-slash"), "Hide terms"], className="btn btn-outline-secondary btn-sm")
    return html.Div(
        [
            html.Div([html.Label("Smoothing", htmlFor="live-smoothing"), smoothing], className="live-control"),
            html.Div(dbc.Switch(id="live-log", label="Log scale", value=False, **keep), className="live-control"),
            html.Details([hide, html.Div(terms, className="pop")], className=f"pop-host live-control-end{'' if hiding else ' d-none'}"),
        ],
        className="live-controls",
    )


def curve_graphs(panels: Sequence[Panel], overlay: Sequence[str] = ()) -> list[Component]:
    """The graphs of a family's panels, empty until the page looks (`assets/curves.js`); halves stand in pairs."""
    placed: list[Component] = []
    for half, members in groupby(panels, key=lambda panel: panel.half):
        figures = [_titled(panel) for panel in members]
        placed += [html.Div(figures, className="live-pair")] if half else figures
    return [
        curve_controls(any(panel.hideable for panel in panels)),
        *placed,
        dcc.Store(id="live-overlay", data=list(overlay), storage_type="session"),
        dcc.Store(id="live-action"),
    ]


def _titled(panel: Panel) -> Component:
    graph = plots.graph(plots.blank(panel.height), {"type": "live-curve", "name": panel.name}, label=panel.description)
    caption = html.Figcaption(panel.title, className="figure-title")
    # Its room is there before Plotly is loaded, so that what is out of sight is known to be.
    figure = html.Figure(
        [caption, graph], id=f"live-{panel.name}", className="live-figure", style={"minHeight": f"{panel.height}px"},
        **attrs({"data-live-curve": panel.name}),
    )  # fmt: skip
    return html.Div(figure, id={"type": "live-panel", "name": panel.name})


def diagnostics_section(figures: Sequence[LiveFigure]) -> Component | None:
    """Places for the family's live figures; the page fills them when it looks (`assets/curves.js`)."""
    if not figures:
        return None
    places = [
        html.Figure(
            [
                html.Figcaption([html.Span(figure.title, className="figure-title"), html.Span(figure.look_for, className="figure-note")]),
                plots.graph(plots.blank(live_height(figure)), {"type": "live-figure", "name": figure.name}, label=figure.title),
            ],
            className=f"live-figure{' live-figure-wide' if figure.wide else ''}",
            style={"minHeight": f"{live_height(figure)}px"},
            **attrs({"data-live-figure": figure.name}),
        )
        for figure in figures
    ]
    return section("While it trains", html.Div(places, className="live-grid"), note="Diagnostics of the newest epoch, on validation data.")


def live_height(figure: LiveFigure) -> int:
    """Pixels of a live figure."""
    return WIDE_HEIGHT if figure.wide else LIVE_HEIGHT


def notices_list(notices: Sequence[Notice]) -> list[Component]:
    """What to notice, each with what may help."""
    return [
        html.Div(
            [icon("exclamation-triangle"), html.Div([html.Strong(_closed(n.text)), *([html.Span(f" {n.hint}")] if n.hint else [])])],
            className="note note-warning",
        )
        for n in notices
    ]


def _closed(text: str) -> str:
    """A text with a full stop, unless it has its end."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def log_lines(lines: Sequence[LogLine]) -> list[Component]:
    """The newest lines of the log, newest first."""
    if not lines:
        return [html.P("Nothing has been logged yet.", className="muted")]
    newest = list(reversed(lines))[:LOG_SHOWN]
    rows = [
        html.Li(
            [
                time_of(line.at, relative=False),
                *([badge(line.level, _tone(line.level))] if line.level != "info" else []),
                html.Span(line.message),
            ],
            className=f"log-line log-{line.level}",
        )
        for line in newest
    ]
    more = len(lines) - len(newest)
    left = [html.P(f"{plural(more, 'earlier line')}: the run's page has the whole log.", className="muted")] if more else []
    return [html.Ol(rows, className="log-lines"), *left]


def steps_list(steps: Sequence[Step]) -> Component:
    """The steps of a run that does more than train epochs, each with its state and time."""
    total = sum(step.seconds for step in steps) or 1.0
    items = [
        html.Li(
            [
                html.Span(className="stage-mark"), html.Span(step.words, className="stage-name"),
                html.Span(html.Span(className="headline-fill is-other", style={"width": f"{100 * step.seconds / total:.1f}%"}), className="headline-bar", **attrs({"aria-hidden": "true"})),
                html.Span(_step_time(step), className="num muted"),
            ],
            className=f"stage stage-{step.status}",
        )
        for step in steps
    ]  # fmt: skip
    return html.Ol(items, className="stages")


def _step_time(step: Step) -> str:
    if step.status == "running":
        return "under way"
    if step.status == "failed" and not step.seconds:
        return "failed"  # a worker that is gone could not tell when
    return f"{ {'failed': 'failed after ', 'stopped': 'left after '}.get(step.status, '') }{duration(step.seconds)}"


def _tone(level: str) -> Any:
    return {"warning": "warning", "error": "danger"}.get(level, "muted")


def recent_runs(runs: Sequence[RunRecord], shown: str | None, overlay: Sequence[str], epochs: Mapping[str, int] | None = None) -> Component:
    """The model's newest runs with what they reached, and a switch to lay each over the curves.

    Args:
        epochs: epochs done of runs whose record lags behind: it counts those that a checkpoint holds.
    """
    texts = recent_texts(runs, epochs)
    if not runs:
        return html.P("No runs yet.", className="muted")
    metrics = list(dict.fromkeys(key for run in runs[:RECENT_SHOWN] for key in run.headline))[:3]
    measures = family(runs[0].family).measures if is_registered(runs[0].family) else Metrics()
    head = html.Tr(
        [html.Th(text, scope="col") for text in ("Run", "State", "Started", "Duration", "Epochs", *map(measures.title, metrics), "Curves")]
    )
    rows = [
        html.Tr(
            [
                html.Td(dcc.Link(f"#{run.number}", href=f"/run/{run.id}")),
                html.Td(run_badge(run)),
                html.Td(time_of(run.started_at, empty="–")),
                html.Td(duration(run.duration_seconds) or "–", className="num"),
                html.Td(live_text(texts[f"epochs-{run.id}"], f"epochs-{run.id}"), className="num"),
                *(html.Td(measured(run, key).text(run.headline.get(key)), className="num") for key in metrics),
                html.Td(_overlay_switch(run, shown, overlay)),
            ]
        )
        for run in runs[:RECENT_SHOWN]
    ]
    table = html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table"), className="table-scroll")
    more = len(runs) - RECENT_SHOWN
    link = [dcc.Link(f"All {len(runs)} runs of this model", href=f"/runs?model={runs[0].subject.id}")] if more > 0 else []
    return html.Div([table, *link])


def recent_texts(runs: Sequence[RunRecord], epochs: Mapping[str, int] | None = None) -> dict[str, str]:
    """The live texts of `recent_runs`: the epochs of each."""
    done = {run.id: max(run.epochs_done, (epochs or {}).get(run.id, 0)) for run in runs[:RECENT_SHOWN]}
    return {f"epochs-{id}": f"{n:,}" if n else "–" for id, n in done.items()}


def _overlay_switch(run: RunRecord, shown: str | None, overlay: Sequence[str]) -> Component:
    if run.id == shown:
        return html.Span("shown", className="muted")
    on = run.id in overlay
    full = len(overlay) >= MOST_OVERLAID and not on
    words = f"Take run #{run.number} off the curves" if on else f"Lay run #{run.number} over the curves"
    spoken: dict[str, Any] = {"aria-pressed": "true" if on else "false", "aria-label": words}
    return html.Button(
        [icon("layers-fill" if on else "layers"), " Overlay"], type="button", className=f"btn btn-quiet btn-sm{' is-on' if on else ''}",
        disabled=full, title=f"At most {MOST_OVERLAID} runs at once" if full else words, **{"data-act": "overlay", "data-to": "live-action", "data-id": run.id},
        **spoken,
    )  # fmt: skip


def log_key(run: RunRecord | None, feed: Feed) -> str:
    """What tells the log of a run from a longer one, and from another run's."""
    return f"{run.id if run else ''}:{feed.generation}:{feed.log[-1].seq if feed.log else 0}"


def log_place(run: RunRecord | None, feed: Feed) -> Component:
    """The lines of the training log, which grow while the page is open."""
    return part_place("log-lines", log_lines(feed.log), key=log_key(run, feed), className="log-box", tabIndex="0")


def log_section(run: RunRecord | None, feed: Feed) -> Component:
    """The training log."""
    return section("Training log", log_place(run, feed))
