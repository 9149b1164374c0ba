"""The users of the server, on Settings of an administrator. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, icon, section, time_of
from dashboard.components.attributes import attrs
from workbench.people.passwords import LONGEST, SHORTEST
from workbench.people.records import MOST_CHARACTERS, Person
from workbench.roles import ROLES, WORDS, Role

ACTION = "users-action"


def users(people: Sequence[Person], me: Person) -> Component:
    """The section."""
    roles = html.Ul([html.Li([html.Strong(role), f" {WORDS[role]}."]) for role in ROLES], className="field-help users-roles")
    return html.Div(
        section(
            "Users",
            [
                dcc.Store(id=ACTION),
                html.Div(listed(people, me), id="users-list"),
                html.H3("Add a user", className="users-head"),
                add_form(),
                roles,
            ],
            note="Who may use this server, and as what.",
        ),
        id="users",
    )


def listed(people: Sequence[Person], me: Person) -> Component:
    """All users with what can be done to them."""
    head = html.Tr([html.Th(text, scope="col") for text in ("User", "Role", "Logs in with", "Since")] + [html.Td()])
    rows = [_row(person, mine=person.id == me.id) for person in people]
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table account-table")
    return html.Div(table, className="table-scroll users-scroll")


def _row(person: Person, *, mine: bool) -> Component:
    name = [html.Strong(person.display_name), html.Span(person.name, className="muted users-name")]
    marks = [badge("you", "good")] if mine else [badge("disabled", "warning")] if person.disabled else []
    return html.Tr(
        [
            html.Th([*name, *marks], scope="row"),
            html.Td(_roles(person)),
            html.Td("a password" if person.has_password else "tokens only", **attrs({"data-label": "Logs in with"})),
            html.Td(time_of(person.created_at, relative=False), **attrs({"data-label": "Since"})),
            html.Td(html.Div(_buttons(person, mine=mine), className="users-buttons"), className="actions"),
        ]
    )


def _roles(person: Person) -> Component:
    summary = html.Summary(
        [person.role, icon("chevron-down")], className="btn btn-outline-secondary btn-sm", **attrs({"aria-label": f"Role of {person.name}"})
    )
    items = [
        html.Button(
            role,
            type="button",
            className="pop-item",
            **attrs({"aria-pressed": str(role == person.role).lower()}),
            **act(ACTION, "role", person.id, value=role),
        )
        for role in ROLES
    ]
    return html.Details([summary, html.Div(items, className="pop pop-menu users-menu")], className="pop-host")


def _buttons(person: Person, *, mine: bool) -> list[Component]:
    password = button(
        "New password", small=True,
        **act(ACTION, "password", person.id, prompt=f"New password of {person.name} ({SHORTEST} characters or more)", prompt_label="Set password"),
    )  # fmt: skip
    if mine:
        return [password]
    if person.disabled:
        return [password, button("Enable", small=True, **act(ACTION, "enable", person.id))]
    asked = f"Disable {person.name}? They are logged out everywhere, and their tokens are refused."
    out = button("Log out", small=True, title="In every browser", **act(ACTION, "log-out", person.id))
    return [password, out, button("Disable", small=True, **act(ACTION, "disable", person.id, confirm=asked, confirm_label="Disable"))]


def add_form(role: Role = "train") -> Component:
    """A new user."""
    options: Any = [{"label": each, "value": each} for each in ROLES]
    return html.Div(
        [
            _field("users-new-name", "Name to log in with", "off"),
            _field("users-new-display", "Display name", "off"),
            html.Div(
                [
                    html.Label("Role", htmlFor="users-new-role", className="field-label"),
                    dbc.Select(id="users-new-role", options=options, value=role),
                ]
            ),
            _field("users-new-password", f"Password ({SHORTEST}+ characters)", "new-password", kind="password"),
            button("Add user", id="users-new-add", kind="primary"),
        ],
        className="account-form",
    )


def _field(id: str, label: str, completed: str, *, kind: str = "text") -> Component:
    most = LONGEST if kind == "password" else MOST_CHARACTERS
    control = dbc.Input(id=id, type=kind, value="", maxlength=most, autocomplete=completed)  # pyright: ignore[reportArgumentType]
    return html.Div([html.Label(label, htmlFor=id, className="field-label"), control])
