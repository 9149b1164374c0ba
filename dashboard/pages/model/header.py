"""The header that all tabs of a model share: what it is, what can be done now, and where its training stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.about import address_of
from dashboard.components import badge, icon, link_button
from dashboard.live import launch
from dashboard.live.feed import Feed
from dashboard.live.parts import part_place
from dashboard.live.status import Buttons, button_properties, buttons_of, ended_words, metrics_strip, progress_row
from dashboard.pages.model.tab import Tab
from dashboard.pages.model.tabs import TRAIN, tabs_of
from dashboard.pages.model.view import ModelView
from dashboard.pages.models.rows import short_words
from workbench.state import Kind


def header(view: ModelView, feed: Feed, key: str) -> Component:
    """Title, actions, state and tabs, that of `key` being the one shown."""
    tabs = tabs_of(view.family)
    wide = any(tab.wide for tab in tabs if tab.key == key)
    record = view.record
    facts: list[Any] = [
        badge(view.family.title, "plain"),
        html.Span([icon("database", className="me-1"), *_data_words(view)], className="muted"),
        *(badge(tag, "muted", icon_name="tag") for tag in record.tags),
    ]
    title = html.Div(
        [
            # Where the name stands in the same line, a stroke parts the two.
            html.Nav(
                [dcc.Link("Models", href="/"), *([html.Span("/", **_HIDDEN)] if wide else [])], className="crumbs", **_named("Breadcrumb")
            ),
            html.H1(record.name, className="page-title"),
            *([] if wide else [html.Div(facts, className="model-facts")]),
            # The training hub shows the architecture in full, below the settings; here stands what tells models apart.
            *(
                []
                if key == TRAIN.key or wide
                else [html.P(short_words(view.summary, view.model_type.card), className="model-architecture")]
            ),
        ]
    )
    buttons = buttons_in(view)
    return html.Div(
        [
            html.Div([title, action_buttons(buttons)], className="page-header model-header"),
            *([mismatch_banner(view)] if view.mismatches else []),
            part_place("ended", ended_words(view.latest) if view.latest else None),
            html.Div(
                [
                    launch.line(),
                    progress_row(view.latest, feed, view.waiting),
                    part_place("metrics", metrics_strip(view.latest, feed)),
                ],
                className="panel model-status",
            ),
            tab_bar(record.id, key, tabs),
        ],
        className="model-top",
    )


def buttons_in(view: ModelView) -> Buttons:
    """What can be done with the model now."""
    return buttons_of(view.latest, view.preflight, has_weights=view.record.weights is not None, mismatch=bool(view.mismatches))


def action_buttons(buttons: Buttons) -> Component:
    """Start, Resume and Stop; all three are always there, those that make no sense now are hidden."""
    p = button_properties(buttons)
    described: dict[str, Any] = {"aria-describedby": "hub-reason"}
    start = html.Button(
        [icon("play-fill", className="me-1"), html.Span(p["start_label"], id="hub-start-label")], id="hub-start", type="button",
        className=p["start_class"], disabled=p["start_disabled"], title=p["start_title"], **described,
    )  # fmt: skip
    resume = html.Button(
        [icon("skip-forward-fill", className="me-1"), "Resume"], id="hub-resume", type="button", className=p["resume_class"],
        disabled=p["resume_disabled"], title=p["resume_title"],
    )  # fmt: skip
    stop = html.Button(
        [icon("stop-fill", className="me-1"), "Stop"], id="hub-stop", type="button", className=p["stop_class"], disabled=p["stop_disabled"],
        title=p["stop_title"],
    )  # fmt: skip
    # A disabled button tells nothing on hover everywhere, so the reason stands on what holds it and in words below.
    row = html.Div([html.Span([resume, start, stop], title=p["reason"], id="hub-buttons", className="page-actions")])
    reason = html.P(p["reason"], id="hub-reason", className="hub-reason")
    return html.Div([row, reason], className="model-actions")


def tab_bar(model_id: str, current: str, tabs: Sequence[Tab]) -> Component:
    """Links to the model's pages; each is an address."""
    links = []
    for tab in tabs:
        here = tab.key == current
        spoken: dict[str, Any] = {"aria-current": "page"} if here else {}
        link = dcc.Link(tab.title, href=f"/model/{model_id}/{tab.key}", className=f"page-tab{' page-tab-current' if here else ''}")
        links.append(html.Li(link, **spoken))
    return html.Nav(html.Ul(links), className="tabs", **_named("Pages of this model"))


def mismatch_banner(view: ModelView) -> Component:
    """Says that the stored weights don't fit the config, how, and how to go on."""
    listed = html.Ul([html.Li(text) for text in view.mismatches])
    text = (
        "So it can neither be trained on nor used, and Start is off. Clone the model: the copy has the same data and labels and "
        "starts with fresh weights. "
        "The command “trellis audit” lists every such model."
    )
    return html.Div(
        [
            icon("exclamation-octagon"),
            html.Div(
                [
                    html.Strong("The weights and the architecture of this model do not fit together."),
                    html.P(text),
                    listed,
                    link_button("Clone this model", f"/create?from={view.record.id}"),
                ]
            ),
        ],
        className="panel note note-danger",
        id="mismatch-banner",
        role="alert",
    )


def _data_words(view: ModelView) -> list[Any]:
    """The data, with a link to its page, and what of it the model uses."""
    brief = view.model_type.holds.brief(view.held, view.n_labels)
    if view.dataset is None:
        return [brief]
    id, name = view.dataset
    return [dcc.Link(name, href=address_of(Kind.DATASET, id)), *([f": {brief}"] if brief else [])]


_HIDDEN: dict[str, Any] = {"aria-hidden": "true"}


def _named(label: str) -> dict[str, Any]:
    return {"aria-label": label}
