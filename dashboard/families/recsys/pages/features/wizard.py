"""The wizard of features as a page: two steps beside one summary. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import page_header, section
from dashboard.components.attributes import attrs
from dashboard.components.gestures import gestures
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.features import builder
from dashboard.families.recsys.pages.features.draft import FeatureDraft
from dashboard.families.recsys.pages.features.side import NAME, STEPS, step_of, summary, target_of
from dashboard.families.recsys.pages.features.verdict import Verdict

DRAFT, DESCRIPTION, VIEW, SAMPLE = "recsys-feature-draft", "recsys-feature-description", "recsys-feature-view", "recsys-feature-sample"


def page(
    draft: FeatureDraft, verdict: Verdict, *, step: int, title: str, dataset: str, datasets: Sequence[tuple[str, str, bool]] = (), crumb: str | None = None,
) -> Component:  # fmt: skip
    """The whole page.

    Args:
        dataset: name of the table. datasets: (address, name, chosen) of the tables that a new configuration may be of.
        crumb: name of the stored configuration that is edited.
    """
    crumbs = [("Recommenders", addresses.HOME), ("Features", addresses.FEATURES)]
    if crumb is not None:
        crumbs.append((crumb, f"{addresses.FEATURES}/{draft.key.rsplit('/', 1)[-1]}"))
    stores = [
        dcc.Store(id=builder.ACTION),
        dcc.Store(id=DRAFT, data=draft.to_json()),
        dcc.Store(id=VIEW),
        dcc.Store(id="recsys-feature-kept"),
    ]
    side = html.Aside(
        [html.Div(summary(verdict), id="recsys-feature-side", className="panel side-panel", tabIndex=0), frame.wizard_buttons(
            "recsys-feature-save", save_label(verdict, saved=draft.version is not None), save_jump(verdict), cancel=addresses.FEATURES
        )],
        className="side", **attrs({"aria-label": "Summary"}),
    )  # fmt: skip
    wrong = {step_of(issue) for issue in verdict.errors}
    lead = f"What the columns of {dataset} become in both towers."
    return html.Div(
        [
            *stores, page_header(title, lead=lead, crumbs=crumbs), frame.step_bar(STEPS, step, wrong),
            html.Div([html.Div([first(draft, verdict, dataset, datasets), second(draft, verdict)], className="wizard-steps"), side], className="with-side"),
            html.Div(id="recsys-feature-said", className="visually-hidden", **attrs({"aria-live": "polite"})),
        ],
        id="recsys-feature-wizard", className="wizard", **attrs({"data-step": str(step)}), **gestures(builder.ACTION),
    )  # fmt: skip


def first(draft: FeatureDraft, verdict: Verdict, dataset: str, datasets: Sequence[tuple[str, str, bool]]) -> Component:
    """Name, table, what to start from."""
    name = html.Div(
        [
            html.Label("Name", htmlFor=NAME, className="field-label"),
            dbc.Input(id=NAME, type="text", value=draft.name, debounce=400, autocomplete="off", maxlength=255),
            html.P(
                name_words(draft, verdict), id="recsys-feature-name-message", className="field-message", **attrs({"aria-live": "polite"})
            ),
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
    facts = verdict.facts
    sizes = f"{facts.usable:,} rows, {len(facts.columns):,} columns"
    links = [
        dcc.Link(words, href=href, className=f"btn btn-sm btn-outline-secondary{' active' if chosen else ''}")
        for href, words, chosen in datasets
    ]
    table: list[Any] = [html.P([html.Strong(dataset), f": {sizes}."])]
    if links:
        table.append(html.Div(links, className="kinds", role="group", **attrs({"aria-label": "Dataset"})))
    note = "A configuration belongs to one table." if draft.version is None else "The table of a stored configuration stays."
    return frame.step(1, [section("Name", html.Div([name, description], className="wizard-words")), section("Dataset", table, note=note)])


def second(draft: FeatureDraft, verdict: Verdict) -> Component:
    """Columns into towers."""
    hint = "Drag a column or a feature by its sign, press a column's button, or move the focused one with Alt and the arrow keys."
    board = html.Div(builder.board(draft, verdict), id="recsys-feature-board", tabIndex="-1")
    tools = html.Div(builder.starts(draft), id="recsys-feature-tools")
    rows = html.Div(html.P("Reading the rows", className="field-help"), id=SAMPLE)
    return frame.step(2, [section("Columns and towers", board, note=hint, aside=tools), section("Sample rows", rows)])


def name_words(draft: FeatureDraft, verdict: Verdict) -> str:
    """What is wrong with a name that was typed; that none was typed yet is said at the side."""
    return " ".join(issue.message for issue in verdict.errors if issue.path == "name") if draft.name else ""


def save_label(verdict: Verdict, *, saved: bool) -> str:
    """What the main button says."""
    if verdict.errors:
        return "Name the features" if verdict.errors[0].path == "name" else "Fix what is wrong"
    return "Save" if saved else "Create features"


def save_jump(verdict: Verdict) -> Mapping[str, str]:
    """Where the main button leads while something is wrong."""
    wrong = verdict.errors[0] if verdict.errors else None
    return {"data-jump": target_of(wrong) if wrong else "", "data-step": str(step_of(wrong)) if wrong else ""}
