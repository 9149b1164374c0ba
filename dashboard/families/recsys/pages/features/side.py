"""The wizard's side: how wide both towers become, of what, and what is still wrong. Pure."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components import stat
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.features.builder import TITLES
from dashboard.families.recsys.pages.features.verdict import FeatureVerdict
from dashboard.families.recsys.pages.wizard import Guide
from recsys.features.dims import TowerDims
from recsys.issues import Issue


def summary(verdict: FeatureVerdict) -> Component:
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
                html.Span(width.name, className="balance-name", title=width.name),
                html.Span(html.Span(style={"width": f"{100 * width.dim / most:.0f}%"}, className="balance-bar"), className="balance-track"),
                html.Span(f"{width.dim:,}", className="balance-count"),
            ]
        )
        for width in dims.breakdown
    ]
    return html.Div([html.H3(f"{title}: {dims.total:,} dimensions", className="mini-title"), html.Ul(bars, className="balance dims")])


def checks(verdict: FeatureVerdict) -> Component:
    """What must be fixed, each leading to its place, and what is worth knowing."""
    return GUIDE.checks(verdict, [html.Span(issue.message) for issue in verdict.issues if issue.severity != "error"])


def step_of(issue: Issue) -> int:
    """The step on which an issue is mended."""
    return 1 if issue.path in ("name", "description", "dataset_id") else 2


def target_of(issue: Issue) -> str:
    """Where an issue leads."""
    if issue.path == "name":
        return FEATURES.id("name")
    return "recsys-feature-target" if issue.path.startswith("target_column") else "recsys-feature-board"


GUIDE = Guide(FEATURES, ("Start", "Columns"), "Create features", step_of, target_of)
