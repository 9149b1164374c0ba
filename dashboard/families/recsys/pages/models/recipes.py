"""Complete models to begin with. Pure."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, button
from recsys.model.recipes import RECIPES


def recipes(action: str) -> Component:
    """Every recipe with what to expect of it, folded away; "Use" is the action `recipe` with its key.

    Args:
        action: id of the store that hears it.
    """
    items = [
        html.Li(
            [
                html.Div([html.Strong(recipe.name), html.Span(f" {recipe.description}", className="muted")]),
                html.Div(
                    [
                        html.Span(recipe.expectation, className="muted"),
                        button("Use", small=True, title=f"Use {recipe.name}", **act(action, "recipe", recipe.key)),
                    ]
                ),
            ],
            className="recipe",
        )
        for recipe in RECIPES.values()
    ]
    title = html.Summary("Recipes: complete models with what to expect of them on MovieLens 100K", className="more-title")
    return html.Details([title, html.Ul(items, className="recipes")], className="recipes-fold")
