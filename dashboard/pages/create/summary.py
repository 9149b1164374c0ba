"""The live summary at the side: what one will get, what it costs, what is still wrong. Pure."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import act, icon, stat
from dashboard.components.attributes import attrs
from dashboard.live.words import duration
from dashboard.pages.create.diagram import diagram
from dashboard.pages.create.start import Start
from dashboard.pages.create.verdict import Verdict

ACTION = "create-action"
APART = "Compiling before them and measuring the result after them are not counted."


def summary(start: Start, verdict: Verdict) -> Component:
    """The panel's content."""
    return html.Div([diagram(start.model_type.diagram(verdict.judged.resolved)), costs(start, verdict), checks(verdict), words(verdict)])


def costs(start: Start, verdict: Verdict) -> Component:
    """Parameters and time."""
    seconds, epochs = verdict.seconds_per_epoch, verdict.judged.values.get(start.model_type.length)
    count = f"{verdict.parameters:,}" if verdict.parameters is not None else "–"
    per_epoch = f"≈ {duration(seconds)}" if seconds is not None else "not measured yet"
    note = None if seconds is not None else "Known once a worker has measured this machine."
    stats: list[Component] = [
        stat("Parameters", count),
        stat("One epoch", html.Span(per_epoch, className="stat-unknown") if seconds is None else per_epoch, note=note),
    ]
    if start.clone is None and verdict.part is not None:
        stats.append(stat("Trains on", verdict.part))
    if seconds is not None and isinstance(epochs, int):
        stats.append(stat(f"{epochs:,} epochs", f"≈ {duration(seconds * epochs)}", note=APART))
    parts: list[Any] = [html.Div(stats, className="stats")]
    rivals = [a for a in verdict.alternatives if a.seconds is not None]
    if len(rivals) > 1:
        title = start.model_type.fields.specs[start.model_type.alternatives[0]].section
        parts.append(html.Div([html.Span(title, className="stat-label"), *[_rival(a, title) for a in rivals]], className="rivals"))
    return html.Div(parts)


def _rival(alternative: Any, title: str) -> Component:
    text = [html.Span(alternative.label), html.Span(f"{duration(alternative.seconds)} an epoch", className="muted")]
    pressed: dict[str, Any] = {"aria-pressed": "true" if alternative.chosen else "false"}
    return html.Button(
        text,
        type="button",
        className="rival",
        title=f"{title}: {alternative.label.lower()}",
        **act(ACTION, "alternative", alternative.value),
        **pressed,
    )


def words(verdict: Verdict) -> Component:
    """The architecture in words."""
    pairs = [part for label, value in verdict.words for part in (html.Dt(label), html.Dd(value))]
    return html.Div([html.H3("Architecture (fixed once created)", className="mini-title"), html.Dl(pairs, className="words")])


def checks(verdict: Verdict) -> Component:
    """What must be fixed, and what is worth knowing."""
    errors = []
    for form, looks in (("create-sample", verdict.sample_looks), ("create", verdict.looks)):
        errors += [(f"{form}/{name}", look.error) for name, look in looks.items() if look.error and look.shown]
    if verdict.missing is not None and all(target != verdict.missing.target for target, _ in errors):
        errors.insert(0, (verdict.missing.target, verdict.missing.message))
    items = [
        html.Li(
            [icon("x-octagon"), html.Button(text, type="button", className="check-link", **attrs({"data-jump": target}))],
            className="check-error",
        )
        for target, text in errors
    ]
    items += [html.Li([icon("exclamation-triangle"), html.Span(text)], className="check-warning") for text in verdict.warnings]
    if not errors:
        items.append(html.Li([icon("check2"), html.Span("Everything fits together.")], className="check-good"))
    return html.Ul(items, className="checks", **attrs({"aria-live": "polite"}))


def create_label(verdict: Verdict) -> str:
    """What the main button says: the deed, or what is missing."""
    return "Create and train" if verdict.missing is None else f"Fix {verdict.missing.label}"
