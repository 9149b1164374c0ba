"""Every figure of the family for one run's diagnostics: drawn when it comes into view, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import plots
from dashboard.about import results_of
from dashboard.components import badge, empty_state, icon, icon_button, link_button
from dashboard.components.outline import wait_outline
from workbench.families import Dial, Figure, family
from workbench.state import RunRecord

HEIGHT = 440

DIAL_WAIT = 150
"""Milliseconds that a slider rests before figures are drawn anew."""

_POLITE: dict[str, Any] = {"aria-live": "polite"}


@dataclass(frozen=True)
class Place:
    """A figure and whether it can be drawn for a run: `reason` says why not."""

    figure: Figure
    state: Literal["shown", "not applicable"]
    reason: str = ""


def places_of(figures: Sequence[Figure], resolved: dict[str, Any], held: Any) -> tuple[Place, ...]:
    """Which figures apply to a run of these values, for a model that holds `held` now."""
    found = []
    for figure in figures:
        reason = figure.applies(resolved, held)
        found.append(Place(figure, "shown" if reason is None else "not applicable", reason or ""))
    return tuple(found)


@dataclass(frozen=True)
class Beside:
    """Another run of the model, beside the one that is shown: which figures apply to it, none if it has no diagnostics."""

    run: RunRecord
    places: tuple[Place, ...]

    def why_not(self, figure: Figure) -> str | None:
        """Why it has no such figure, in a sentence; None if it can be drawn."""
        if not self.places:
            return "This run has no diagnostics."
        place = next((place for place in self.places if place.figure is figure), None)
        return None if place is None or place.state == "shown" else f"It does not apply: {place.reason}."


def diagnose(
    run: RunRecord | None,
    runs: Sequence[RunRecord],
    places: Sequence[Place],
    *,
    has_bundle: bool,
    base: str,
    why_not: str | None = None,
    beside: Beside | None = None,
) -> Component:
    """Figures of a run, those that apply first.

    Args:
        run: the run shown. runs: the ones to choose from, newest first. base: address of this page without its query.
        has_bundle: whether the run has written its diagnostics. why_not: why they cannot be computed now, if so.
        beside: another run whose figures stand beside those of `run`.
    """
    if run is None:
        return empty_state(
            "Nothing to diagnose yet", "Figures are drawn from what a run writes when it ends. Train this model first.",
            actions=[link_button("Go to training", base.replace("/diagnose", "/train"), kind="primary")],
        )  # fmt: skip
    chooser = run_chooser(run, runs, beside.run if beside else None)
    if not has_bundle:
        if run.state.active:
            going = empty_state("No diagnostics for this run", "This run is still going on: its figures appear when it ends.")
            return html.Div([chooser, going, *figure_stores(run.id)])
        return html.Div([chooser, compute(run, why_not), *figure_stores(run.id)])
    shown = [p for p in places if p.state == "shown"]
    rest = [p for p in places if p.state != "shown"]
    looking = family(run.family).looking
    dials = {} if looking is None else {dial.name: dial for dial in looking.dials}
    if beside is not None:
        shown = [p for p in places if p.state == "shown" or beside.why_not(p.figure) is None]
        rest = [p for p in places if p not in shown]
        grid = html.Div([pair(p, run, beside, dials) for p in shown], className="figure-pairs")
    else:
        grid = html.Div([figure_card(p.figure, dials) for p in shown], className="figure-grid")
    return html.Div(
        [
            chooser,
            html.Div(id="figure-notices", className="live-notices", **_POLITE),
            contents([p.figure for p in shown]),
            grid,
            *([not_applicable(rest)] if rest else []),
            *figure_stores(run.id),
        ]
    )


def pair(place: Place, run: RunRecord, beside: Beside, dials: Mapping[str, Dial]) -> Component:
    """One figure of two runs side by side; a run that has none says why."""
    reasons = ((run, None if place.state == "shown" else f"It does not apply: {place.reason}."), (beside.run, beside.why_not(place.figure)))
    cards = [figure_card(place.figure, dials, of) if reason is None else no_figure(place.figure, of, reason) for of, reason in reasons]
    return html.Div(cards, className="figure-pair", id=f"figure-{place.figure.name}")


def contents(figures: Sequence[Figure]) -> Component:
    """Links to the figures of the page, which is many screens long."""
    links = [html.Li(html.A(figure.title, href=f"#figure-{figure.name}")) for figure in figures]
    summary = html.Summary([icon("list-ul", className="me-1"), f"{len(links)} figures on this page"], className="more-title")
    named: dict[str, Any] = {"aria-label": "Figures"}
    listed = html.Nav(html.Ul(links, className="figure-contents"), **named)
    return html.Details([summary, listed], open=True, className="fold panel figure-list")


def compute(run: RunRecord, why_not: str | None) -> Component:
    """The place of an ended run's figures while it has no diagnostics: what can be done about it."""
    if why_not is not None:
        return empty_state("No diagnostics for this run", why_not)
    text = (
        f"Run #{run.number} ended without diagnostics, but its checkpoint holds all that they need. "
        "Computing them takes about as long as an epoch or two, and trains nothing."
    )
    begin = html.Button(
        [icon("clipboard-data", className="me-1"), "Compute diagnostics"], id="diagnose-compute", type="button", className="btn btn-primary"
    )
    cancel = html.Button("Cancel", id="diagnose-cancel", type="button", className="btn btn-outline-secondary", disabled=True)
    return html.Div(
        [
            empty_state("No diagnostics for this run", text, actions=[begin, cancel]),
            html.P(id="diagnose-words", className="muted text-center", role="status"),
            dcc.Store(id="diagnose-asked"),
            dcc.Store(id="diagnose-done"),
        ]
    )


