"""The Create page: one page in the order in which a person thinks, with a live summary at the side. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import link_button, page_header, section
from dashboard.components.attributes import attrs
from dashboard.components.link_choice import link_choice
from dashboard.components.upload import upload_control
from dashboard.forms import advanced_group, field_rows, section_groups
from dashboard.pages.create import samples
from dashboard.pages.create.start import Offer, Start, offers
from dashboard.pages.create.summary import ACTION, create_label, summary
from dashboard.pages.create.verdict import FORM, NAME, SAMPLE_FORM, Verdict
from dashboard.warming import warm_up
from workbench.fields import FieldKind, FieldSpec

NO_MODEL = "none"
"""No model chosen to start from (a list's empty value would show as blank)."""

UPLOAD, UPLOAD_PLACE = "create-upload", "create-upload-place"
STORES = ("create-base", "create-draft", "create-view", "create-drawn", ACTION)


def page(
    start: Start, verdict: Verdict, *, models: Sequence[tuple[str, str]] = (), kinds: Sequence[tuple[str, str, bool]] = ()
) -> Component:
    """The whole page, filled from `start`.

    Args:
        models: (id, name) of models one may start from. kinds: (address, title, chosen) of the kinds of model one may create.
    """
    lead = "Data and architecture are fixed once the model exists; its name and training settings can be changed at any time."
    if start.clone is not None:
        lead = f"Same data as {start.clone.name}, with an architecture of its own."
    crumbs = [("Models", "/"), (start.clone.name, f"/model/{start.clone.id}")] if start.clone else []
    form = [
        start_section(start, models, kinds),
        name_section(verdict),
        dataset_section(start, verdict),
        architecture_section(start, verdict),
        training_section(start, verdict),
    ]
    stores: list[Any] = [dcc.Store(id=name) for name in STORES if name != "create-base"]
    stores.append(dcc.Store(id="create-base", data=base_of(start)))
    # Until this machine's speed is known, the summary is asked again now and then: a warming worker measures it.
    stores.append(dcc.Interval(id="create-tick", interval=3000, max_intervals=0 if verdict.seconds_per_epoch is not None else 40))
    header = page_header("New model" if start.clone is None else "Clone with another architecture", lead=lead, crumbs=crumbs)
    side = html.Aside(
        [html.Div(summary(start, verdict), id="create-summary", className="panel side-panel", tabIndex=0), buttons(verdict)],
        className="side", **attrs({"aria-label": "Summary"}),
    )  # fmt: skip
    return html.Div(
        [
            *stores,
            warm_up(start.family.framework),
            header,
            html.Div([html.Div(form, className="form-column"), side], className="with-side"),
        ],
        id="create-page",
    )


def base_of(start: Start) -> dict[str, Any]:
    """What the form was filled from, as the browser keeps it."""
    return {
        "family": start.family.name,
        "model_type": start.model_type.name,
        "dataset": start.source.id,
        "preset": start.choice,
        "from": start.clone.id if start.clone else None,
        "sample": dict(start.asked),
    }


def buttons(verdict: Verdict) -> Component:
    """Cancel, Create, Create and train. While something is wrong the main button says what, and leads there."""
    jump = verdict.missing.target if verdict.missing else ""
    blocked: dict[str, Any] = {"data-jump": jump}
    go = html.Button(create_label(verdict), id="create-train", type="button", className="btn btn-primary", **blocked)
    only = html.Button("Create", id="create-only", type="button", className="btn btn-outline-secondary", **blocked)
    return html.Div([link_button("Cancel", "/", kind="quiet"), only, go], className="side-buttons")


def start_section(start: Start, models: Sequence[tuple[str, str]], kinds: Sequence[tuple[str, str, bool]]) -> Component:
    """1: what to start from."""
    parts: list[Any] = []
    parts += link_choice("Kind of model", kinds)
    parts.append(
        dbc.RadioItems(id="create-preset", options=preset_options(offers(start)), value=start.choice, className="choices choices-presets")
    )
    if models and start.clone is None:
        options: Any = [{"label": "or an existing model ...", "value": NO_MODEL}] + [{"label": name, "value": id} for id, name in models]
        choose = dbc.Select(id="create-from", options=options, value=NO_MODEL, size="sm")
        parts.append(
            html.Label(
                [html.Span("Start from an existing model", className="visually-hidden"), choose],
                className="from-model",
                htmlFor="create-from",
            )
        )
    return section(_step(1, "Start from"), parts, note="Fills the form. What you change afterwards is marked.")


def preset_options(found: Sequence[Offer]) -> list[Any]:
    """The starting points as described choices; one that is refused says why."""
    options: list[Any] = []
    for offer in found:
        words: list[Any] = [html.Span(offer.title, className="choice-title"), html.Span(offer.sentence, className="choice-text")]
        if offer.expected:
            words.append(html.Span(offer.expected, className="choice-text"))
        if offer.made_for:
            words.append(html.Span(f"Made for {offer.made_for}.", className="choice-text"))
        if offer.refused:
            words.append(html.Span(offer.refused, className="choice-reason"))
        options.append({"value": offer.choice, "label": html.Span(words, className="choice"), "disabled": offer.refused is not None})
    return options


def name_section(verdict: Verdict) -> Component:
    """2: its name."""
    control = dbc.Input(id=NAME, type="text", value="", placeholder=verdict.name, debounce=250, autocomplete="off")
    parts = [
        html.Label("Name", htmlFor=NAME, className="visually-hidden"),
        control,
        html.P("", id="create-name-message", className="field-message", **attrs({"aria-live": "polite"})),
    ]
    return section(
        _step(2, "Name"), html.Div(parts, className="field-name"), note="Optional: without one, it is named after its architecture."
    )


def dataset_section(start: Start, verdict: Verdict) -> Component:
    """3: its data."""
    if start.clone is not None:
        words = f"{start.source.name}: {start.model_type.holds.brief(start.held, len(start.marks))}."
        # The callbacks' places exist here as well; a clone only shows nothing in them.
        unused = html.Div(
            [
                dbc.Select(id="create-dataset", value=""),
                html.P(id="create-dataset-words"),
                html.Div(id="create-strip"),
                html.Div(dcc.Upload(id=UPLOAD), id=UPLOAD_PLACE),
            ],
            hidden=True,
        )
        note = f"Shared with {start.clone.name}, so they are not chosen here."
        return section(_step(3, "Dataset"), [html.P(words, className="field-help"), unused], note=note)
    specs = start.sample_specs()
    source = html.Div(
        [
            html.Div(html.Label("Source", htmlFor="create-dataset", className="field-label"), className="field-head"),
            dbc.Select(id="create-dataset", options=dataset_options(start), value=start.source.id),
            html.P(start.source.description, id="create-dataset-words", className="field-help"),
            upload(start),
        ],
        className="field field-half",
    )
    plain = field_rows(SAMPLE_FORM, [s for s in specs if not s.meta.advanced], start.sample_raw(), verdict.sample_looks, titled=False)
    folded = field_rows(SAMPLE_FORM, [s for s in specs if s.meta.advanced], start.sample_raw(), verdict.sample_looks, titled=False)
    parts: list[Any] = [html.Div([source, *plain], className="fields")]
    if folded:
        parts.append(advanced_group("More", folded))
    parts.append(html.Div(samples.waiting(), id="create-strip", className="strip-place"))
    return section(_step(3, "Dataset"), parts, note="Chosen once: what is drawn from it stays the model's own.")


def dataset_options(start: Start) -> list[Any]:
    """The datasets on offer, built-in ones first."""
    return [{"label": f"{source.name} (file missing)" if source.missing else source.name, "value": source.id} for source in start.sources]


def upload(start: Start) -> Component:
    """Takes in a file of one's own, where the family can."""
    readers = start.family.data.readers
    endings = ", ".join(readers.extensions) if readers is not None else ""
    words = f"{readers.words[:1].upper()}{readers.words[1:]}. Folders: the Datasets page." if readers is not None else ""
    return upload_control(UPLOAD, UPLOAD_PLACE, f"Upload {endings}", words, hidden=readers is None)


def architecture_section(start: Start, verdict: Verdict) -> Component:
    """4: what cannot be changed later."""
    specs = [s for s in start.form_specs() if s.kind is FieldKind.STRUCTURAL]
    plain, folded = _plain_and_folded(specs, start, verdict)
    parts = [
        html.Div(plain, className="fields"),
        advanced_group("Advanced", folded, note=_sections_in(s for s in specs if s.meta.advanced)),
    ]
    return section(_step(4, "Architecture"), parts, note="Cannot be changed later; a clone can have another one.")


def training_section(start: Start, verdict: Verdict) -> Component:
    """5: what can be changed any time."""
    specs = [s for s in start.form_specs() if s.kind is FieldKind.MODIFIABLE]
    plain, _ = _plain_and_folded(specs, start, verdict)
    folded: list[Component] = []
    for title, members in section_groups(s for s in specs if s.meta.advanced):
        rows = field_rows(FORM, members, start.raw(), verdict.looks)
        folded.append(html.Div([html.H3(title, className="group-title"), html.Div(rows, className="fields")], className="form-group"))
    parts = [
        html.Div(plain, className="fields"),
        advanced_group("More settings", folded, note="all of them can wait for the training page"),
    ]
    return section(_step(5, "Training"), parts, note="Can be changed at any time, between runs.")


def _step(number: int, title: str) -> list[Any]:
    return [html.Span(str(number), className="step"), title]


def _sections_in(specs: Iterable[FieldSpec]) -> str:
    """What folded fields are about, in few words."""
    return ", ".join(dict.fromkeys(spec.section[:1].lower() + spec.section[1:] for spec in specs if spec.section))


def _plain_and_folded(specs: Sequence[FieldSpec], start: Start, verdict: Verdict) -> tuple[list[Component], list[Component]]:
    raw = start.raw()
    plain = field_rows(FORM, [s for s in specs if not s.meta.advanced], raw, verdict.looks, roomy=True, titled=False)
    folded: list[Component] = [
        html.Div(field_rows(FORM, [s for s in specs if s.meta.advanced], raw, verdict.looks, titled=False), className="fields")
    ]
    return plain, folded
