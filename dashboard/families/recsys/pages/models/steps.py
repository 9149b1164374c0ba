"""The wizard's first step (what the model answers) and its third (how it trains). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.components import act, button, icon
from dashboard.components.attributes import attrs
from dashboard.components.dialog import DialogField, dialog, field_of
from dashboard.families.recsys.pages.models.builder import ACTION, column
from dashboard.families.recsys.pages.models.draft import ModelDraft
from dashboard.families.recsys.pages.models.ids import FORM, RATIO
from dashboard.families.recsys.pages.models.verdict import ModelVerdict
from dashboard.forms import advanced_group, field_row, raw_of
from recsys.editing.models import ratio_of, recommended_rate
from recsys.model.architecture import TYPE_CHOICES
from recsys.model.draft import FIELDS, read_draft
from recsys.model.optimizers import RECOMMENDED
from recsys.model.presets import HEADS
from recsys.model.summaries import head_summary
from recsys.model.training import EarlyStopping
from workbench.fields import FieldSpec, field_specs

MAIN = ("learning_rate", "batch_size", "epochs")
"""Settings with chips of their own."""

CHIPS: Mapping[str, tuple[float | int, ...]] = {
    "learning_rate": (0.001, 0.01, 0.05, 0.1), "batch_size": (1024, 2048, 4096, 8192), "epochs": (2, 3, 5, 10, 20),
}  # fmt: skip

ELSEWHERE = frozenset({"optimizer", "retrieval_weight", "ranking_weight", "early_stopping", "output_embedding_dim", "share_tower_weights"})
"""Settings that have a control of their own in the wizard."""

_USES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "retrieval": (
        "Which products suit a buyer, out of all there are",
        "Recall and nDCG",
        ("Buyer tower|Product tower", "Dot product", "Similarity"),
    ),
    "ranking": ("What rating a buyer gives a product", "RMSE", ("Buyer tower|Product tower", "Joined, then the head", "Rating")),
    "multitask": (
        "Both at once: shortlists that are rated too",
        "Recall and RMSE",
        ("Buyer tower|Product tower", "Dot product|Head", "Weighted loss"),
    ),
}
"""Type -> what it is used for, its figure, the stages of its drawing; what stands side by side is parted by a bar."""


def form_specs() -> tuple[FieldSpec, ...]:
    """Settings that the wizard shows as fields of the registry, in its order."""
    return tuple(s for s in FIELDS.specs.values() if s.composite is None and s.name != "model_type" and s.name not in ELSEWHERE)


def form_values(document: Mapping[str, Any]) -> dict[str, Any]:
    """What those fields' controls hold for a document; what cannot be read stays as it was typed."""
    draft = read_draft(document)
    held = {}
    for spec in form_specs():
        wrong = spec.name in draft.wrong and spec.name in document
        held[spec.name] = str(document[spec.name]) if wrong else raw_of(spec, draft.values[spec.name])
    return held


def types(draft: ModelDraft, *, locked: bool) -> Component:
    """The three kinds of model as cards with their drawings."""
    chosen = draft.readable.values["model_type"]
    return html.Div(
        [_type(kind, label, text, kind == chosen, locked) for kind, label, text in TYPE_CHOICES], className="type-cards", role="radiogroup",
        **attrs({"aria-label": "Type of model"}),
    )  # fmt: skip


def _type(kind: str, label: str, text: str, chosen: bool, locked: bool) -> Component:
    use, metric, stages = _USES[kind]
    facts = [html.Span(["Answers: ", use]), html.Span(["Measured by: ", metric])]
    if kind != "retrieval":
        facts.append(html.Span([icon("star"), " Needs a rating column"], className="type-needs"))
    content = [
        html.Span(label, className="choice-title"),
        drawing(stages),
        html.Span(text, className="choice-text"),
        html.Span(facts, className="type-facts"),
    ]
    return html.Button(
        content, type="button", className="type-card", role="radio", disabled=locked and not chosen,
        **attrs({"aria-checked": str(chosen).lower()}), **act(ACTION, "type", kind),
    )  # fmt: skip


def drawing(stages: Iterable[str]) -> Component:
    """A network as boxes from top to bottom."""
    rows = [html.Span([html.Span(box, className="net-box") for box in stage.split("|")], className="net-row") for stage in stages]
    parts: list[Component] = []
    for row in rows:
        parts += [html.Span(icon("arrow-down"), className="net-arrow"), row] if parts else [row]
    return html.Span(parts, className="net", **attrs({"aria-hidden": "true"}))


def optimizers(draft: ModelDraft) -> Component:
    """The optimizers as cards with the learning rates that suit them."""
    chosen = draft.readable.values["optimizer"]
    cards = [_optimizer(draft, key, key == chosen) for key in RECOMMENDED]
    offer: list[Component] = []
    held = draft.readable.values["learning_rate"]
    wanted = recommended_rate(draft.document, chosen)
    if draft.rate_chosen and held != wanted:
        use = button(f"Use {wanted:g}", small=True, **act(ACTION, "setting-number", "learning_rate", value=f"{wanted:g}"))
        offer = [html.P([f"{RECOMMENDED[chosen].name} begins with {wanted:g} for these towers. ", use], className="field-help")]
    group = html.Div(cards, className="optimizer-cards", role="radiogroup", **attrs({"aria-label": "Optimiser"}))
    return html.Div([group, *offer])