NO_RUN = "-"
"""What the choice of a run beside says while there is none (an empty value would show as blank)."""


def run_chooser(run: RunRecord, runs: Sequence[RunRecord], beside: RunRecord | None = None) -> Component:
    """Which run the figures are of, and which stands beside it."""
    options: Any = [{"label": f"#{r.number}, {r.state.value}", "value": r.id} for r in runs]
    others: Any = [{"label": "no other run", "value": NO_RUN}, *(option for option in options if option["value"] != run.id)]
    return html.Div(
        [
            html.Label("Figures of run", htmlFor="figure-runs"),
            dbc.Select(id="figure-runs", options=options, value=run.id, className="run-chooser"),
            html.Label("beside", htmlFor="figure-beside"),
            dbc.Select(
                id="figure-beside", options=others, value=beside.id if beside else NO_RUN, className="run-chooser", disabled=len(runs) < 2
            ),
            dcc.Link("its page", href=f"/run/{run.id}"),
            *([dcc.Link(f"its {results.title.lower()}", href=results.href)] if (results := results_of(run)) else []),
            html.Span(id="figure-labels", className="muted", **_POLITE),
            dcc.Store(id="figure-shown", data={"run": run.id, "beside": beside.id if beside else NO_RUN}),
        ],
        className="chooser",
    )


def figure_card(figure: Figure, dials: Mapping[str, Dial], run: RunRecord | None = None) -> Component:
    """A figure's place: title, what to look for, its dials, and the figure once it is on screen.

    Args:
        run: whose figure it is, where a page shows those of several runs beside each other; None: of the page's run.
    """
    name, of = figure.name, {"name": figure.name, "run": "" if run is None else run.id}
    title = figure.title if run is None else f"{figure.title}, #{run.number}"
    spoken: dict[str, Any] = {"data-lazy-figure": name, "data-lazy-run": of["run"]}
    downloads = html.Div(
        [
            *(
                icon_button(
                    picture,
                    f"{title} as {kind.upper()}",
                    className="btn-sm",
                    **{"data-figure-save": kind, "data-figure": file_name(figure, run)},
                )
                for kind, picture in (("png", "file-earmark-image"), ("svg", "filetype-svg"))
            ),
            icon_button(
                "filetype-csv",
                f"Data of {title} as CSV",
                className="btn-sm",
                **{"data-act": "csv", "data-to": "figure-action", "data-id": name, "data-value": of["run"]},
            ),
        ],
        className="figure-downloads",
    )
    head = html.Div(
        [html.Div([html.H2(title, className="figure-title"), html.P(figure.look_for, className="figure-note")]), downloads],
        className="figure-head",
    )
    turned = [dial_control(figure, dials[name], of["run"]) for name in figure.dials]
    body = html.Div(wait_outline(5, label=f"Drawing {title}"), id={"type": "figure-body", **of}, className="figure-body")
    seen = dcc.Store(id={"type": "figure-seen", **of})
    anchor = f"figure-{name}" if run is None else f"figure-{name}-{run.id}"
    return html.Article([head, *turned, body, seen], className="panel figure-card", id=anchor, **spoken)


def no_figure(figure: Figure, run: RunRecord, reason: str) -> Component:
    """The place of a figure that a run does not have, beside those of other runs, with the reason."""
    return html.Article(
        [html.H2(f"{figure.title}, #{run.number}", className="figure-title"), html.P(reason, className="muted")],
        className="panel figure-card",
    )


def figure_stores(run_id: str | None = None) -> list[Component]:
    """What a page with figure cards needs once; `run_id` is that of the cards that name no run of their own."""
    return [
        dcc.Download(id="figure-download"), dcc.Store(id="figure-action"), dcc.Store(id="figure-dials", data={}), dcc.Store(id="figure-run", data=run_id),
    ]  # fmt: skip


def file_name(figure: Figure, run: RunRecord | None) -> str:
    """What a downloaded figure is called, without its ending."""
    return figure.name if run is None else f"run-{run.number}-{figure.name}"


def dial_control(figure: Figure, dial: Dial, run_id: str = "") -> Component:
    """A slider of a figure; all of a page's sliders of one dial move together. `run_id`: see `figure_card`."""
    of = {"name": figure.name, "run": run_id, "dial": dial.name}
    slider = dbc.Input(
        id={"type": "figure-dial", **of}, type="range", min=dial.minimum, max=dial.maximum, step=dial.step, value=dial.default,
        debounce=DIAL_WAIT, className="form-range live-slider",
    )  # fmt: skip
    words = html.Output(dial.words(dial.default), id={"type": "figure-dial-words", **of})
    return html.Div([html.Label([dial.label, slider]), words], className="live-control dial-control")


def drawn(figure: Figure, plot: Any, run_id: str = "") -> Component:
    """A figure's body once it is drawn. `run_id`: see `figure_card`."""
    return plots.graph(plot, {"type": "figure-graph", "name": figure.name, "run": run_id}, label=f"{figure.title}. {figure.look_for}")


def failed(figure: Figure, error: Exception) -> Component:
    """A figure's body when it could not be drawn."""
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return html.Div(
        [badge("Failed", "danger", icon_name="exclamation-octagon"), html.P(f"{figure.title} could not be drawn. {words}")],
        className="figure-failed",
        role="status",
    )


def not_applicable(places: Sequence[Place]) -> Component:
    """The figures that say nothing about this model, each with its reason."""
    rows = [html.Li([html.Strong(p.figure.title), html.Span(f": {p.reason}", className="muted")]) for p in places]
    summary = html.Summary(
        [icon("slash-circle", className="me-1"), f"{len(places)} figures do not apply to this model"], className="more-title"
    )
    return html.Details([summary, html.Ul(rows, className="fold-body")], className="fold panel")
