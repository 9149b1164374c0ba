"""The page that starts a quick test: what is tested, on which rows, and what that would mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, button, empty_state, icon, link_button, page_header, section
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.datasets.cards import no_outcome
from dashboard.families.recsys.pages.tests.asked import FORM, OVERRIDES, override_label, setting_raw, setting_specs, shown_settings
from dashboard.families.recsys.pages.tests.checks import ACTION, START, Verdict, panel
from dashboard.families.recsys.pages.tests.choices import Choice
from dashboard.forms import Look, advanced_group, field_rows
from dashboard.warming import warm_up
from recsys.data.schema import ColumnInfo
from recsys.services.looking import RatingFigures
from workbench.families.metrics import number_text

FEATURES, MODEL, NAME, RUN = "recsys-start-features", "recsys-start-model", "recsys-start-name", "recsys-start-run"
RATING = {"type": "recsys-start-rating", "of": "column"}
CRUMBS = [("Recommenders", addresses.HOME), ("Quick Test", addresses.TESTS)]


@dataclass(frozen=True)
class Rating:
    """The picker of the rating column, for a model that predicts ratings.

    Attributes:
        columns: that can be one, with their figures where they are known. chosen: its column.
        configured: the features' own target, whose transforms count; None without one.
    """

    columns: tuple[tuple[ColumnInfo, RatingFigures | None], ...]
    chosen: str
    configured: str | None = None


@dataclass(frozen=True)
class Begun:
    """What a start page begins with."""

    features: str = ""
    model: str = ""
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)


def page(
    begun: Begun, verdict: Verdict, *, run_id: str, features: Sequence[Choice], models: Sequence[Choice], rating: Rating | None,
    defaults: Mapping[str, Any], parts: str,
) -> Component:  # fmt: skip
    """The whole page.

    Args:
        run_id: the id that the test gets, however often Start is clicked. defaults: the chosen model's own values of overrides.
        parts: how large the parts are, in words.
    """
    head = page_header(
        "New quick test", lead="How good are these features with this model? Measured exactly, beside what it must beat.", crumbs=CRUMBS
    )
    if not features or not models:
        return html.Div([head, nothing(features, models)])
    chosen = html.Div(
        [
            selector(FEATURES, "Features", features, begun.features, addresses.FEATURES),
            selector(MODEL, "Model", models, begun.model, addresses.MODELS),
        ],
        className="test-selectors",
    )
    body = html.Div(
        [chosen, html.Div(rating_section(rating), id="recsys-start-rating-place"), training(begun, defaults), rows(begun, parts)],
        className="test-start",
    )
    side = html.Aside(
        [html.Div(panel(verdict), id="recsys-start-side", className="panel side-panel", tabIndex=0), foot(verdict)],
        className="side", **attrs({"aria-label": "What starting it would mean"}),
    )  # fmt: skip
    stores = [
        dcc.Store(id=ACTION), dcc.Store(id=START), dcc.Store(id=RUN, data=run_id), dcc.Store(id="recsys-start-view"), dcc.Store(id="recsys-start-link"),
    ]  # fmt: skip
    return html.Div([*stores, warm_up("tensorflow"), head, html.Div([body, side], className="with-side")])


def nothing(features: Sequence[Choice], models: Sequence[Choice]) -> Component:
    """What is there instead while one of both kinds is missing."""
    missing = [] if features else [link_button("Make features", f"{addresses.FEATURES}/new", kind="primary")]
    missing += [] if models else [link_button("Make a model", addresses.new_model(), kind="primary" if features else "secondary")]
    what = "features and a model" if not features and not models else "a model" if features else "features"
    text = "Features say what of a dataset goes into both towers; a model says how the towers are built and trained. Any features can be tested with any model."
    return empty_state(f"A quick test needs {what}", text, actions=missing)


def selector(id: str, title: str, choices: Sequence[Choice], chosen: str, href: str) -> Component:
    """A list to choose one of, with its search."""
    search = html.Div(
        [
            html.Label(f"Search {title.lower()}", htmlFor=f"{id}-search", className="visually-hidden"), icon("search"),
            dbc.Input(id=f"{id}-search", type="search", placeholder="Search", debounce=200, size="sm", autocomplete="off"),
        ],
        className="search",
    )  # fmt: skip
    entries = dbc.RadioItems(id=id, options=options(choices), value=chosen or None, className="choices choices-1")  # pyright: ignore[reportArgumentType]
    aside = link_button("New", f"{href}/new", small=True)
    listed = html.Div(entries, className="choice-list", role="group", tabIndex=-1, **attrs({"aria-label": title}))
    return section(title, [search, listed], aside=aside)


def options(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """The entries of a selector as its radio buttons have them."""
    return [{"value": choice.id, "label": _entry(choice)} for choice in choices]


def _entry(choice: Choice) -> Component:
    words = [html.Span(choice.title, className="choice-title"), *(html.Span(fact, className="choice-text") for fact in choice.facts)]
    if choice.reason:
        words.append(html.Span([icon("slash-circle", className="me-1"), choice.reason], className="choice-reason"))
    return html.Span(words, className="choice")


def rating_section(rating: Rating | None) -> Component | None:
    """The picker of the rating column; nothing for a model that predicts no rating."""
    if rating is None:
        return None
    if not rating.columns:
        return section("Rating column", html.P("No column of this dataset is a number that could be a rating.", className="field-message"))
    entries: list[Any] = [{"value": info.column, "label": _column(info, figures, rating.configured)} for info, figures in rating.columns]
    picker = dbc.RadioItems(id=RATING, options=entries, value=rating.chosen, className="choices choices-columns")
    note = "What the model learns to predict. Columns that are only known afterwards come first."
    return section("Rating column", picker, note=note)


def _column(info: ColumnInfo, figures: RatingFigures | None, configured: str | None) -> Component:
    marks = [
        info.data_type,
        *(["outcome"] if info.role == "outcome" else []),
        *(["target of the features"] if info.column == configured else []),
    ]
    words = [html.Span(info.column, className="choice-title"), html.Span(" · ".join(marks), className="choice-text")]
    if figures is not None and figures.minimum is not None and figures.maximum is not None and figures.mean is not None:
        nulls = f"{figures.nulls:,} missing" if figures.nulls else "none missing"
        words.append(
            html.Span(
                f"{number_text(figures.minimum)} to {number_text(figures.maximum)}, mean {number_text(figures.mean)}, {nulls}",
                className="choice-text",
            )
        )
    if info.role != "outcome":
        words.append(html.Span([icon("question-circle", className="me-1"), no_outcome(info)], className="choice-reason"))
    return html.Span(words, className="choice")


def training(begun: Begun, defaults: Mapping[str, Any]) -> Component:
    """What this test does otherwise than its model says."""
    fields = [override(name, begun.overrides.get(name), defaults.get(name)) for name in OVERRIDES]
    note = "For this test alone. Empty takes the model's own; 0 epochs measure the untrained model."
    return section("Training", html.Div(fields, className="fields fields-3"), note=note)


def override(name: str, value: Any, default: Any) -> Component:
    """An override's row."""
    id = {"type": "recsys-start-override", "field": name}
    label = [
        override_label(name),
        html.Span(default_words(default), id={"type": "recsys-start-default", "field": name}, className="field-default"),
    ]
    mode: Any = "numeric" if name != "learning_rate" else "decimal"
    entry = dbc.Input(
        id=id, type="text", inputmode=mode, value="" if value is None else f"{value:g}" if isinstance(value, float) else str(value),
        debounce=250, autocomplete="off", className="field-input",
    )  # fmt: skip
    dom_id = '{"field":"%s","type":"recsys-start-override"}' % name  # noqa: UP031 (braces)
    message = html.P(id={"type": "recsys-start-message", "field": name}, className="field-message", **attrs({"aria-live": "polite"}))
    return html.Div([html.Label(label, htmlFor=dom_id, className="field-label"), entry, message], className="field test-override")


