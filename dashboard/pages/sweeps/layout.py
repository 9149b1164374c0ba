"""The list of sweeps, and one: how far it is, its best settings and every trial. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import (
    RUN_STATES,
    act,
    badge,
    button,
    empty_state,
    icon,
    link_button,
    page_header,
    progress_bar,
    section,
    stat,
    time_of,
)
from dashboard.components.basic import Tone
from dashboard.live.words import duration
from dashboard.pages.sweeps.ids import ACTION, KNOWN, ONE, TOLD
from workbench.state import AppState, ModelRecord, RunState
from workbench.sweeps.records import SweepRecord
from workbench.sweeps.rows import TrialRow, labels_of, objective_text, objective_title, rows_of, standing, value_text, whys
from workbench.sweeps.settings import SweepSettings

STATES: Mapping[str, tuple[str, Tone, str]] = {
    "running": ("Searching", "info", "activity"),
    "stopped": ("Stopped", "warning", "stop-fill"),
    "completed": ("Completed", "good", "check2"),
    "failed": ("Failed", "danger", "exclamation-octagon"),
}
TRIALS: Mapping[str, tuple[str, Tone, str]] = {
    "pruned": ("Pruned", "muted", "scissors"),
    "refused": ("Refused", "danger", "slash-circle"),
}
MOST_REASONS = 3
"""Why trials gave no value, above the trials; all of it stands beside them."""
FEW_FOR_IMPORTANCE = "It takes ten trials that ran to their end to tell."


def listing(state: AppState, sweeps: Sequence[SweepRecord], model: ModelRecord | None = None) -> Component:
    """All sweeps, newest first; `model`: those of one model."""
    lead: Any = "Searches for settings. Each trial is a run with other settings."
    if model is not None:
        lead = ["Of ", dcc.Link(model.name, href=f"/model/{model.id}/train"), " · ", dcc.Link("show all", href="/sweeps")]
    head = page_header("Sweeps", lead=lead)
    if not sweeps:
        text = "A sweep tries settings of a model, each as a run of its own, and tells which are the best. Start one from a model's Train page."
        return html.Div([head, empty_state("No sweeps yet", text, actions=[link_button("Go to models", "/", kind="primary")])])
    columns = ("Sweep", "Model", "State", "Trials", "Best", "Started")
    header = html.Thead(html.Tr([html.Th(words, scope="col") for words in columns]))
    body = [_listed(state, sweep) for sweep in sweeps]
    table = html.Div(html.Table([header, html.Tbody(body)], className="plain-table sweeps-table"), className="table-scroll", tabIndex="0")
    return html.Div([head, html.Div(table, className="panel section")], className="sweeps-page")


def page(state: AppState, sweep: SweepRecord, known: str) -> Component:
    """One sweep; its graphs are drawn once the theme is known."""
    parts: list[Any] = [
        html.Div(header(state, sweep), id="sweep-head"),
        html.Div(status(state, sweep), id="sweep-status"),
        section("Best so far", html.Div(id="sweep-progress")),
        section("Across the settings", html.Div(id="sweep-lines"), note="A line a trial that ran to its end; the better ones end on top."),
        section("What matters", html.Div(id="sweep-importance"), note="The share of the objective's spread that each setting explains (fANOVA)."),
        section("Trials", html.Div(trials(state, sweep), id="sweep-trials"), id="trials"),
        section("The search", facts(sweep)),
        dcc.Store(id=ONE, data=sweep.id), dcc.Store(id=ACTION), dcc.Store(id=KNOWN, data=known), dcc.Store(id=TOLD, data=None),
    ]  # fmt: skip
    return html.Div(parts, className="sweep-page")


def header(state: AppState, sweep: SweepRecord) -> Component:
    """Its name, whose settings it searches, and what can be done."""
    model = state.models[sweep.model_id]
    owner: Any = html.Span(f"{model.name} (deleted)") if model.deleted_at else dcc.Link(model.name, href=f"/model/{model.id}/train")
    lead = [
        html.Span(["Settings of ", owner]), html.Span([" · ", objective_title(sweep)]), html.Span([" · started ", time_of(sweep.created_at)])
    ]  # fmt: skip
    word, tone, picture = STATES[sweep.state]
    title = [f"{sweep.name} ", badge(word, tone, icon_name=picture, title=sweep.reason or None)]
    return page_header(title, lead=lead, crumbs=[("Sweeps", "/sweeps")], actions=actions(state, sweep))


def actions(state: AppState, sweep: SweepRecord) -> list[Component]:
    """Stop while it runs; else go on, take over the best, delete."""
    rows = rows_of(state, sweep)
    best = next((row for row in rows if row.best), None)
    found: list[Component] = []
    if sweep.state == "running":
        found.append(button("Stop", icon_name="stop-fill", **act(ACTION, "stop", sweep.id)))
    else:
        found.append(
            button("Rename…", kind="quiet", icon_name="pencil", **act(ACTION, "rename", sweep.id, prompt="Name of the sweep", prompt_value=sweep.name, prompt_label="Rename"))
        )  # fmt: skip
        found.append(
            button(
                "Delete",
                kind="quiet",
                icon_name="trash",
                **act(ACTION, "delete", sweep.id, confirm=f"Delete the sweep {sweep.name}? Its runs stay.", confirm_label="Delete"),
            )
        )
        more = len(rows) >= sweep.trials and all(row.over for row in rows)
        if state.models[sweep.model_id].deleted_at is None:
            if more:
                asked = act(
                    ACTION, "more", sweep.id, prompt="Search on until there are so many trials", prompt_value=str(len(rows) + 10),
                    prompt_label="Search on",
                )  # fmt: skip
                found.append(button("More trials…", icon_name="plus-lg", **asked))
            else:
                found.append(button("Resume", icon_name="skip-forward-fill", **act(ACTION, "resume", sweep.id)))
    if best is not None and sweep.architectures and best.model_id and state.models[best.model_id].deleted_at is None:
        found.append(link_button("Open the best model", f"/model/{best.model_id}/train", kind="primary"))
    elif best is not None and not sweep.architectures and state.models[sweep.model_id].deleted_at is None:
        found.append(button("Use the best settings", kind="primary", icon_name="check2-circle", **act(ACTION, "use-best", sweep.id)))
    return found


def status(state: AppState, sweep: SweepRecord) -> Component:
    """How far it is, and the best settings so far."""
    rows = rows_of(state, sweep)
    over = sum(row.over for row in rows)
    best = next((row for row in rows if row.best), None)
    labels = labels_of(sweep)
    parts: list[Any] = []
    if sweep.state == "running":
        parts.append(progress_bar(over / sweep.trials, label="Trials that are over", thin=True))
    stats = [
        stat("Trials", f"{len(rows)} of {sweep.trials}"),
        stat("Best value", objective_text(sweep, best.value if best else None), note=objective_title(sweep)),
    ]
    if best is not None:
        stats += [stat(labels.get(path, path), value_text(value)) for path, value in best.values.items()]
    parts += [html.Div(stats, className="sweep-stats"), html.P(_said(sweep, rows), className="muted", **_POLITE)]
    reasons = whys(rows)
    if reasons:
        told = [html.Li(f"{count} × {why}" if count > 1 else why) for why, count in reasons[:MOST_REASONS]]
        more = len(reasons) - MOST_REASONS
        told += [html.Li(f"and {more} other reasons, beside the trials below")] if more > 0 else []
        parts.append(html.Div([html.Strong("Trials without a value"), html.Ul(told)], className="sweep-whys"))
    return html.Div(parts, className="panel section sweep-status")


def trials(state: AppState, sweep: SweepRecord) -> Component:
    """Every trial, newest first."""
    rows = rows_of(state, sweep)
    if not rows:
        return html.P("The first trial is about to begin.", className="muted")
    labels = labels_of(sweep)
    told = ("Trial", "State", objective_title(sweep))
    after = ("Epochs", "Time", "Run")
    searched = [labels[p.path] for p in sweep.space]
    columns = (*told, *(f"{label} (setting)" if label in (*told, *after) else label for label in searched), *after)
    header = html.Thead(html.Tr([html.Th(words, scope="col") for words in columns]))
    body = html.Tbody([_trial(sweep, row) for row in reversed(rows)])
    return html.Div(html.Table([header, body], className="plain-table sweep-trials"), className="table-scroll", tabIndex="0")


def facts(sweep: SweepRecord) -> Component:
    """What is searched and how, which never changes."""
    labels = labels_of(sweep)
    specs = {name: info for name, info in SweepSettings.model_fields.items() if name in ("sampler", "pruner")}
    said = [(labels[p.path], html.Code(p.words)) for p in sweep.space]
    said += [("Objective", html.Span([objective_title(sweep), html.Span(f" ({sweep.direction} is better)", className="muted")]))]
    said += [(name.capitalize(), html.Span(_choice(name, getattr(sweep, name)))) for name in specs]
    said += [("Trials at once", html.Span(str(sweep.at_once))), ("Seed", html.Span(str(sweep.seed)))]
    if sweep.minutes is not None:
        said.append(("Budget", html.Span(f"{sweep.minutes:g} min of training")))
    if sweep.architectures:
        said.append(("Architectures", html.Span(["each trial is a clone with the tag ", badge(sweep.tag, "muted", icon_name="tag")])))
    return html.Table(html.Tbody([html.Tr([html.Th(name, scope="row"), html.Td(value)]) for name, value in said]), className="plain-table")


def known_of(state: AppState, sweep: SweepRecord) -> str:
    """Changes with anything that the page shows of a sweep."""
    return repr((state.versions.get(sweep.id), state.models[sweep.model_id].name, rows_of(state, sweep)))


def told_of(state: AppState, sweep: SweepRecord) -> str:
    """Changes with what the graphs show."""
    return repr([(row.number, row.state, row.value) for row in rows_of(state, sweep) if row.value is not None] + [sweep.trials])


def _listed(state: AppState, sweep: SweepRecord) -> Component:
    rows = rows_of(state, sweep)
    best = next((row for row in rows if row.best), None)
    model = state.models[sweep.model_id]
    word, tone, picture = STATES[sweep.state]
    owner: Any = html.Span(model.name, className="muted") if model.deleted_at else dcc.Link(model.name, href=f"/model/{model.id}/train")
    cells = (
        dcc.Link(sweep.name, href=f"/sweeps/{sweep.id}"), owner, badge(word, tone, icon_name=picture, title=sweep.reason or None),
        standing(rows, sweep), f"{objective_title(sweep)} {objective_text(sweep, best.value)}" if best else "–", time_of(sweep.created_at),
    )  # fmt: skip
    return html.Tr([html.Td(cell) for cell in cells])


def _trial(sweep: SweepRecord, row: TrialRow) -> Component:
    value: Any = objective_text(sweep, row.value)
    if row.best:
        value = [icon("trophy", className="me-1"), value, html.Span(" (best)", className="visually-hidden")]
    link: Any = dcc.Link(f"#{row.run_number}", href=f"/run/{row.run_id}") if row.run_id else "–"
    if row.deleted:
        link = html.Span(f"#{row.run_number} (deleted)", className="muted")
    cells = [
        html.Th(str(row.number), scope="row"), html.Td(_state(row)), html.Td(value, className=f"num{' is-best' if row.best else ''}"),
        *(html.Td(value_text(row.values[p.path]) if p.path in row.values else "–", className="num") for p in sweep.space),
        html.Td(f"{row.epochs:,}" if row.run_id else "–", className="num"), html.Td(duration(row.seconds) or "–", className="num"), html.Td(link),
    ]  # fmt: skip
    return html.Tr(cells)


def _state(row: TrialRow) -> Component:
    """How a trial stands, and below it why it came to no end."""
    look = RUN_STATES[RunState(row.state)] if row.state not in TRIALS else None
    word, tone, picture = (look.word, look.tone, look.icon) if look is not None else TRIALS[row.state]
    why = [html.Div(row.why, className="sweep-why")] if row.why else []
    return html.Div([badge(word, tone, icon_name=picture), *why])


def _said(sweep: SweepRecord, rows: Sequence[TrialRow]) -> str:
    words = f"{standing(rows, sweep)}."
    return f"{words} {sweep.reason}" if sweep.reason else words


def _choice(name: str, value: str) -> str:
    from workbench.fields import choice_label, field_specs

    spec = next(spec for spec in field_specs(SweepSettings) if spec.name == name)
    return choice_label(spec, value)


_POLITE: dict[str, Any] = {"aria-live": "polite"}