def _optimizer(draft: ModelDraft, key: Any, chosen: bool) -> Component:
    info = RECOMMENDED[key]
    content = [
        html.Span(info.name, className="choice-title"), html.Span(f"{info.low:g} to {info.high:g}", className="mono"),
        html.Span(info.note, className="choice-text"),
    ]  # fmt: skip
    return html.Button(
        content,
        type="button",
        className="optimizer-card",
        role="radio",
        **attrs({"aria-checked": str(chosen).lower()}),
        **act(ACTION, "optimizer", key),
    )


def training_fields(draft: ModelDraft) -> Component:
    """The settings with chips, and all others folded away."""
    held = form_values(draft.document)
    specs = {spec.name: spec for spec in form_specs()}
    main = [html.Div([field_row(FORM, specs[name], held[name]), chips(name)], className="field-with-chips") for name in MAIN]
    rest = [field_row(FORM, spec, held[name]) for name, spec in specs.items() if name not in MAIN and spec.meta.unavailable is None]
    return html.Div([html.Div(main, className="fields"), advanced_group("Advanced", [html.Div(rest, className="fields")])])


def chips(name: str) -> Component:
    """Common values of a setting; one click fills its field."""
    made = [
        html.Button(
            f"{value:g}", type="button", className="chip", **attrs({"data-chip": f"{value:g}", "data-form": FORM, "data-field": name})
        )
        for value in CHIPS[name]
    ]
    return html.Div(made, className="chips", role="group", **attrs({"aria-label": f"{FIELDS.specs[name].label}: common values"}))


def stopping(draft: ModelDraft) -> Component:
    """Early stopping, in words, with its dialog."""
    held = draft.readable.values["early_stopping"]
    on = isinstance(held, EarlyStopping)
    values = held if on else EarlyStopping()
    fields = (
        DialogField("early_stopping", "Stop early", "switch", on, FIELDS.specs["early_stopping"].meta.help),
        *(
            field_of(spec, getattr(values, spec.name), name=f"early_stopping.{spec.name}", under="early_stopping")
            for spec in field_specs(EarlyStopping)
        ),
    )
    words = f"Ends after {values.patience} epochs without a better {values.monitor}." if on else "Trains all epochs."
    change = button("Change", small=True, **dialog(ACTION, "stopping", title="Early stopping", fields=fields))
    return html.Div(
        [html.Span("Early stopping", className="field-label"), html.P(words, className="field-help"), change], className="field"
    )


def head(draft: ModelDraft, verdict: ModelVerdict) -> list[Component]:
    """The rating head's builder with its presets; nothing for a model that only retrieves."""
    if draft.readable.values["model_type"] == "retrieval":
        return []
    chosen = verdict.model.architecture.rating_head_layers if verdict.model else None
    presets = [
        html.Button(
            [html.Span(p.name, className="choice-title"), html.Span(head_summary(p.rating_head_layers), className="mono")], type="button", className="preset-card",
            **attrs({"aria-pressed": str(p.rating_head_layers == chosen).lower()}), **act(ACTION, "head", p.key),
        )
        for p in HEADS.values()
    ]  # fmt: skip
    return [
        html.Div(presets, className="preset-cards", role="group", **attrs({"aria-label": "Rating heads"})),
        html.Div(column(draft, verdict, "head"), className="towers towers-head"),
    ]


def weights_words(draft: ModelDraft, verdict: ModelVerdict) -> list[Component]:
    """What the slider says, or the numbers of a pair that no slider can show; and what is wrong with them."""
    values = draft.readable.values
    ratio = ratio_of(draft.document)
    wrong = [issue.message for issue in verdict.errors if issue.path in ("retrieval_weight", "ranking_weight")]
    if ratio is None:
        words = html.P(f"Retrieval {values['retrieval_weight']:g} · Ranking {values['ranking_weight']:g}", className="weights-words")
        if wrong:
            mend = button("Use 1 for retrieval", small=True, **act(ACTION, "setting-number", "retrieval_weight", value="1"))
            return [words, html.P(" ".join(wrong), className="field-message", role="alert"), mend]
        return [
            words,
            button("Normalise", small=True, title="Same ratio, adding up to 1", **act(ACTION, "normalise")),
        ]
    advice = {
        True: "More retrieval finds better shortlists; ratings get rougher.", False: "More ranking gives better ratings; shortlists get rougher.",
    }[ratio >= 0.5]  # fmt: skip
    return [html.P(f"Retrieval {ratio:g} · Ranking {1 - ratio:g}", className="weights-words"), html.P(advice, className="field-help")]


def slider(draft: ModelDraft) -> Component:
    """The slider between both tasks; from retrieval alone at the left to ranking alone at the right."""
    label = html.Label("Balance of both tasks", htmlFor=RATIO, className="visually-hidden")
    place = dbc.Input(
        id=RATIO,
        type="range",
        min=0,
        max=1,
        step=0.05,
        value=slider_value(draft) or "0.5",
        className="form-range live-slider",
        debounce=100,
    )
    ends = html.Div([html.Span("Retrieval 1.0"), html.Span("Ranking 1.0")], className="weights-ends")
    return html.Div([label, place, ends], className="weights-slider")


def slider_value(draft: ModelDraft) -> str | None:
    """What the slider holds; None for weights that it cannot show."""
    ratio = ratio_of(draft.document)
    return None if ratio is None else f"{1 - ratio:g}"