def default_words(default: Any) -> str:
    """ "(default: 5)"; nothing while no model is chosen."""
    return "" if default is None else f" (default: {default:,})"


def rows(begun: Begun, parts: str) -> Component:
    """Which rows are learned from and which measured."""
    specs, raw = setting_specs(), setting_raw(begun.settings)
    looks = {name: Look(shown=shown) for name, shown in shown_settings(raw).items()}
    plain = field_rows(FORM, [s for s in specs if not s.meta.advanced], raw, looks)
    more = field_rows(FORM, [s for s in specs if s.meta.advanced], raw, looks)
    name = html.Div(
        [
            html.Label("Name of the test", htmlFor=NAME, className="field-label"),
            dbc.Input(id=NAME, type="text", value=begun.name, debounce=400, autocomplete="off", maxlength=255, placeholder="none"),
            html.P("To find it again; tests have numbers anyway.", className="field-help"),
        ],
        className="field",
    )
    sizes = html.P(parts, id="recsys-start-parts", className="parts", role="status")
    return section(
        "Rows",
        [html.Div(plain, className="fields"), sizes, advanced_group("More", [html.Div([*more, name], className="fields")])],
        note="Which rows are learned from, and which the figures are of.",
    )


def foot(verdict: Verdict) -> Component:
    """Start, and why it cannot."""
    start = button(
        "Start test", id="recsys-start-go", kind="primary", icon_name="play-fill", disabled=bool(verdict.reason), title=verdict.reason or "Train and measure",
        **act(START, "start"), **attrs({"data-confirm": verdict.confirm, "data-confirm-label": "Start"}),
    )  # fmt: skip
    why = html.P(verdict.reason, id="recsys-start-why", className="side-why", role="status")
    return html.Div([why, html.Div([link_button("Cancel", addresses.TESTS, kind="quiet"), start], className="side-buttons")])
