"""The live part's callbacks: one poll that notices what is new, and those that draw it.

The poll (`beat`) asks for events after its cursor and writes what is new into `live-news`; curves and panels listen to
that, so nothing is drawn while nothing happens. It alone writes the progress bar. The next poll starts only after the answer to the last one, because an
Interval that overtakes its callback would never update the page. While curves are still being drawn the poll holds
its news back.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from dashboard import plots
from dashboard.components import read_action
from dashboard.context import current
from dashboard.live import curves
from dashboard.live.curves import Overlay, View
from dashboard.live.feed import Feed
from dashboard.live.panel import DRAWN, LIVE_HEIGHT, MOST_OVERLAID, live_height, log_lines, notices_list, recent_runs
from dashboard.live.reader import feed_of
from dashboard.live.status import bar_properties, ended_words, metrics_strip, progress_of
from dashboard.live.warnings import notices
from workbench.families import LiveFigure, Metrics, Panel, family
from workbench.runs.queueing import waiting_words
from workbench.state import AppState, RunRecord

HOLD_BACK = 6.0
"""Seconds after which news go out even if nobody said that the last were drawn."""


def register(app: Dash) -> None:
    """Add the live part's callbacks."""
    _register_beat(app)
    _register_curves(app)
    _register_panels(app)


def shown_run(state: AppState, target: dict[str, Any]) -> RunRecord | None:
    """The run a page shows: the model's newest if it follows the latest, else the one it was opened for."""
    if target.get("latest"):
        return next(iter(state.runs_of(target["model"])), None)
    return state.runs.get(target["run"]) if target.get("run") else None


def news_of(run: RunRecord | None, feed: Feed) -> dict[str, Any]:
    """What identifies everything a page shows of a run; a page draws when it differs from what it has seen."""
    return phase_of(run) | {"seq": feed.cursor, "generation": feed.generation}


def phase_of(run: RunRecord | None) -> dict[str, Any]:
    """What changes seldom in a run's course; what does not depend on single epochs listens to it alone."""
    if run is None:
        return {"run": None}
    return {"run": run.id, "attempt": run.attempt, "state": run.state.value, "stop": run.stop_requested_at or ""}


def _register_beat(app: Dash) -> None:
    # The shell looks for active runs on its own: what it finds may be a run that somebody else started. While this page
    # polls, it is not passed on, because a callback asked again before it has answered loses its answer.
    app.clientside_callback(
        ClientsideFunction("trellis", "nudge_when_idle"), Output("live-nudge", "data"), Input("shell-seen", "data"), State("live-tick", "disabled"),
        prevent_initial_call=True,
    )  # fmt: skip

    @app.callback(
        Output("live-news", "data"), Output("live-phase", "data"), Output("live-tick", "disabled"),
        Output("live-progress", "className"), Output("live-metrics", "children"), Output("live-ended", "children"),
        Output("live-bar-fill", "style"), Output("live-bar", "className"), Output("live-bar", "aria-valuenow"), Output("live-words", "children"),
        Input("live-tick", "n_intervals"), Input("live-nudge", "data"), Input("live-asked", "data"), Input("launching", "data"),
        State("live-target", "data"), State("live-news", "data"), State("live-phase", "data"), State({"type": "live-drawn", "of": ALL}, "data"),
        running=[(Output("live-tick", "max_intervals"), 0, -1)],
    )  # fmt: skip
    def beat(
        _tick: Any, _nudge: Any, _asked: Any, _launching: Any, target: dict[str, Any] | None, news: dict[str, Any] | None,
        phase: dict[str, Any] | None, drawn: list[Any],
    ) -> Any:  # fmt: skip
        if target is None:
            return (no_update,) * 10
        workbench = current().workbench
        state = workbench.state()
        run = shown_run(state, target)
        feed = feed_of(workbench, run.id) if run else Feed()
        fresh = news_of(run, feed)
        active = run is not None and run.state.active
        if news is not None and fresh == {key: value for key, value in news.items() if key != "at"}:
            return no_update, no_update, not active, *(no_update,) * 7
        if active and ctx.triggered_id == "live-tick" and held_back(news, drawn[0] if drawn else None):
            return (no_update,) * 10
        now, named = phase_of(run), bool(target.get("latest"))
        return (
            fresh | {"at": time.time()}, no_update if now == phase else now, not active,
            "live-progress" if active else "live-progress d-none", metrics_strip(run, feed, named=named),
            ended_words(run, named=named) if run else None, *((no_update,) * 4 if run is None else bar_outputs(state, run, feed)),
        )  # fmt: skip


