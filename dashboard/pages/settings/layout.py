"""The Settings page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import badge, button, icon, page_header, section
from dashboard.names import MOST_CHARACTERS
from workbench.actors import actor_name

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


def layout(me: str, name: str, lines: Sequence[Line], ways: Sequence[tuple[str, str]] = ()) -> Component:
    """The page.

    Args:
        me: this browser's actor. name: its display name, if it has chosen one. lines: the server's settings.
        ways: on which people are told of ended runs: (name, where to).
    """
    return html.Div(
        [
            page_header("Settings", lead="Your name and theme belong to this browser; the rest belongs to the server."),
            html.Div([identity(me, name), appearance()], className="settings-pair"),
            notifications(ways),
            server_settings(lines),
        ],
        className="settings-page",
    )


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


def notifications(ways: Sequence[tuple[str, str]]) -> Component:
    """How people are told of runs that ended, and a test of it."""
    if not ways:
        words = [
            "Nobody is told. Set ", html.Code("TRELLIS_NOTIFY_WEBHOOK"), ", or ", html.Code("TRELLIS_NOTIFY_EMAIL"), " with ",
            html.Code("TRELLIS_SMTP_HOST"), ", and restart the server.",
        ]  # fmt: skip
        return section("When a run ends", html.P(words, className="field-help"))
    rows = [html.Li([html.Strong(name[0].upper() + name[1:]), f": {where}"]) for name, where in ways]
    said: dict[str, Any] = {"role": "status"}
    test = button("Send a test", id="settings-notify-test", icon_name="send")
    return section("When a run ends", [html.Ul(rows), test, html.P(id="settings-notify-said", className="field-help", **said)])


def server_settings(lines: Sequence[Line]) -> Component:
    """Every setting with its value, where that came from, and the variable that sets it."""
    head = html.Tr([html.Th(text, scope="col") for text in ("Setting", "Value", "From")])
    rows = [
        html.Tr(
            [
                html.Td([html.Code(line.variable), html.Div(line.help, className="muted small")]),
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
