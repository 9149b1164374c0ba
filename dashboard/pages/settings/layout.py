"""The Settings page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import badge, button, icon, page_header, section
from dashboard.components.code import with_code
from dashboard.pages.settings.ways import Told
from workbench.actors import actor_name
from workbench.people.records import MOST_CHARACTERS

THEMES = (("light", "Light", "sun"), ("dark", "Dark", "moon-stars"), ("auto", "As the system", "circle-half"))


class Line(Protocol):
    """One setting of the server, as `Settings.describe` returns it."""

    @property
    def variable(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def help(self) -> str: ...


def layout(own: Component, lines: Sequence[Line], told: Told, *, users: Component | None = None) -> Component:
    """The page.

    Args:
        own: `identity` of this browser, or the user's account. lines: the server's settings. told: what the server tells people of ended
            runs. users: those of the server, for an administrator.
    """
    browser = [on_the_desktop(), by_the_server(told)]
    lead = "Your account is yours in every browser; theme and notices belong to this one, the rest to the server."
    if isinstance(own, html.Section):
        lead = "Your name, theme and notices belong to this browser; the rest belongs to the server."
        parts = [html.Div([own, appearance()], className="settings-pair"), html.Div(browser, className="settings-pair")]
    else:
        parts = [own, *([users] if users is not None else []), html.Div([appearance(), browser[0]], className="settings-pair"), browser[1]]
    return html.Div([page_header("Settings", lead=lead), *parts, server_settings(lines)], className="settings-page")


def identity(me: str, name: str) -> Component:
    """The display name."""
    field = dcc.Input(
        id="settings-name",
        type="text",
        value=name,
        maxLength=MOST_CHARACTERS,
        placeholder=actor_name(me),
        className="form-control",
        autoComplete="nickname",
        n_submit=0,
    )
    body = [
        html.Label("Display name", htmlFor="settings-name", className="field-label"),
        html.Div([field, button("Save", id="settings-name-save", kind="primary")], className="field-row"),
        html.P(
            [
                "Others see it in the history of models instead of ",
                html.Strong(actor_name(me)),
                ". Undo always takes back only what this browser did.",
            ],
            className="field-help",
        ),
    ]
    return section("You", body)


def appearance() -> Component:
    """The theme."""
    buttons = [
        html.Button([icon(picture, className="me-1"), label], type="button", className="btn btn-outline-secondary", **_choice(key))
        for key, label, picture in THEMES
    ]
    return section(
        "Appearance",
        [
            html.Div(buttons, className="theme-choices", role="group", **_named("Theme")),
            html.P("Kept in this browser.", className="field-help"),
        ],
    )


def on_the_desktop() -> Component:
    """Notices of this browser, which `desktop.js` turns on and off."""
    off: dict[str, Any] = {"data-desktop-choice": "", "aria-pressed": "false"}
    said: dict[str, Any] = {"role": "status"}
    choice = html.Button(
        [icon("bell", className="me-1"), "Notices on this desktop"], type="button", className="btn btn-outline-secondary", **off
    )
    return section(
        "When a run ends, in this browser",
        [
            choice,
            html.P("Shown while a page of Trellis is open and out of sight.", className="field-help"),
            html.P(id="settings-desktop-said", className="field-help", **said),
        ],
    )


def by_the_server(told: Told) -> Component:
    """The ways on which the server tells people, with a test of them, or how to set one up."""
    title = "When a run ends, from the server"
    if not told.ways:
        words = [
            "It tells nobody. Set ", html.Code("TRELLIS_NOTIFY_WEBHOOK"), ", or ", html.Code("TRELLIS_NOTIFY_EMAIL"), " with ",
            html.Code("TRELLIS_SMTP_HOST"), ", and start it again.",
        ]  # fmt: skip
        return section(title, html.P(words, className="field-help"))
    rows = [html.Li([html.Strong(name), f": {where}"]) for name, where in told.ways]
    said: dict[str, Any] = {"role": "status"}
    test = button("Send a test", id="settings-notify-test", icon_name="send")
    return section(
        title,
        [html.Ul(rows, className="settings-ways"), test, html.P(id="settings-notify-said", className="field-help", **said)],
        note=f"It tells of {told.runs}.",
    )


def server_settings(lines: Sequence[Line]) -> Component:
    """Every setting with its value, where that came from, and the variable that sets it."""
    head = html.Tr([html.Th(text, scope="col") for text in ("Setting", "Value", "From")])
    rows = [
        html.Tr(
            [
                html.Td([html.Code(line.variable), html.Div(with_code(line.help), className="muted small")]),
                html.Td(html.Span(line.value, className="value")),
                html.Td(badge("default", "muted") if line.source == "default" else badge(line.source, "info")),
            ]
        )
        for line in lines
    ]
    note = "Read from the environment when the server starts; restart it to change one. “trellis settings” prints the same."
    return section(
        "Server",
        html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table settings-table"), className="table-scroll"),
        note=note,
    )


def _choice(key: str) -> dict[str, Any]:
    return {"data-theme-choice": key}


def _named(label: str) -> dict[str, Any]:
    return {"aria-label": label}
