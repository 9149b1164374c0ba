"""A quick test's page: as it runs, what it found, or why it failed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, icon, page_header, parts_of_page, run_badge, section, stat, time_of
from dashboard.components.dialog import DialogField, dialog, field_of
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.tests import code, results, tables
from dashboard.families.recsys.pages.tests.ids import ACTION, OF
from dashboard.live import launch
from dashboard.live.feed import Feed
from dashboard.live.panel import curve_graphs, log_place, notices_list, steps_list
from dashboard.live.parts import part_place
from dashboard.live.status import last_metrics, metrics_strip, progress_row
from dashboard.live.warnings import notices
from dashboard.live.words import duration, plural
from dashboard.pages.model.diagnose import Place
from dashboard.pages.run.layout import traceback_section
from recsys.model.training import Training
from recsys.progress import stage_words
from recsys.trial import TrialSettings
from workbench.families import Family, Panel, Step
from workbench.fields import field_specs, spec_of, value_words
from workbench.kinds import kind_of
from workbench.state import RunRecord, RunState

if TYPE_CHECKING:
    from dashboard.families.recsys.quick_test_views import QuickTestView


@dataclass(frozen=True)
class Shown:
    """Everything a test's page shows.

    Attributes:
        told: its results; None for a test without any. sources: the modules that it ran. places: its figures. panels: those of its curves that have something,
            or may get it.
        again: ids of the test and of the model that a click may make, whatever it is clicked: rerun, current, promoted run, promoted model.
        features_name, dataset: as they are called; features_href, model_href: "" for what is deleted.
        waiting: what it waits for while it is queued.
    """

    run: RunRecord
    view: QuickTestView
    family: Family
    feed: Feed
    told: Mapping[str, Any] | None
    dataset: str
    again: tuple[str, str, str, str]
    sources: Mapping[str, str] = field(default_factory=dict)
    places: Sequence[Place] = ()
    panels: Sequence[Panel] = ()
    has_bundle: bool = False
    waiting: str = ""


def title_of(view: Any) -> str:
    """What a test is called: its own name, or what it is made of."""
    return view.name or f"{view.feature_config_name} + {view.model_config_name}"


def page(shown: Shown) -> Component:
    """The whole page but for the stores of what is live: what it found first, then how it came about, details folded away."""
    ended = not shown.run.state.active
    parts: list[tuple[str, str, Component]] = []
    if shown.told is not None:
        parts += results.parts(shown.told, facts(shown), mends=bool(shown.view.feature_config_id and shown.view.model_config_id))
        parts += results.pictures(shown.run.id, shown.places, has_bundle=shown.has_bundle)
    if shown.panels:
        parts.append(("Curves", "curves", section("Curves", curve_graphs(shown.panels), id="curves")))
    if ended and (shown.sources or shown.told is not None):
        parts.append(("Export and code", "code", taken_along(shown)))
    if shown.told is not None:
        parts.append(("Time", "time", time_section(shown)))
    parts += [("Made of", "made-of", made_of(shown)), ("Log", "log", log(shown))]
    return html.Div(
        [
            header(shown),
            parts_of_page([(label, id) for label, id, _ in parts]) if ended else None,
            *failure(shown),
            *cancelled(shown),
            status(shown),
            *(part for _, _, part in parts),
            dcc.Store(id="live-panels-seen"),
            dcc.Store(id=ACTION),
            dcc.Store(id=OF, data=shown.run.id),
        ],
        className="run-page test-page",
    )


def header(shown: Shown) -> Component:
    """What is tested, where it stands, and what can be done with it."""
    run, view = shown.run, shown.view
    lead = [
        *([html.Span(f"{view.feature_config_name} with {view.model_config_name} · ")] if view.name else []), html.Span(f"{shown.dataset} · started "),
        time_of(view.started_at, empty="not yet"), *(html.Span([" ", badge(tag, "muted", icon_name="tag")]) for tag in view.tags),
    ]  # fmt: skip
    title = [f"#{view.number} {title_of(view)} ", html.Span(run_badge(run), id="run-state")]
    crumbs = [("Recommenders", addresses.HOME), ("Quick Test", addresses.TESTS)]
    return page_header(title, lead=lead, actions=actions(shown), crumbs=crumbs)


def actions(shown: Shown) -> list[Component]:
    """Cancel while it runs; afterwards run again, promote, export, delete."""
    run, view = shown.run, shown.view
    if run.state.active:
        return [cancel_button(run, stopping=bool(run.stop_requested_at))]
    rerun, current, promoted_run, promoted_model = shown.again
    found: list[Component] = []
    if view.resumable:
        found.append(
            button("Resume", icon_name="skip-forward-fill", title="Go on from the last checkpoint", **act(ACTION, "resume", run.id))
        )
    entries = [
        _entry(
            "As it was",
            "The same data, configurations and seed: the same result.",
            **act(ACTION, "rerun", run.id, value=f"snapshot:{rerun}"),
        ),
        _entry(
            "As its configurations are now",
            "With what has been changed in them since.",
            **act(ACTION, "rerun", run.id, value=f"current:{current}"),
        ),
        dcc.Link(
            [html.Span("With other settings"), html.Span("Opens the start page, filled in.", className="muted")],
            href=addresses.new_test(like=run.id),
            className="menu-item text-decoration-none",
        ),
    ]
    menu = html.Div([html.Div(entry, role="listitem") for entry in entries], className="pop pop-menu", role="list")
    found.append(
        html.Details([html.Summary([icon("arrow-repeat"), "Run again"], className="btn btn-outline-secondary"), menu], className="pop-host")
    )
    if run.state is RunState.COMPLETED:
        opened = dialog(
            ACTION, "promote", f"{promoted_run}:{promoted_model}", title="Make a model of it", fields=promotion_fields(view), submit="Make it and train",
            note="A model like any other, trained by the same code: longer, or on all rows. It says which test it comes from.",
        )  # fmt: skip
        found.append(button("Promote to a model", kind="primary", icon_name="box-arrow-up-right", **opened))
    found.append(button("Delete", kind="quiet", icon_name="trash", **act(ACTION, "delete", run.id)))
    return found


def cancel_button(run: RunRecord, *, stopping: bool) -> Any:
    """Cancel, or that it is under way."""
    words = kind_of(run.subject.kind).run_words
    return button(
        words.stopping if stopping else words.stop,
        icon_name="stop-fill",
        disabled=stopping,
        id="recsys-test-cancel",
        **act(ACTION, "cancel", run.id),
    )


def _entry(title: str, words: str, **attributes: Any) -> Component:
    return html.Button([html.Span(title), html.Span(words, className="muted")], type="button", className="menu-item", **attributes)


def promotion_fields(view: QuickTestView) -> list[DialogField]:
    """What a promotion may have otherwise."""
    return [
        DialogField("name", "Name", "text", "", help="Empty: named after the test.", optional=True),
        field_of(spec_of(Training, "epochs"), view.config.effective["epochs"]),
        field_of(spec_of(TrialSettings, "sample_percent"), view.config.settings.get("sample_percent", 100)),
    ]


def failure(shown: Shown) -> list[Component]:
    """Why it did not complete, where, and what to do."""
    error, run = shown.view.error, shown.run
    if error is None or run.state is RunState.STOPPED:
        return []
    outcome = "The test was interrupted." if run.state is RunState.INTERRUPTED else "The test failed."
    stage = error.stage or shown.view.current_stage
    facts = [html.Dt("Stage"), html.Dd(stage_words(stage))] if stage else []
    facts += [html.Dt("Cause"), html.Dd([error.message, html.Code(error.code, className="ms-2")])]
    if error.hint and error.hint not in error.message:
        facts += [html.Dt("Suggestion"), html.Dd(error.hint)]
    elif run.state is RunState.INTERRUPTED and not error.hint:
        ways = (
            "Resume goes on from its last checkpoint."
            if shown.view.resumable
            else "Run again does it anew: it has no checkpoint to go on from."
        )
        facts += [html.Dt("Suggestion"), html.Dd(ways)]
    links = html.P([html.A("See the log", href="#log"), " · ", dcc.Link("everything this run kept", href=f"/run/{run.id}")])
    box = html.Div(
        [icon("exclamation-octagon"), html.Div([html.Strong(outcome), html.Dl(facts, className="words"), links])],
        className="panel note note-danger test-failure",
        role="status",
    )
    trace = [traceback_section(run.error.message, run.error.traceback)] if run.error and run.error.traceback else []
    return [box, *trace]


def cancelled(shown: Shown) -> list[Component]:
    """What a test that was cancelled has, and what it went without."""
    run, view = shown.run, shown.view
    if run.state is not RunState.STOPPED:
        return []
    more = " Resume it to have the rest." if view.resumable else ""
    words = html.Div([html.Strong("The test was cancelled. "), html.Span(f"{run.reason}{more}")])
    return [html.Div([icon("stop-circle"), words], className="note note-info", role="status")]


def status(shown: Shown) -> Component:
    """How far it is; of one that ended without results how far it came."""
    run, feed = shown.run, shown.feed
    line = [launch.line(cancel=False), progress_row(run, feed, shown.waiting)]
    if shown.told is not None:
        return html.Div(line, className="test-status-idle")
    steps = [Step(stage_words(row.stage), row.status, row.seconds) for row in shown.view.stages]
    body = [
        *line,
        part_place("steps", steps_list(steps), className="test-progress") if run.state.active else steps_list(steps),
        part_place("metrics", metrics_strip(run, feed, named=False)) if run.state.active else facts(shown),
    ]
    live = part_place("notices", notices_list(notices(shown.family, feed)), className="live-notices")
    return html.Div([html.Div(body, className="panel model-status"), live], className="test-status")


def facts(shown: Shown) -> Component:
    """What a test that has ended took and counted; of one without results also the last that it said of itself."""
    run, told = shown.run, shown.told
    epochs = plural(run.epochs_done, "epoch") if run.epochs_done else None
    found = [stat("Time", duration(run.duration_seconds) or "–", note=epochs), stat("Cost", shown.view.cost.text)]
    if told is None:
        found += [stat(f"{label}, {note}" if note else label, value) for label, value, note in last_metrics(run, shown.feed)]
    else:
        names = {"candidates": "Products ranked", "test_rows": "Rows measured", "test_users": "Customers measured"}
        found += [stat(words, f"{told['counts'][key]:,}") for key, words in names.items()]
    return html.Div(found, className="stat-row result-facts")


def taken_along(shown: Shown) -> Component:
    """What can be downloaded, and the modules that it ran."""
    sources = {name: _file(shown.run, name) for name in shown.sources}
    body = [*exports(shown), *([code.modules(shown.sources, sources)] if sources else [])]
    return section(
        "Export and code", body, id="code", note="What was tested is what is exported." if shown.run.state is RunState.COMPLETED else None
    )


def log(shown: Shown) -> Component:
    """The training log; open while it grows, and where it may say why."""
    opened = shown.run.state is not RunState.COMPLETED and shown.run.state is not RunState.STOPPED
    lines = log_place(shown.run, shown.feed)
    return results.folded("Training log", lines, id="log", opened=opened)


def time_section(shown: Shown) -> Component:
    """Where the time went, and tables of terms."""
    assert shown.told is not None
    terms = tables.vocabulary(shown.told)
    more = [html.H3("Tables of terms", className="group-title mt-4"), terms] if terms is not None else []
    return results.folded("Time of each stage", [tables.timing(shown.told), *more], id="time")


def made_of(shown: Shown) -> Component:
    """The copies that the test was made of, what came of it, and what can be taken along."""
    view, run = shown.view, shown.run
    features = _link(view.feature_config_name, f"{addresses.FEATURES}/{view.feature_config_id}" if view.feature_config_id else "")
    model = _link(view.model_config_name, addresses.one_model(view.model_config_id) if view.model_config_id else "")
    effective = ", ".join(
        f"{spec_of(Training, name).label.lower()} {value:g}{' (override)' if view.config.overrides.get(name) is not None else ''}"
        for name, value in view.config.effective.items()
    )
    pairs: list[tuple[str, Any]] = [
        ("Features", features),
        ("Model", model),
        ("Trained with", effective),
        *setting_words(view.config.settings),
    ]
    if view.promoted_to:
        pairs.append(("Promoted to", [part for made in view.promoted_to for part in (dcc.Link(made.name, href=f"/model/{made.id}"), " ")]))
    listed = [part for name, value in pairs for part in (html.Dt(name), html.Dd(value))]
    note = html.P(f"Copies that nothing changes any more; run #{run.number}.", className="section-note")
    return results.folded("What it was made of", [note, html.Dl(listed, className="words made-of")], id="made-of")


def setting_words(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The settings that are not at their defaults."""
    return [
        (spec.label, value_words(spec, settings[spec.name]))
        for spec in field_specs(TrialSettings)
        if spec.name in settings and settings[spec.name] != spec.default
    ]


def _link(words: str, href: str) -> Any:
    return dcc.Link(words, href=href) if href else [words, html.Span(" (deleted)", className="muted")]


def exports(shown: Shown) -> list[Component]:
    """What can be downloaded of a test that has ended."""
    run = shown.run
    links = [dcc.Link("Everything this run kept", href=f"/run/{run.id}", className="btn btn-outline-secondary btn-sm")]
    if shown.told is not None:
        whole = [_download("Export (zip)", f"/api/quick-tests/{run.id}/export")] if run.state is RunState.COMPLETED else []
        links = [*whole, _download("Results (JSON)", _file(run, "results.json")), *links]
    return [html.Div(links, className="export-links")]


def _download(words: str, href: str) -> Component:
    return html.A([icon("download", className="me-1"), words], href=href, download="", className="btn btn-outline-secondary btn-sm")


def _file(run: RunRecord, name: str) -> str:
    return f"/run-files/{run.id}/{name}?download=1"
