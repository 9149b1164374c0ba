"""The wizard of models as a page: three steps beside one summary. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import link_button, section
from dashboard.components.attributes import attrs
from dashboard.families.recsys import layer_control
from dashboard.families.recsys.pages import wizard
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models import builder, steps
from dashboard.families.recsys.pages.models.draft import ModelDraft
from dashboard.families.recsys.pages.models.ids import ASSUMED, FEATURES
from dashboard.families.recsys.pages.models.recipes import recipes
from dashboard.families.recsys.pages.models.side import GUIDE, summary
from dashboard.families.recsys.pages.models.verdict import ModelVerdict
from dashboard.warming import warm_up
from recsys.records import ModelConfigRecord


def page(
    draft: ModelDraft,
    verdict: ModelVerdict,
    *,
    step: int,
    title: str,
    crumb: str | None = None,
    stored: Sequence[ModelConfigRecord] = (),
    features: Sequence[tuple[str, str]] = (),
    clone: str | None = None,
) -> Component:
    """The whole page.

    Args:
        step: the one that is shown, from 1. title: the page's. crumb: name of the stored configuration that is edited.
        stored: models that a new one may be a copy of. features: (id, words) of the feature configurations whose widths may be used.
        clone: the address of a clone's wizard, for one whose architecture is locked.
    """
    return wizard.page(
        GUIDE, draft, verdict, step=step, title=title, crumb=crumb, summary=summary(draft, verdict),
        lead="How tensors are processed and trained. It knows no data: any features can be tested with it.",
        steps=[first(draft, verdict, stored), second(draft, verdict, features, clone), third(draft, verdict)],
        cancel=layer_control.way_back(draft.back), more=[dcc.Store(id="recsys-model-locked", data=verdict.locked), warm_up("tensorflow")],
    )  # fmt: skip


def first(draft: ModelDraft, verdict: ModelVerdict, stored: Sequence[ModelConfigRecord]) -> Component:
    """Name, what a new one starts from, and type."""
    note = (
        "Fixed: a test has used this model." if verdict.locked else "What the model answers. It cannot be changed once a test has used it."
    )
    kinds = section("Type", html.Div(steps.types(draft, locked=verdict.locked), id="recsys-model-types"), note=note)
    start = section(
        "Start from",
        [
            html.Div(builder.preset_cards(verdict), id=MODELS.id("start")),
            html.Div([*wizard.copies(MODELS, stored), recipes(MODELS.id("action"))]),
        ],
        note="Towers of a preset, a copy, or a whole model with its training; everything can be changed afterwards.",
    )
    shown = [start] if draft.version is None else [html.Div(id=MODELS.id("start"), hidden=True)]
    return wizard.step(1, [wizard.names(MODELS, draft, verdict), *shown, kinds])


def second(draft: ModelDraft, verdict: ModelVerdict, features: Sequence[tuple[str, str]], clone: str | None) -> Component:
    """Both towers."""
    options = [{"value": ASSUMED, "label": "100 and 50 dimensions, assumed"}, *({"value": id, "label": words} for id, words in features)]
    widths = html.Div(
        [
            html.Label("Input widths of", htmlFor=FEATURES, className="field-label"),
            dbc.Select(id=FEATURES, options=options, value=draft.features or ASSUMED),  # pyright: ignore[reportArgumentType]
        ],
        className="widths-of",
    )
    banner: list[Component] = []
    if verdict.locked:
        words = "A test has used this model, so its architecture stays as it is. "
        to = [link_button("Clone with another architecture", clone, small=True)] if clone else []
        banner = [html.P([words, *to], className="notice notice-warning")]
    presets = html.Div(builder.presets(draft, verdict), id="recsys-model-presets")
    towers = html.Div(builder.towers(draft, verdict), id="recsys-model-towers", **attrs({"tabIndex": "-1"}))
    hint = "Drag a layer by its handle, or move the focused one with Alt and the arrow keys."
    content = [*banner, html.Div([presets, towers], className="is-locked" if verdict.locked else "")]
    return wizard.step(2, [section("Towers", [widths, *content], note=hint)])


def third(draft: ModelDraft, verdict: ModelVerdict) -> Component:
    """Training and the rating head."""
    kind = draft.readable.values["model_type"]
    weights = section(
        "Balance of both tasks",
        [steps.slider(draft), html.Div(steps.weights_words(draft, verdict), id="recsys-model-weights-words")],
        id="recsys-model-weights",
    )
    return wizard.step(
        3,
        [
            section("Optimiser", html.Div(steps.optimizers(draft), id="recsys-model-optimizers")),
            section("Training", [steps.training_fields(draft), html.Div(steps.stopping(draft), id="recsys-model-stopping")]),
            html.Div(
                section(
                    "Rating head",
                    html.Div(steps.head(draft, verdict), id="recsys-model-head"),
                    note="Which column is learnt is chosen with the test, or with the features.",
                ),
                id="recsys-model-rating",
                hidden=kind == "retrieval",
            ),
            html.Div(weights, id="recsys-model-balance", hidden=kind != "multitask"),
        ],
    )
