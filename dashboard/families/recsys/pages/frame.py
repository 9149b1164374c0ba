"""What the chapters have in common: the bar of chapters, a list's tools, code to copy. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import Action, button, icon, link_button, page_header
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages.addresses import CHAPTERS, HOME

ANY = "any"
"""A filter's choice that filters nothing (a list's empty value would show as blank)."""


def chapter(active: str, lead: str, actions: Sequence[Component], body: Sequence[Any], *, id: str) -> Component:
    """A chapter's page: the title, the bar of chapters, what it is for, its content."""
    header = page_header("Recommenders", lead=lead, actions=actions)
    return html.Div([header, chapter_bar(active), *body], id=id, className="recommenders")


def chapter_bar(active: str) -> Component:
    """Links to all chapters."""
    links = [
        html.A(title, href=f"{HOME}/{key}", **attrs({"aria-current": "page"})) if key == active else dcc.Link(title, href=f"{HOME}/{key}")
        for key, title in CHAPTERS
    ]
    return html.Nav(links, className="chapters", **attrs({"aria-label": "Chapters"}))


def search(id: str, what: str, value: str) -> Component:
    """A search box."""
    box = dbc.Input(
        id=id, type="search", value=value, placeholder=f"Search {what}", debounce=200, autocomplete="off", name=f"Search {what}"
    )
    return html.Div([icon("search"), box], className="search")


def choice(id: str, label: str, every: str, options: Sequence[tuple[str, str]], value: str) -> Component:
    """A filter as a list of choices."""
    listed: Any = [{"value": ANY, "label": every}, *({"value": key, "label": words} for key, words in options)]
    return html.Div([html.Label(label, htmlFor=id, className="visually-hidden"), dbc.Select(id=id, options=listed, value=value or ANY)])


def picked_after(picked: Sequence[str], action: Action | None, most: int) -> list[str]:
    """What is picked for a comparison after an action: `pick` adds or takes away, `delete` takes away; the last `most` stay."""
    if action is None or action.name not in ("pick", "delete"):
        return list(picked)
    without = [id for id in picked if id != action.id]
    return without if action.name == "delete" or action.id in picked else [*without, action.id][-most:]


def code(text: str, *, name: str) -> Component:
    """A module's text, with buttons that copy it and save it as a file."""
    tools = html.Div(
        [
            html.Button(
                [icon("copy"), "Copy"], type="button", className="btn btn-outline-secondary btn-sm", **attrs({"data-copy-code": "1"})
            ),
            html.Button(
                [icon("download"), "Download"],
                type="button",
                className="btn btn-outline-secondary btn-sm",
                **attrs({"data-save-code": name}),
            ),
        ],
        className="code-tools",
    )
    return html.Div(
        [tools, html.Pre(html.Code(text), className="code-block", tabIndex="0", **attrs({"aria-label": name}))], className="code"
    )


def step_bar(names: Sequence[str], step: int, wrong: Collection[int]) -> Component:
    """A wizard's steps as buttons; one with something to fix says so.

    Args:
        step: the one that is shown, from 1. wrong: those with something to fix.
    """
    items = [
        html.Li(
            html.Button(
                [html.Span(str(n), className="step"), html.Span(name), html.Span("to fix", className="step-wrong", hidden=n not in wrong)],
                type="button", className="wizard-step", **attrs({"data-goto-step": str(n), **({"aria-current": "step"} if n == step else {})}),
            )
        )
        for n, name in enumerate(names, 1)
    ]  # fmt: skip
    return html.Nav(html.Ol(items, className="wizard-bar"), **attrs({"aria-label": "Steps"}))


def step(number: int, children: Sequence[Any]) -> Component:
    """What a step of a wizard shows."""
    return html.Div(list(children), className="wizard-page", **attrs({"data-page-step": str(number)}))


def wizard_buttons(save_id: str, label: str, jump: Mapping[str, str], *, cancel: str) -> Component:
    """Cancel, Back, Next, and Save, which says what is missing and leads there."""
    back = button("Back", kind="quiet", **attrs({"data-step-by": "-1"}))
    following = button("Next", **attrs({"data-step-by": "1"}))
    save = button(label, id=save_id, kind="primary", **attrs(jump))
    return html.Div([link_button("Cancel", cancel, kind="quiet"), back, following, save], className="side-buttons")
