"""The wizard's side: what one gets, what it costs, what is still wrong. Pure."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, button, stat
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models.builder import ACTION
from dashboard.families.recsys.pages.models.draft import ModelDraft
from dashboard.families.recsys.pages.models.ids import FORM
from dashboard.families.recsys.pages.models.steps import form_specs
from dashboard.families.recsys.pages.models.verdict import ModelVerdict
from dashboard.families.recsys.pages.wizard import Guide
from dashboard.live.words import duration
from recsys.issues import Issue
from recsys.model.draft import FIELDS
from recsys.model.plan import Step
from recsys.model.summaries import tower_path, type_label
from recsys.model.warning import ConfigWarning
from workbench.fields import choice_label


def summary(draft: ModelDraft, verdict: ModelVerdict) -> Component:
    """The panel's content."""
    return html.Div([counts(verdict), network(draft, verdict), checks(verdict)])


def counts(verdict: ModelVerdict) -> Component:
    """Parameters and time."""
    low, likely, high = verdict.seconds
    note = f"{duration(low)} to {duration(high)}" if low is not None and high is not None and low < high else None
    if likely is None:
        note = "Known after a first test."
    total = "–" if verdict.count is None else f"{verdict.count.total:,}"
    tables = "–" if verdict.embedding_count is None else f"{verdict.embedding_count:,}"
    of = f"with {verdict.widths.name}" if verdict.widths.name else "100/50 dimensions assumed"
    return html.Div(
        [
            stat("Dense parameters", total, note=of),
            stat("Embedding tables", tables, note=None if verdict.widths.name else "Known once features are chosen."),
            stat("A test", "–" if likely is None else f"≈ {duration(likely)}", note=note),
        ],
        className="stats",
    )  # fmt: skip


def network(draft: ModelDraft, verdict: ModelVerdict) -> Component:
    """The network and its schedule in words."""
    values = draft.readable.values
    pairs: list[tuple[str, Any]] = [("Type", type_label(values["model_type"]))]
    if verdict.plan is not None:
        shared = bool(verdict.plan.shared)
        pairs.append(("Both towers" if shared else "Buyer tower", tower_path(verdict.plan.buyer)))
        if not shared:
            pairs.append(("Product tower", tower_path(verdict.plan.product)))
        if verdict.plan.head is not None:
            pairs.append(("Rating head", _path(verdict.plan.head.steps)))
        pairs.append(("Embedding", f"{verdict.plan.buyer.output_dim} dimensions"))
    spec = FIELDS.specs["optimizer"]
    pairs += [
        ("Optimiser", f"{choice_label(spec, values['optimizer'])} at {values['learning_rate']:g}"), ("Batch", f"{values['batch_size']:,}"),
        ("Epochs", f"{values['epochs']:,}"),
    ]  # fmt: skip
    listed = [part for label, value in pairs for part in (html.Dt(label), html.Dd(value))]
    return html.Div([html.H3("What it will be", className="mini-title"), html.Dl(listed, className="words")])


def _path(steps: tuple[Step, ...]) -> str:
    return "→".join(str(step.outputs) for step in steps if step.layer.type == "dense")


def checks(verdict: ModelVerdict) -> Component:
    """What must be fixed, each leading to its place, and what is doubtful."""
    return GUIDE.checks(verdict, [_doubt(warning) for warning in verdict.warnings])


def _doubt(warning: ConfigWarning) -> Component:
    fix = [button(warning.action.words, small=True, **act(ACTION, "fix", str(warning.code)))] if warning.action.settings else []
    words = [html.Span(warning.message), *([] if fix else [html.Span(f" {warning.action.words}")])]
    return html.Div([*words, *fix])


def step_of(issue: Issue) -> int:
    """The step on which an issue is mended."""
    name = issue.path.split(".", 1)[0]
    if name in ("name", "description", "model_type"):
        return 1
    return 2 if name in ("buyer_tower_layers", "product_tower_layers", "share_tower_weights", "output_embedding_dim") else 3


def target_of(issue: Issue) -> str:
    """Where an issue leads: a field's row, or the part of the page that it is about."""
    name = issue.path.split(".", 1)[0]
    if name in {spec.name for spec in form_specs()}:
        return f"{FORM}/{name}"
    return {
        "name": MODELS.id("name"),
        "rating_head_layers": "recsys-model-head",
        "retrieval_weight": "recsys-model-weights",
        "ranking_weight": "recsys-model-weights",
    }.get(name, "recsys-model-towers")


GUIDE = Guide(MODELS, ("Type", "Towers", "Training"), "Create model", step_of, target_of)