def bar_outputs(state: AppState, run: RunRecord, feed: Feed) -> tuple[Any, ...]:
    """The progress bar's outputs."""
    progress = progress_of(run, feed, waiting_words(state, run))
    return (*bar_properties(progress), progress.words)


def held_back(news: dict[str, Any] | None, drawn: dict[str, Any] | None, now: float | None = None) -> bool:
    """Whether curves are still being drawn from earlier news. `drawn` is None on pages without curves."""
    if not news or not drawn or news.get("run") != drawn.get("run"):
        return False
    late = (time.time() if now is None else now) - news.get("at", 0.0)
    return news.get("seq", 0) > drawn.get("seq", 0) and late < HOLD_BACK


def _register_curves(app: Dash) -> None:
    @app.callback(
        Output({"type": "live-curve", "name": ALL}, "figure"), Output({"type": "live-panel", "name": ALL}, "hidden"),
        Output(DRAWN, "data"), Output("live-hidden", "options"),
        Input("live-news", "data"), Input("live-smoothing", "value"), Input("live-log", "value"), Input("live-hidden", "value"),
        Input("live-overlay", "data"), Input("theme", "data"), Input("narrow", "data"), State(DRAWN, "data"),
    )  # fmt: skip
    def draw_curves(
        news: dict[str, Any] | None, smoothing: str | float | None, log: bool | None, hidden: list[str] | None, overlay: list[str] | None,
        theme: str | None, narrow: bool | None, drawn: dict[str, Any] | None,
    ) -> Any:  # fmt: skip
        names = [output["id"]["name"] for output in ctx.outputs_list[0]]
        if news is None or theme is None or narrow is None:
            return [no_update] * len(names), [no_update] * len(names), no_update, no_update
        workbench = current().workbench
        run_id = news.get("run")
        feed = feed_of(workbench, run_id) if run_id else Feed()
        view = View(float(smoothing or 0), bool(log), tuple(hidden or ()), tuple(overlay or ()), theme == "dark", narrow)
        return curve_outputs(workbench, run_id, feed, view, drawn, names)


def curve_outputs(
    workbench: Any, run_id: str | None, feed: Feed, view: View, drawn: dict[str, Any] | None, names: Sequence[str]
) -> tuple[list[Any], list[bool], dict[str, Any], Any]:
    """Outputs of the curves' callback for the panels `names`: patches where the figures drawn fit, else figures in full.

    A panel for which the run has reported nothing by its first epoch is hidden: its kind of model has no such metrics.
    """
    palette = plots.curve_palette(view.dark)
    run = workbench.state().runs.get(run_id) if run_id else None
    declared = family(run.family) if run else None
    metrics = declared.measures if declared else Metrics()
    known = {panel.name: panel for panel in declared.panels} if declared else {}
    panels = [known.get(name) or Panel(name, "", "") for name in names]
    groups = [curves.axes_of(panel, feed, metrics, palette, view.hidden if panel.hideable else ()) for panel in panels]
    now = {
        "run": run_id, "seq": feed.cursor, "generation": feed.generation, "view": view.key,
        "structure": [curves.structure(axes) for axes in groups],
    }  # fmt: skip
    fits = drawn is not None and all(drawn.get(key) == now[key] for key in ("run", "generation", "view"))
    figures: list[Any] = []
    idle = [
        bool(feed.epoch) and not panel.hideable and not any(one.lines for one in axes) for panel, axes in zip(panels, groups, strict=True)
    ]
    overlays: list[Overlay] | None = None
    for index, (panel, axes) in enumerate(zip(panels, groups, strict=True)):
        if fits and drawn is not None and drawn["structure"][index] == now["structure"][index]:
            patch = curves.patch(axes, feed, drawn["seq"], view)
            figures.append(no_update if patch is None else patch)
            continue
        if overlays is None:
            overlays = _overlays(workbench, view.overlay, run_id)
        if not any(one.lines for one in axes):
            words = panel.empty if feed.epoch else "Curves appear with the first epoch"
            figures.append(plots.blank(panel.height, words, dark=view.dark))
            continue
        shown = overlays if panel.overlays else []
        figures.append(
            curves.draw(
                axes, feed, view, palette, template=plots.template(view.dark), overlays=shown, height=panel.height,
                columns=panel.columns if panel.each else 1, log=panel.log,
            )
        )  # fmt: skip
    options = [{"label": metric.label, "value": metric.key} for metric in curves.hideable(panels, feed, metrics)]
    same = drawn is not None and drawn.get("run") == run_id and drawn["structure"] == now["structure"]
    return figures, idle, now, no_update if same else options


