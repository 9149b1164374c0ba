"""`/recommenders`: the four chapters as steps, each with what there is of it and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import icon, link_button, page_header
from dashboard.components.attributes import attrs
from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.datasets.view import cards_of
from dashboard.families.recsys.pages.services import recommenders
from dashboard.live.words import plural
from recsys.data.shop_params import BUILT_IN

LEAD = "From a table of who took what to a tested model that can be exported: data, features, model, test."
SHOWN = 4


@dataclass(frozen=True)
class Step:
    """A chapter on the page.

    Attributes:
        count: how many there are, in words. names: (address, name) of the newest. action: (address, words) of what to do next.
        todo: whether it is the next thing to do.
    """

    title: str
    icon: str
    href: str
    text: str
    count: str
    names: tuple[tuple[str, str], ...]
    action: tuple[str, str]
    todo: bool = False


def render(context: AppContext) -> Component:
    """`/recommenders`."""
    return page(steps_of(context))


def steps_of(context: AppContext) -> list[Step]:
    """The chapters as things stand."""
    service = recommenders(context.workbench)
    datasets, features, models, tests = cards_of(context), service.features.list(), service.models.list(), service.tests.list()
    smart = addresses.with_query(f"{addresses.FEATURES}/new", {"dataset": BUILT_IN, "start": "smart", "step": "2"})
    return [
        Step(
            "Datasets", "table", addresses.DATASETS, "Tables of interactions: a simulated shop, MovieLens, your own CSV or Parquet.",
            plural(len(datasets), "dataset"), tuple((addresses.one_dataset(d.id), d.name) for d in datasets[:SHOWN]), (f"{addresses.DATASETS}/new", "New dataset"),
        ),
        Step(
            "Features", "sliders", addresses.FEATURES, "What the columns become in the buyer's and the product's tower.", plural(len(features), "configuration"),
            tuple((f"{addresses.FEATURES}/{f.id}", f.name) for f in features[:SHOWN]),
            (f"{addresses.FEATURES}/new", "New features") if features else (smart, "Try the shop"), todo=not features,
        ),
        Step(
            "Model Structure", "diagram-3", addresses.MODELS, "Two towers, what they answer, and how they are trained.", plural(len(models), "model"),
            tuple((addresses.one_model(m.id), m.name) for m in models[:SHOWN]),
            (addresses.new_model(), "New model") if models else (addresses.MODELS, "Choose a first model"), todo=bool(features) and not models,
        ),
        Step(
            "Quick Test", "speedometer2", addresses.TESTS, "Trains a model on features and measures it beside popularity, ItemKNN and EASE.",
            plural(len(tests), "test"), tuple((f"{addresses.TESTS}/{t.id}", f"Test #{t.number}") for t in tests[:SHOWN]),
            (f"{addresses.TESTS}/new", "New test"), todo=bool(features and models) and not tests,
        ),
    ]  # fmt: skip


def page(steps: Sequence[Step]) -> Component:
    """The page."""
    cards = [html.Li(_card(number, step)) for number, step in enumerate(steps, 1)]
    return html.Div([page_header("Recommenders", lead=LEAD), html.Ol(cards, className="way")], id="recommenders-home")


def _card(number: int, step: Step) -> Component:
    head = html.Div(
        [
            html.Span(str(number), className="step"),
            html.H2(dcc.Link([icon(step.icon), f" {step.title}"], href=step.href), className="card-title"),
        ],
        className="way-head",
    )
    names = [html.Li(dcc.Link(name, href=href)) for href, name in step.names]
    listed = (
        html.Ul(names, className="plain-list", **attrs({"aria-label": f"Newest in {step.title}"}))
        if names
        else html.P("Nothing yet.", className="field-help")
    )
    href, words = step.action
    foot = html.Div(
        [html.Span(step.count, className="muted"), link_button(words, href, kind="primary" if step.todo else "secondary", small=True)],
        className="card-foot",
    )
    return html.Article(
        [head, html.P(step.text, className="field-help"), listed, foot], className=f"panel config-card{' is-next' if step.todo else ''}"
    )
