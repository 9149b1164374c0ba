"""“Your account” on Settings: what a user sees to themselves. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, section, time_of
from dashboard.components.attributes import attrs
from dashboard.components.code import code
from workbench.people.passwords import LONGEST, SHORTEST
from workbench.people.records import MOST_CHARACTERS, Person, Session, Token
from workbench.roles import WORDS

ACTION = "account-action"
FOR_EVER = "0"
LASTS = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), (FOR_EVER, "until it is revoked"))
"""For how many days a new token may hold, and in words."""

_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def account(me: Person, tokens: Sequence[Token], sessions: Sequence[Session], current: str | None) -> Component:
    """Everything of it. `current`: the session of this browser."""
    out = button("Log out", small=True, icon_name="box-arrow-right", **attrs({"data-log-out": ""}))
    return html.Div(
        [
            dcc.Store(id=ACTION),
            html.Div([who(me, out), password_form(me)], className="settings-pair"),
            html.Div(
                [
                    section(
                        "Your tokens",
                        [html.Div(token_list(tokens), id="account-tokens"), *token_form()],
                        note="Programs send one as “Authorization: Bearer …” and act as you.",
                    ),
                    section(
                        "Where you are logged in",
                        html.Div(session_list(sessions, current), id="account-sessions"),
                        note="A login holds for a week.",
                    ),
                ],
                className="settings-pair",
            ),
        ],
        id="account",
    )


def who(me: Person, out: Component) -> Component:
    """Name, role and display name."""
    field = dbc.Input(
        id="settings-name", type="text", value=me.display_name, maxlength=MOST_CHARACTERS,
        autocomplete="nickname", n_submit=0,
    )  # fmt: skip
    role = html.P(
        ["You log in as ", html.Strong(me.name), ". Your role is ", badge(me.role, "info"), f": it {WORDS[me.role]}."],
        className="account-role",
    )
    return section(
        "Your account",
        [
            role,
            html.Label("Display name", htmlFor="settings-name", className="field-label"),
            html.Div([field, button("Save", id="settings-name-save", kind="primary")], className="field-row"),
            html.P(
                "Others see it in the history of models, also of what you did before. Undo takes back what you did.", className="field-help"
            ),
        ],
        aside=out,
    )


def password_form(me: Person) -> Component:
    """A new password."""
    present = (
        _secret("account-password-now", "Present password", "current-password")
        if me.has_password
        else [dbc.Input(id="account-password-now", type="hidden", value="")]
    )
    lead = [] if me.has_password else [html.P("You have none yet: so far you log in with tokens only.", className="field-help")]
    body = [
        *lead,
        *present,
        *_secret("account-password-new", "New password", "new-password"),
        *_secret("account-password-again", "New password again", "new-password"),
        html.Div(button("Change password", id="account-password-save"), className="account-row"),
        html.P(f"{SHORTEST} to {LONGEST} characters. You are logged out in every other browser.", className="field-help"),
    ]
    return section("Password", body)


def _secret(id: str, label: str, completed: str) -> list[Component]:
    field = dbc.Input(id=id, type="password", value="", maxlength=LONGEST, autocomplete=completed)
    return [html.Label(label, htmlFor=id, className="field-label"), field]


def token_form() -> list[Component]:
    """What a new token is for, and for how long it holds."""
    name = dbc.Input(id="account-token-name", type="text", value="", maxlength=MOST_CHARACTERS, placeholder="nightly import")
    options: Any = [{"label": words, "value": days} for days, words in LASTS]
    lasts = dbc.Select(id="account-token-days", options=options, value=LASTS[1][0])
    return [
        html.Div(
            [
                html.Div([html.Label("New token for", htmlFor="account-token-name", className="field-label"), name]),
                html.Div([html.Label("It holds", htmlFor="account-token-days", className="field-label"), lasts]),
                button("Make token", id="account-token-make"),
            ],
            className="account-form",
        ),
        html.Div(id="account-token-made", **attrs({"aria-live": "polite"})),
    ]


def made(token: Token, secret: str) -> Component:
    """A token that was made, with its secret."""
    words = html.P(f"The token “{token.name}”. It is shown this once: copy it now.", className="field-help")
    return html.Div([words, code(secret, name=f"{token.name}.txt")], className="account-made")


def token_list(tokens: Sequence[Token]) -> Component:
    """All tokens, each with a button that revokes it."""
    if not tokens:
        return html.P("You have no tokens.", className="field-help")
    rows = [
        html.Tr(
            [
                html.Th(token.name, scope="row", className="wide"),
                _cell("Expires", time_of(token.expires_at, relative=False)),
                _cell("Last used", time_of(token.last_used_at)),
                html.Td(
                    button(
                        "Revoke", small=True,
                        **act(ACTION, "revoke", token.id, confirm=f"Revoke the token “{token.name}”? Programs that use it are refused.", confirm_label="Revoke"),
                        **attrs({"aria-label": f"Revoke {token.name}"}),
                    ),
                    className="actions",
                ),
            ]
        )
        for token in tokens
    ]  # fmt: skip
    return _table(("Token", "Expires", "Last used", ""), rows)


def session_list(sessions: Sequence[Session], current: str | None) -> list[Component]:
    """All sessions, each with a button that ends it; and one that ends all others."""
    rows = [
        html.Tr(
            [
                html.Th(browser_words(session.browser), scope="row", **attrs({"title": session.browser})),
                _cell("Logged in", time_of(session.created_at)),
                _cell("Last seen", time_of(session.last_seen_at)),
                html.Td(_end(session, current), className="actions"),
            ]
        )
        for session in sessions
    ]
    others = len(sessions) - sum(session.id == current for session in sessions)
    end = button("Log out everywhere else", small=True, disabled=not others, **act(ACTION, "end-others"))
    return [_table(("Browser", "Logged in", "Last seen", ""), rows), html.Div(end, className="account-row")]


def _end(session: Session, current: str | None) -> Component:
    if session.id == current:
        return badge("this browser", "good")
    label = f"Log out {browser_words(session.browser)}"
    return button("Log out", small=True, **act(ACTION, "end", session.id), **attrs({"aria-label": label}))


def browser_words(said: str) -> str:
    """A browser in words, from what it says it is: "Firefox on Linux"."""
    name = next((words for mark, words in _BROWSERS if mark in said), "")
    system = next((words for mark, words in _SYSTEMS if mark in said), "")
    if not name:
        return re.split(r"[/ ]", said, maxsplit=1)[0] or "An unknown browser"
    return f"{name} on {system}" if system else name


def _cell(label: str, shown: Component) -> Component:
    """A cell that says what it is where there is no room for heads."""
    return html.Td(shown, **attrs({"data-label": label}))


def _table(heads: Sequence[str], rows: Sequence[Component]) -> Component:
    head = html.Tr([html.Th(text, scope="col") if text else html.Td() for text in heads])
    table: Any = html.Table([html.Thead(head), html.Tbody(list(rows))], className="plain-table account-table")
    return html.Div(table, className="table-scroll")
