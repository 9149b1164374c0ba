"""The Models page: what it shows for a list of rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    act,
    badge,
    button,
    empty_state,
    icon,
    icon_button,
    link_button,
    page_header,
    spark_slot,
    state_badge,
    time_of,
)
from dashboard.components.attributes import attrs
from dashboard.components.runs import RUN_STATES
from dashboard.pages.models.rows import NOT_TRAINED, SORTS, Choice, ModelRow, all_tags, signature
from dashboard.pages.models.table import table
from dashboard.warming import warm_first

ACTION = "models-action"
CARDS_AT_ONCE = 24
ANY = "any"
"""The filters' choice that filters nothing (a list's empty value would show as blank)."""


def page(
    rows: Sequence[ModelRow],
    shown: Sequence[ModelRow],
    choice: Choice,
    *,
    view: str,
    families: Mapping[str, str],
    try_it: tuple[str, str] | None,
) -> Component:
    """The whole page.

    Args:
        rows: every model. shown: those that fit `choice`, in order.
        view: "cards" or "table". families: registered families, name to title. try_it: what a first try says and does, if a family offers one.
    """
    if not rows:
        return html.Div([*warm_first(), first_visit(try_it)], className="page-models")
    stores = [
        dcc.Store(id=ACTION), dcc.Store(id="models-changed"), dcc.Store(id="models-view", data=view),
        dcc.Store(id="models-limit", data=CARDS_AT_ONCE), dcc.Store(id="models-address"), dcc.Store(id="models-nudge"),
        dcc.Store(id="models-seen", data=signature(shown)),
    ]  # fmt: skip
    header = page_header("Models", actions=[link_button([icon("plus-lg"), " New model"], "/create", kind="primary")])
    tools = toolbar(rows, choice, view, families)
    return html.Div([*stores, header, tools, html.Div(listing(shown, view, CARDS_AT_ONCE), id="models-list")], className="page-models")


def first_visit(try_it: tuple[str, str] | None) -> Component:
    """What a person sees who has no model yet."""
    actions: list[Component] = []
    if try_it:
        actions.append(button(try_it[0], id="models-try", kind="primary", icon_name="play-fill"))
    actions.append(link_button("Create a model", "/create"))
    text = try_it[1] if try_it else "A model is created from a preset or from your own choices, trained, looked at and trained on."
    points = [
        ("Architecture is chosen once", "A model's structure is fixed when it is created, so its weights always fit it."),
        (
            "Everything else stays tunable",
            "Learning rate, loss weights, schedules: change them between runs, for as long as the model lives.",
        ),
        ("Nothing leaves this machine", "Data, models and pages are served from here and need no internet."),
    ]
    picture = html.Div(className="first-picture", **attrs({"aria-hidden": "true"}))
    hero = empty_state("Grow your first model", text, actions=actions, picture=picture)
    facts = html.Ul([html.Li([html.H3(title), html.P(words)]) for title, words in points], className="first-points")
    return html.Div([hero, facts], className="first-visit")


def toolbar(rows: Sequence[ModelRow], choice: Choice, view: str, families: Mapping[str, str]) -> Component:
    """Search, filters, order, and cards or table."""
    states = [(state.value, look.word) for state, look in RUN_STATES.items()] + [(NOT_TRAINED, "Not trained")]
    tags = all_tags(rows)
    return html.Div(
        [
            html.Div(
                [
                    icon("search"),
                    dbc.Input(
                        id="models-search", type="search", value=choice.text, placeholder="Search models", debounce=200, autocomplete="off", name="Search models"
                    ),
                ],
                className="search",
            ),
            _select("models-family", "Family", "All families", list(families.items()), choice.family, hidden=len(families) < 2),
            _select("models-state", "State", "Any state", states, choice.state),
            _select("models-tag", "Tag", "Any tag", [(t, t) for t in tags], choice.tag, hidden=not tags),
            _select("models-sort", "Order", None, list(SORTS.items()), choice.sort),
            html.Div(
                [_view_button("cards", "grid", "Cards", view), _view_button("table", "table", "Table", view)],
                className="segmented", role="group", **attrs({"aria-label": "View"}),
            ),
        ],
        className="toolbar",
    )  # fmt: skip


def listing(rows: Sequence[ModelRow], view: str, limit: int) -> Component:
    """The models, as cards or in a table."""
    if not rows:
        return empty_state(
            "No model fits", "Nothing matches this search and these filters.", actions=[button("Show all models", id="models-clear")]
        )
    if view == "table":
        return table(rows)
    more = len(rows) - limit
    content: list[Any] = [html.Ul([html.Li(model_card(row)) for row in rows[:limit]], className="cards")]
    if more > 0:
        content.append(html.Div(button(f"Show more ({more:,} left)", **act(ACTION, "more")), className="more-row"))
    return html.Div(content)


def model_card(row: ModelRow) -> Component:
    """One model as a card."""
    head = html.Div(
        [
            html.H2(
                dcc.Link(row.name, href=f"/model/{row.id}", className="card-link"),
                className="card-title",
                **attrs({"data-name-of": row.id}),
            ),
            state_badge(row.state),
        ],
        className="card-head",
    )
    facts = html.P([f"#{row.number} · {row.family_title}", html.Br(), row.words], className="card-words")
    data = html.Dl([html.Dt("Data"), html.Dd(", ".join(part for part in (row.dataset, row.held) if part))], className="card-data")
    metric = html.Div(
        [
            _metric(row),
            spark_slot(row.run_id),
        ],
        className="card-metric",
    )
    tags = [html.Div([badge(tag) for tag in row.tags], className="card-tags")] if row.tags else []
    banner = [html.P([icon("exclamation-triangle"), " ", row.misfit], className="card-banner")] if row.misfit else []
    foot = html.Div(
        [html.Span(["Changed ", time_of(row.updated_at)], className="muted"), html.Div(actions(row), className="card-actions")],
        className="card-foot",
    )
    return html.Article([head, *banner, facts, data, *tags, metric, foot], className="panel model-card")


def _metric(row: ModelRow) -> Component:
    """The best metric; for a first run that still goes on, the browser fills in how it stands."""
    live: dict[str, Any] = {"data-metric-of": row.run_id} if not row.metric_text and row.active and row.run_id else {}
    words = [
        html.Span(row.metric_text or "–", className="metric-value"),
        html.Span(row.metric_name or "no result yet", className="metric-name"),
    ]
    return html.Div(words, **live)


def actions(row: ModelRow) -> list[Component]:
    """What can be done with a model besides opening it."""
    clone = dcc.Link(
        icon("copy"),
        href=f"/create?from={row.id}",
        className="btn btn-icon",
        title=f"Clone {row.name}: same data, another architecture",
    )
    rename = icon_button("pencil", f"Rename {row.name}", **attrs({"data-rename": row.id, "data-to": ACTION, "data-needs": "train"}))
    asked = {"prompt": f"Tags of {row.name}, separated by commas", "prompt_value": ", ".join(row.tags), "prompt_label": "Save tags"}
    tag = icon_button("tag", f"Tags of {row.name}", **act(ACTION, "tag", row.id, **asked))
    results = (
        [dcc.Link(icon("graph-up"), href=row.results.href, className="btn btn-icon", title=f"{row.results.title} of {row.name}")]
        if row.results
        else []
    )
    return [*results, clone, rename, tag, _delete(row)]


def _delete(row: ModelRow) -> Component:
    if not row.active:
        return icon_button("trash", f"Delete {row.name}", **act(ACTION, "delete", row.id))
    question = f"{row.name} is training. Stop its run and delete the model? The delete can be undone."
    return icon_button(
        "trash", f"Stop and delete {row.name}", **act(ACTION, "stop-delete", row.id, confirm=question, confirm_label="Stop and delete")
    )


def _select(id: str, label: str, any_text: str | None, options: Sequence[tuple[str, str]], value: str, hidden: bool = False) -> Component:
    entries: Any = ([{"value": ANY, "label": any_text}] if any_text else []) + [{"value": key, "label": text} for key, text in options]
    control = dbc.Select(id=id, options=entries, value=value or ANY, size="sm")
    return html.Label([html.Span(label, className="visually-hidden"), control], hidden=hidden, className="tool", htmlFor=id)


def _view_button(key: str, picture: str, label: str, view: str) -> Component:
    pressed: dict[str, Any] = {"aria-pressed": "true" if view == key else "false"}
    return html.Button([icon(picture), html.Span(label)], type="button", className="btn btn-sm", **act(ACTION, "view", key), **pressed)
