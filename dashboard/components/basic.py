"""Buttons, cards, badges, sections, empty states: one look for every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs

Children = Any
Tone = Literal["plain", "good", "info", "warning", "danger", "muted"]


def icon(name: str, *, label: str | None = None, className: str = "") -> Component:
    """A Bootstrap icon by name ("play-fill"). Without a `label` it is decoration and hidden from screen readers."""
    spoken: dict[str, Any] = {"aria-hidden": "true"} if label is None else {"role": "img", "aria-label": label}
    return html.I(className=f"bi bi-{name} {className}".strip(), **spoken)


def button(
    children: Children,
    *,
    id: Any = None,
    kind: Literal["primary", "secondary", "quiet", "danger"] = "secondary",
    small: bool = False,
    icon_name: str | None = None,
    disabled: bool = False,
    title: str | None = None,
    **attributes: Any,
) -> Component:
    """A button. `primary` is the one thing a page is for; `attributes` take `act(...)` and `data-*`."""
    style = {"primary": "btn-primary", "secondary": "btn-outline-secondary", "quiet": "btn-quiet", "danger": "btn-danger"}[kind]
    content = [icon(icon_name, className="me-1"), children] if icon_name else children
    given: dict[str, Any] = {"disabled": disabled} | ({"id": id} if id is not None else {}) | ({"title": title} if title else {})
    return html.Button(content, type="button", className=f"btn {style}{' btn-sm' if small else ''}", **given, **attributes)


def icon_button(name: str, label: str, *, id: Any = None, className: str = "", **attributes: Any) -> Component:
    """A button that shows an icon only; `label` is its name for screen readers and its tooltip."""
    given: dict[str, Any] = {"id": id} if id is not None else {}
    return html.Button(
        icon(name),
        type="button",
        className=f"btn btn-icon {className}".strip(),
        title=label,
        **attrs({"aria-label": label}),
        **given,
        **attributes,
    )


def link_button(
    children: Children, href: str, *, kind: Literal["primary", "secondary", "quiet"] = "secondary", small: bool = False
) -> Component:
    """A link within the app that looks like a button."""
    style = {"primary": "btn-primary", "secondary": "btn-outline-secondary", "quiet": "btn-quiet"}[kind]
    return dcc.Link(children, href=href, className=f"btn {style}{' btn-sm' if small else ''}")


def again() -> Component:
    """A button that asks the server for this page once more; a link to where one is, so it works whatever the page's scripts know."""
    return html.A("Try again", href="", className="btn btn-primary")


def badge(text: str, tone: Tone = "plain", *, icon_name: str | None = None, title: str | None = None) -> Component:
    """A short word on a tinted ground. Words carry the meaning; the colour only helps."""
    content: list[Any] = ([icon(icon_name)] if icon_name else []) + [html.Span(text)]
    return html.Span(content, className=f"tag tag-{tone}", **(attrs({"title": title}) if title else {}))


def stat(label: str, value: Children, *, note: Children = None, title: str | None = None) -> Component:
    """A figure with its name: "Parameters  41,213"."""
    parts: list[Any] = [html.Span(label, className="stat-label"), html.Span(value, className="stat-value")]
    if note:
        parts.append(html.Span(note, className="stat-note"))
    return html.Div(parts, className="stat", **(attrs({"title": title}) if title else {}))


def card(children: Children, *, className: str = "", **attributes: Any) -> Component:
    """A plain raised surface."""
    return html.Div(children, className=f"panel {className}".strip(), **attributes)


def section(title: Children, children: Children, *, id: str | None = None, note: Children = None, aside: Children = None) -> Component:
    """A titled panel. `note` is a quiet sentence under the title, `aside` stands at the title's right."""
    heading: list[Any] = [
        html.Div([html.H2(title, className="section-title"), *([html.P(note, className="section-note")] if note else [])])
    ]
    if aside is not None:
        heading.append(html.Div(aside, className="section-aside"))
    body = [html.Div(heading, className="section-head"), html.Div(children, className="section-body")]
    return html.Section(body, className="panel section", **(attrs({"id": id}) if id else {}))


def parts_of_page(entries: Sequence[tuple[str, str]]) -> Component:
    """Links to the parts of a long page, which stay in sight.

    Args:
        entries: (words, id of the part).
    """
    links = [html.A(words, href=f"#{id}", className="page-tab") for words, id in entries]
    return html.Nav(links, className="tabs tabs-inline", **attrs({"aria-label": "Parts of this page"}))


def page_header(
    title: Children, *, lead: Children = None, actions: Sequence[Component] = (), crumbs: Sequence[tuple[str, str]] = ()
) -> Component:
    """A page's first line: where it stands (`crumbs`: text and address), its title, a lead sentence and its actions."""
    trail: list[Any] = []
    for text, href in crumbs:
        between = [html.Span("/", **attrs({"aria-hidden": "true"}))] if trail else []
        trail += [*between, dcc.Link(text, href=href)]
    words: list[Any] = [html.Nav(trail, className="crumbs", **attrs({"aria-label": "Breadcrumb"}))] if trail else []
    words.append(html.H1(title, className="page-title"))
    if lead is not None:
        words.append(html.P(lead, className="page-lead"))
    return html.Div([html.Div(words), html.Div(list(actions), className="page-actions")], className="page-header")


def empty_state(title: str, text: Children, *, actions: Sequence[Component] = (), picture: Component | None = None) -> Component:
    """What a page shows when it has nothing yet: why, and what to do."""
    content: list[Any] = ([picture] if picture is not None else []) + [
        html.H2(title),
        html.P(text),
        html.Div(list(actions), className="empty-actions"),
    ]
    return html.Div(content, className="empty")
