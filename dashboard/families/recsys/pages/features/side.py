"""The wizard's side: how wide both towers become, of what, and what is still wrong. Pure."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components import icon, stat
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages.features.builder import TITLES
from dashboard.families.recsys.pages.features.verdict import Verdict
from recsys.features.dims import TowerDims
from recsys.issues import Issue

NAME = "recsys-feature-name"
STEPS = ("Start", "Columns")


def summary(verdict: Verdict) -> Component:
    """The panel's content."""
    stats = [
        stat("Buyer", f"{verdict.dims.buyer.total:,}", note="dimensions"), stat("Product", f"{verdict.dims.product.total:,}", note="dimensions"),
        stat("Embedding tables", f"≈ {verdict.embedding_count:,}", note="parameters"),
    ]  # fmt: skip
    return html.Div(
        [html.Div(stats, className="stats"), *(breakdown(TITLES[name], verdict.dims.of(name)) for name in TITLES), checks(verdict)]
    )


def breakdown(title: str, dims: TowerDims) -> Component:
    """A tower's tensors as bars, in the order in which they are joined."""
    if not dims.breakdown:
        return html.Div([html.H3(f"{title}: nothing yet", className="mini-title")])
    most = max(width.dim for width in dims.breakdown) or 1
    bars = [
        html.Li(
            [
                html.Span(width.name, className="balance-name"),
                html.Span(html.Span(style={"width": f"{100 * width.dim / most:.0f}%"}, className="balance-bar"), className="balance-track"),
                html.Span(f"{width.dim:,}", className="balance-count"),
            ]
        )
        for width in dims.breakdown
    ]
    return html.Div([html.H3(f"{title}: {dims.total:,} dimensions", className="mini-title"), html.Ul(bars, className="balance dims")])


def checks(verdict: Verdict) -> Component:
    """What must be fixed, each leading to its place, and what is worth knowing."""
    items = [
        html.Li(
            [icon("x-octagon"), html.Button(issue.message, type="button", className="check-link", **attrs({"data-jump": target_of(issue), "data-step": str(step_of(issue))}))],
            className="check-error",
        )
        for issue in verdict.errors
    ]  # fmt: skip
    items += [
        html.Li([icon("exclamation-triangle"), html.Span(issue.message)], className="check-warning")
        for issue in verdict.issues
        if issue.severity != "error"
    ]
    if not verdict.errors:
        items.append(html.Li([icon("check2"), html.Span("Everything fits together.")], className="check-good"))
    return html.Ul(items, className="checks", **attrs({"aria-live": "polite"}))


def step_of(issue: Issue) -> int:
    """The step on which an issue is mended."""
    return 1 if issue.path in ("name", "description", "dataset_id") else 2


def target_of(issue: Issue) -> str:
    """Where an issue leads."""
    if issue.path == "name":
        return NAME
    return "recsys-feature-target" if issue.path.startswith("target_column") else "recsys-feature-board"
