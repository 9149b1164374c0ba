"""The wizard as a page: three steps beside one summary. Pure.

All three steps are in the page and one of them is shown, so that going back and forth loses nothing; which one stands in
the address.
"""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import link_button, page_header, section
from dashboard.components.attributes import attrs
from dashboard.components.gestures import gestures
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.models import builder, steps
from dashboard.families.recsys.pages.models.draft import ModelDraft
from dashboard.families.recsys.pages.models.side import NAME, STEPS, step_of, summary, target_of
from dashboard.families.recsys.pages.models.verdict import Verdict
from dashboard.warming import warm_up
from recsys.model.draft import read_draft

DRAFT, DESCRIPTION, FEATURES, VIEW = "recsys-model-draft", "recsys-model-description", "recsys-model-features", "recsys-model-view"
ASSUMED = "assumed"
"""The choice of no feature configuration (a list's empty value would show as blank)."""


def page(
    draft: ModelDraft,
    verdict: Verdict,
    *,
    step: int,
    title: str,
    crumb: str | None = None,
    features: Sequence[tuple[str, str]] = (),
    clone: str | None = None,
) -> Component:
    """The whole page.

    Args:
        step: the one that is shown, from 1. title: the page's. crumb: name of the stored configuration that is edited.
        features: (id, words) of the feature configurations whose widths may be used.
        clone: the address of a clone's wizard, for one whose architecture is locked.
    """
    crumbs = [("Recommenders", addresses.HOME), ("Model Structure", addresses.MODELS)]
    if crumb is not None:
        crumbs.append((crumb, addresses.one_model(draft.key.rsplit("/", 1)[-1])))
    stores = [
        dcc.Store(id=builder.ACTION), dcc.Store(id=DRAFT, data=draft.to_json()), dcc.Store(id=VIEW), dcc.Store(id="recsys-model-kept"),
        dcc.Store(id="recsys-model-locked", data=verdict.locked),
    ]  # fmt: skip
    lead = "How tensors are processed and trained. It knows no data: any features can be tested with it."
    body = html.Div([first(draft, verdict), second(draft, verdict, features, clone), third(draft, verdict)], className="wizard-steps")
    side = html.Aside(
        [html.Div(summary(draft, verdict), id="recsys-model-side", className="panel side-panel", tabIndex=0), frame.wizard_buttons(
            "recsys-model-save", save_label(verdict, saved=draft.version is not None), save_jump(verdict), cancel=addresses.MODELS
        )],
        className="side", **attrs({"aria-label": "Summary"}),
    )  # fmt: skip
    return html.Div(
        [
            *stores, warm_up("tensorflow"), page_header(title, lead=lead, crumbs=crumbs), frame.step_bar(STEPS, step, {step_of(issue) for issue in verdict.errors}),
            html.Div([body, side], className="with-side"),
            html.Div(id="recsys-model-said", className="visually-hidden", **attrs({"aria-live": "polite"})),
        ],
        id="recsys-model-wizard", className="wizard", **attrs({"data-step": str(step)}), **gestures(builder.ACTION),
    )  # fmt: skip


def first(draft: ModelDraft, verdict: Verdict) -> Component:
    """Name and type."""
    name = html.Div(
        [
            html.Label("Name", htmlFor=NAME, className="field-label"),
            dbc.Input(id=NAME, type="text", value=draft.name, debounce=400, autocomplete="off", maxlength=255),
            html.P(name_words(draft, verdict), id="recsys-model-name-message", className="field-message", **attrs({"aria-live": "polite"})),
        ],
        className="field field-name",
    )
    description = html.Div(
        [
            html.Label("Description", htmlFor=DESCRIPTION, className="field-label"),
            dbc.Textarea(id=DESCRIPTION, value=draft.description, debounce=400, rows=2, maxlength=4000),
        ],
        className="field field-name",
    )
    words = section("Name", html.Div([name, description], className="wizard-words"))
    note = (
        "Fixed: a test has used this model." if verdict.locked else "What the model answers. It cannot be changed once a test has used it."
    )
    kinds = section("Type", html.Div(steps.types(draft, locked=verdict.locked), id="recsys-model-types"), note=note)
    return frame.step(1, [words, kinds])


def second(draft: ModelDraft, verdict: Verdict, features: Sequence[tuple[str, str]], clone: str | None) -> Component:
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
    return frame.step(2, [section("Towers", content, note=hint, aside=widths)])


def third(draft: ModelDraft, verdict: Verdict) -> Component:
    """Training and the rating head."""
    kind = read_draft(draft.document).values["model_type"]
    weights = section(
        "Balance of both tasks",
        [steps.slider(draft), html.Div(steps.weights_words(draft, verdict), id="recsys-model-weights-words")],
        id="recsys-model-weights",
    )
    return frame.step(
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


def name_words(draft: ModelDraft, verdict: Verdict) -> str:
    """What is wrong with a name that was typed; that none was typed yet is said at the side."""
    return " ".join(issue.message for issue in verdict.errors if issue.path == "name") if draft.name else ""


def save_label(verdict: Verdict, *, saved: bool) -> str:
    """What the main button says."""
    if verdict.errors:
        return "Name the model" if verdict.errors[0].path == "name" else "Fix what is wrong"
    return "Save" if saved else "Create model"


def save_jump(verdict: Verdict) -> dict[str, str]:
    """Where the main button leads while something is wrong."""
    first_wrong = verdict.errors[0] if verdict.errors else None
    return {"data-jump": target_of(first_wrong) if first_wrong else "", "data-step": str(step_of(first_wrong)) if first_wrong else ""}