def _overlays(workbench: Any, run_ids: tuple[str, ...], shown: str | None) -> list[Overlay]:
    state = workbench.state()
    records = [state.runs[id] for id in run_ids if id in state.runs and id != shown]
    return [Overlay(r.id, f"#{r.number}", feed_of(workbench, r.id)) for r in records[:MOST_OVERLAID]]


def _register_panels(app: Dash) -> None:
    @app.callback(
        Output({"type": "live-figure", "name": ALL}, "figure"), Output("live-log-lines", "children"), Output("live-notices", "children"),
        Output("live-panels-seen", "data"), Input("live-news", "data"), Input("theme", "data"), State("live-panels-seen", "data"),
    )  # fmt: skip
    def draw_panels(news: dict[str, Any] | None, theme: str | None, seen: dict[str, Any] | None) -> Any:
        names = [output["id"]["name"] for output in ctx.outputs_list[0]]
        if news is None or theme is None:
            return [no_update] * len(names), no_update, no_update, no_update
        workbench = current().workbench
        run = workbench.state().runs.get(news["run"]) if news.get("run") else None
        feed = feed_of(workbench, run.id) if run else Feed()
        figures = live_figures(run, feed, names, dark=theme == "dark")
        log_seq = feed.log[-1].seq if feed.log else 0
        now = {"run": news.get("run"), "log": log_seq, "generation": feed.generation}
        log = no_update if now == seen else log_lines(feed.log)
        return figures, log, notices_list(notices(family(run.family) if run else None, feed)), now

    @app.callback(Output("live-overlay", "data"), Input("live-action", "data"), State("live-overlay", "data"), prevent_initial_call=True)
    def toggle_overlay(data: Any, overlay: list[str] | None) -> Any:
        action = read_action(data)
        if action is None or action.name != "overlay":
            return no_update
        kept = [id for id in overlay or [] if id != action.id]
        return kept if action.id in (overlay or []) else [*kept, action.id][-MOST_OVERLAID:]

    @app.callback(
        Output("live-recent", "children"), Input("live-news", "data"), Input("live-overlay", "data"), State("live-target", "data"),
    )  # fmt: skip
    def draw_recent(phase: dict[str, Any] | None, overlay: list[str] | None, target: dict[str, Any] | None) -> Any:
        if phase is None or target is None:
            return no_update
        workbench = current().workbench
        runs = workbench.state().runs_of(target["model"])
        shown = phase.get("run")
        # A run's record counts epochs that a checkpoint holds; what trains now is further than that.
        epochs = {shown: feed_of(workbench, shown).epoch} if shown and any(run.id == shown and run.state.active for run in runs) else {}
        return recent_runs(runs, shown, overlay or [], epochs)


def live_figures(run: RunRecord | None, feed: Feed, names: list[str], *, dark: bool) -> list[Any]:
    """The family's live figures of those names, drawn from the newest diagnostics; blank ones where there is nothing yet."""
    by_name = {figure.name: figure for figure in family(run.family).live_figures} if run else {}
    drawn = []
    for name in names:
        figure = by_name.get(name)
        values = feed.latest(figure.diagnostics) if figure else {}
        height = live_height(figure) if figure else LIVE_HEIGHT
        if figure is None or not values:
            drawn.append(plots.blank(height, "Appears with the first epoch", dark=dark))
            continue
        drawn.append(plots.safely(partial(_draw_live, figure, values, dark), height=height, dark=dark))
    return drawn


def _draw_live(figure: LiveFigure, values: Mapping[str, Any], dark: bool) -> Any:
    return figure.draw.load()(values, dark=dark).update_layout(height=live_height(figure), uirevision=figure.name)
