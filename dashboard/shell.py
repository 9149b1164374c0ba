"""The frame around every page: navigation, active runs, undo, theme, toasts, and the place where pages appear.

Ids that pages may use:

| id | what |
|---|---|
| `url` | the `dcc.Location`: where the browser is; `go` sends it elsewhere, its `search` may be set |
| `page` | the container whose children are the page |
| `refresh` | a `dcc.Store`; write anything new into it (`dashboard.shell.redraw()`) to draw the current page again |
| `theme` | a `dcc.Store` with "light" or "dark", as shown now: an Input for figures |
| `toast-inbox` | toasts; use `dashboard.components.notify` |
| `shell-action` | receives `act("shell-action", "stop-run", run_id)`, and `"restore"` with a kind as value, from anywhere |
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from dash import dcc, html, set_props
from dash.development.base_component import Component

from dashboard.below import at
from dashboard.components import act, again, badge, empty_state, icon, icon_button, link_button, progress_bar, run_badge
from dashboard.components.attributes import attrs
from dashboard.components.outline import page_outline
from dashboard.components.question import QUESTION
from dashboard.components.toast import INBOX, UNDO_STORE
from dashboard.live import launch
from dashboard.live.words import duration
from dashboard.pages.page import Entry, Page, shortcuts_to
from dashboard.standing import Gone
from workbench.kinds import kind_of
from workbench.state import RunRecord

TICK_IDLE, TICK_ACTIVE = 5000, 2000
"""Milliseconds between looks at active runs and undo, without and with an active run."""


class ActiveRun(NamedTuple):
    """An active run as the bar shows it: `title` of what it is about, and where that is followed.

    `fraction` and `eta_seconds` are None while unknown, `obstacle` (why it may stand still, a sentence) while nothing is known.
    """

    run: RunRecord
    title: str
    href: str
    fraction: float | None
    eta_seconds: float | None
    obstacle: str | None = None


def frame(pages: Sequence[Page]) -> Component:
    """The whole window; pages appear in `page`.

    Args:
        pages: every page, whose entries make the bar, in their order.
    """
    return html.Div(
        [
            html.A("Skip to content", href="#page", className="skip-link"),
            dcc.Location(id="url", refresh="callback-nav"),
            _bar(pages),
            html.Div(id="page-gone", role="status"),
            html.Main(page_outline(), id="page", tabIndex="-1"),
            html.Div(id="toasts", className="toasts", role="region", **attrs({"aria-label": "Messages", "aria-live": "polite"})),
            dcc.Interval(id="shell-tick", interval=TICK_IDLE),
            *(
                dcc.Store(id=name)
                for name in (
                    "refresh",
                    "theme",
                    "shell-action",
                    "shell-seen",
                    "shell-shown",
                    "page-meta",
                    "shell-sink",
                    "spark-request",
                    "spark-values",
                    INBOX,
                    QUESTION,
                    UNDO_STORE,
                )
            ),
            *launch.stores(),
        ],
        id="frame",
        **attrs({"data-go": json.dumps(shortcuts_to(pages))}),
    )


def _bar(pages: Sequence[Page]) -> Component:
    entered = [(page, page.entry) for page in pages if page.entry]
    links = [_entry(page, entry) for page, entry in entered if not entry.aside]
    brand = dcc.Link(
        [html.Span(className="brand-mark", **attrs({"aria-hidden": "true"})), html.Span("Trellis", className="brand-words")],
        href="/",
        className="brand",
        title="Trellis: all models",
    )
    right = [
        html.Details(
            [html.Summary(active_summary(()), id="active-summary"), html.Div(active_list(()), id="active-list", className="pop")],
            className="pop-host",
            id="active-runs",
        ),
        icon_button("arrow-counterclockwise", "Nothing to undo", id="undo", disabled=True),
        _theme_menu(),
        *(_aside(page, entry) for page, entry in entered if entry.aside),
    ]
    return html.Header(
        [brand, html.Nav(links, className="nav-entries", **attrs({"aria-label": "Main"})), html.Div(right, className="bar-right")],
        className="bar-top",
    )


def _entry(page: Page, entry: Entry) -> Component:
    words = [icon(entry.icon), html.Span(entry.title, className="nav-words")]
    return dcc.Link(words, href=page.path_template, className="nav-entry", id=f"nav-{page.nav}", title=entry.hint or entry.title)


def _aside(page: Page, entry: Entry) -> Component:
    words = [icon(entry.icon), html.Span(entry.title, className="visually-hidden")]
    return dcc.Link(words, href=page.path_template, className="btn btn-icon nav-entry-aside", title=entry.title, id=f"nav-{page.nav}")


def _theme_menu() -> Component:
    entries = [("light", "Light", "sun"), ("dark", "Dark", "moon-stars"), ("auto", "As the system", "circle-half")]
    items = [
        html.Button([icon(picture), label], type="button", className="pop-item", **attrs({"data-theme-choice": key}))
        for key, label, picture in entries
    ]
    summary = html.Summary(icon("circle-half"), className="btn btn-icon", title="Theme", **attrs({"aria-label": "Theme"}))
    return html.Details([summary, html.Div(items, className="pop pop-menu")], className="pop-host", id="theme-menu")


def active_summary(runs: Sequence[ActiveRun]) -> Component:
    """What the bar shows of active runs: how many, and the one nearest to its end with a thin progress bar."""
    if not runs:
        return html.Span([icon("activity"), html.Span("No active runs", className="active-words")], className="active active-none")
    nearest = min(runs, key=_nearness)
    held = next((run.obstacle for run in runs if run.obstacle), None)
    kind = "active run" if len(runs) == 1 else "active runs"
    if held is not None:
        return html.Span([icon("exclamation-triangle"), _count(len(runs), f"{kind}, held up")], className="active", title=held)
    bar = progress_bar(nearest.fraction, label=f"Progress of {nearest.title}", thin=True)
    return html.Span([icon("activity"), html.Span([_count(len(runs), kind), bar], className="active-column")], className="active")


def _count(number: int, rest: str) -> Component:
    """How many active runs; a small screen shows the number alone."""
    return html.Span([str(number), html.Span(f" {rest}", className="active-rest")], className="active-words")


def _nearness(run: ActiveRun) -> float:
    if run.eta_seconds is not None:
        return run.eta_seconds
    return 1e9 * (2.0 - (run.fraction or 0.0))


def active_list(runs: Sequence[ActiveRun]) -> Component:
    """All active runs with their progress and a button each that stops it."""
    if not runs:
        return html.P("Nothing is training now. Runs that are queued or training appear here.", className="pop-empty")
    return html.Ul([html.Li(_active_row(run), className="active-row") for run in runs], className="active-rows")


def _active_row(active: ActiveRun) -> list[Component]:
    run = active.run
    left = f"{duration(active.eta_seconds)} left" if active.eta_seconds is not None else ""
    words = kind_of(run.subject.kind).run_words
    stop: Component = (
        badge(words.stopping, "warning")
        if run.stop_requested_at
        else html.Button(words.stop, type="button", className="btn btn-outline-secondary btn-sm", **act("shell-action", "stop-run", run.id))
    )
    return [
        html.Div(
            [
                dcc.Link(active.title, href=active.href, className="active-name"),
                html.Div(
                    [run_badge(run), html.Span(f"run #{run.number}", className="muted"), html.Span(left, className="muted")],
                    className="active-facts",
                ),
                progress_bar(active.fraction, label=f"Progress of {active.title}", thin=True),
                *([html.P(active.obstacle, className="field-message")] if active.obstacle else []),
            ],
            className="active-body",
        ),
        stop,
    ]


def undo_button(words: str | None) -> dict[str, Any]:
    """Properties of the undo button: its tooltip says what it would undo."""
    title = f"Undo: {words}" if words else "Nothing to undo"
    return {"title": title, "disabled": words is None}


def not_found(
    path: str, above: Page | None = None, *, named: str = "", without: tuple[str, str] | None = None, gone: Gone | None = None
) -> Component:
    """The page for an address that leads nowhere; `above` is the nearest page above it.

    Args:
        named: what it names that is not there, in sentences. without: (title, address) of the page that there is without it.
        gone: the deleted record that it names.
    """
    text = named or f"There is nothing at {at(path)}."
    others = [] if gone is None else [_restore(gone)]
    others += [] if above is not None else [link_button("All runs", "/runs")]
    others += [link_button(*without)] if without is not None else []
    return empty_state("Nothing here", text, actions=[_way_back(above), *others])


def gone_notice(gone: Gone) -> Component:
    """What an open page says of a record that was deleted meanwhile; `data-gone` tells its scripts to ask no more."""
    words = html.P([gone.words, " This page shows what was known of it." if gone.page else ""])
    return html.Div(
        [icon("trash3"), words, _restore(gone)],
        className="note note-warning page-gone",
        **attrs({"data-gone": "page" if gone.page else "part"}),
    )


def _restore(gone: Gone) -> Component:
    words = f"Restore the {kind_of(gone.kind).word}"
    return html.Button(
        words, type="button", className="btn btn-outline-secondary", **act("shell-action", "restore", gone.id, value=gone.kind)
    )


def broken(message: str, hint: str | None, above: Page | None = None) -> Component:
    """The page for one that could not be drawn; `above` is the nearest page above it."""
    return empty_state(
        "This page could not be drawn", " ".join(filter(None, (message, hint))), actions=[again(), _way_back(above, kind="secondary")]
    )


def _way_back(above: Page | None, *, kind: Literal["primary", "secondary"] = "primary") -> Component:
    words, href = ("All models", "/") if above is None else (f"To {above.title}", above.path_template)
    return link_button(words, href, kind=kind)


def go(href: str) -> None:
    """From a callback: go to an address within the app."""
    set_props("url", {"href": at(href)})


def redraw() -> None:
    """From a callback: draw the current page again from the state."""
    set_props("refresh", {"data": time.time()})
