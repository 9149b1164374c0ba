"""Stored models as cards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, empty_state, icon, icon_button, link_button, time_of
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages import addresses
from recsys.model.architecture import ModelKind
from recsys.model.optimizers import RECOMMENDED
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.recipes import RECIPES
from recsys.model.summaries import effective_summary, head_summary, type_label
from recsys.records import ModelConfigRecord

ACTION = "recsys-models-action"


@dataclass(frozen=True)
class ModelCard:
    """A stored model as a list shows it: its network measured at the assumed widths."""

    id: str
    number: int
    name: str
    type: ModelKind
    buyer: str
    product: str
    head: str
    output: int
    optimizer: str
    batch: int
    epochs: int
    parameters: int
    updated_at: str
    tests: int
    tags: tuple[str, ...] = ()

    @property
    def towers(self) -> str:
        """Both towers' widths in a line; once where they are the same."""
        return self.buyer if self.buyer == self.product else f"{self.buyer} / {self.product}"


def card_of(record: ModelConfigRecord, tests: int) -> ModelCard:
    """A stored model as its card shows it.

    Args:
        tests: how many tests have used it.
    """
    model = record.recommender
    plan = network_plan(model, *ASSUMED_DIMS)
    training = model.training
    return ModelCard(
        record.id, record.number, record.name, model.model_type, effective_summary(plan.buyer), effective_summary(plan.product),
        head_summary(model.architecture.rating_head_layers), model.architecture.output_embedding_dim,
        f"{RECOMMENDED[training.optimizer].name} at {training.learning_rate:g}", training.batch_size, training.epochs, dense_count(plan).total,
        record.updated_at, tests, record.tags,
    )  # fmt: skip


def chosen(cards: Iterable[ModelCard], text: str, kind: str) -> list[ModelCard]:
    """Those whose name, type, tag or number fits, in the given order."""
    words = text.casefold().split()

    def fits(card: ModelCard) -> bool:
        said = " ".join((card.name, type_label(card.type), *card.tags, f"#{card.number}", card.towers)).casefold()
        return (not kind or card.type == kind) and all(word in said for word in words)

    return [card for card in cards if fits(card)]


def listing(cards: Sequence[ModelCard], picked: Sequence[str]) -> Component:
    """The cards, or what to do where none fits."""
    if not cards:
        return empty_state("No model fits", "Nothing matches this search.", actions=[button("Show all", id="recsys-models-clear")])
    return html.Ul([html.Li(_card(card, card.id in picked)) for card in cards], className="config-cards")


def nothing_yet() -> Component:
    """What the chapter says before the first model."""
    text = (
        "A model is two towers that turn a buyer's and a product's features into vectors, and how they are trained. It knows no data, "
        "so one model can be tested with many features."
    )
    make = button("Start with the Standard preset", kind="primary", icon_name="plus-lg", **act(ACTION, "standard"))
    recipes = [
        html.Li(
            [
                html.Div([html.Strong(recipe.name), html.Span(f" {recipe.description}", className="muted")]),
                html.Div(
                    [html.Span(recipe.expectation, className="muted"), button("Use", small=True, **act(ACTION, "recipe", recipe.key))]
                ),
            ],
            className="recipe",
        )
        for recipe in RECIPES.values()
    ]
    more = html.Details(
        [
            html.Summary("Recipes: complete models with what to expect of them on MovieLens 100K", className="more-title"),
            html.Ul(recipes, className="recipes"),
        ],
        className="fold",
    )
    return html.Div([empty_state("No model yet", text, actions=[make, link_button("Build one", addresses.new_model())]), more])


def _card(card: ModelCard, picked: bool) -> Component:
    head = html.Div(
        [
            html.H2(dcc.Link(card.name, href=addresses.one_model(card.id), className="card-link"), className="card-title"),
            badge(type_label(card.type), "info"),
        ],
        className="card-head",
    )
    pairs = [("Towers", card.towers), *([("Head", card.head)] if card.head != "None" else []), ("Embedding", f"{card.output} dimensions")]
    pairs += [
        ("Trains", f"{card.optimizer}, batches of {card.batch:,}, {card.epochs:,} epoch{'' if card.epochs == 1 else 's'}"),
        ("Parameters", f"{card.parameters:,} dense at 100/50"),
    ]
    words = html.Dl([part for label, value in pairs for part in (html.Dt(label), html.Dd(value))], className="words")
    used = f"{card.tests:,} test{'' if card.tests == 1 else 's'}" if card.tests else "not tested yet"
    pick = html.Button(
        "Compare", type="button", className="btn btn-quiet btn-sm pick", **attrs({"aria-pressed": str(picked).lower(), "aria-label": f"Compare {card.name}"}),
        **act(ACTION, "pick", card.id),
    )  # fmt: skip
    actions = [
        pick, _link("pencil", f"Edit {card.name}", addresses.edit_model(card.id)), _link("copy", f"Clone {card.name}", addresses.new_model(of=card.id)),
        icon_button("trash", f"Delete {card.name}", **act(ACTION, "delete", card.id)),
    ]  # fmt: skip
    foot = html.Div(
        [
            html.Span([f"#{card.number} · {used} · ", time_of(card.updated_at)], className="muted"),
            html.Div(actions, className="card-actions"),
        ],
        className="card-foot",
    )
    tags = [html.Div([badge(tag) for tag in card.tags], className="card-tags")] if card.tags else []
    return html.Article([head, words, *tags, foot], className="panel config-card")


def _link(name: str, label: str, href: str) -> Component:
    return dcc.Link([icon(name), html.Span(label, className="visually-hidden")], href=href, className="btn btn-icon", title=label)
