"""A quick test's page: as it runs, what it found, or why it failed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, icon, page_header, progress_bar, section, stat, state_badge, time_of
from dashboard.components.dialog import DialogField, dialog, field_of
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.tests import code, examples, headline, tables
from dashboard.live import launch
from dashboard.live.feed import Feed
from dashboard.live.panel import curve_graphs, log_section, notices_list
from dashboard.live.status import metrics_strip, progress_row
from dashboard.live.warnings import notices
from dashboard.pages.model.diagnose import Place, contents, figure_card, not_applicable
from dashboard.pages.run.layout import traceback_section
from recsys.model.training import Training
from recsys.progress import stage_words
from recsys.trial import TrialSettings
from workbench.families import Family
from workbench.fields import field_specs, spec_of, value_words
from workbench.state import RunRecord, RunState

if TYPE_CHECKING:
    from dashboard.families.recsys.quick_test_views import QuickTestView

ACTION, OF = "recsys-test-action", "recsys-test-of"


@dataclass(frozen=True)
class Shown:
    """Everything a test's page shows.

    Attributes:
        told: its results; None for a test without any. sources: the modules that it ran. places: its figures.
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
    has_bundle: bool = False
    waiting: str = ""


def title_of(view: Any) -> str:
    """What a test is called: its own name, or what it is made of."""
    return view.name or f"{view.feature_config_name} + {view.model_config_name}"


def page(shown: Shown) -> Component:
    """The whole page but for the stores of what is live."""
    view = shown.view
    parts: list[Any] = [header(shown), *failure(shown), *cancelled(shown), status(shown)]
    if shown.told is not None:
        parts += results(shown.told, mends=bool(view.feature_config_id and view.model_config_id))
    parts += [curves(shown)]
    if shown.told is not None:
        parts += [figures(shown), *customers(shown.told)]
    if shown.sources:
        parts.append(
            section(
                "Generated code",
                code.modules(shown.sources, {name: _file(shown.run, name) for name in shown.sources}),
                id="code",
                note="What was tested is what is exported.",
            )
        )
    if shown.told is not None:
        parts.append(time_section(shown))
    parts += [
        made_of(shown),
        log_section(shown.feed),
        dcc.Store(id="live-panels-seen"),
        dcc.Store(id=ACTION),
        dcc.Store(id=OF, data=shown.run.id),
    ]
    return html.Div(parts, className="run-page test-page")


def header(shown: Shown) -> Component:
    """What is tested, where it stands, and what can be done with it."""
    run, view = shown.run, shown.view
    lead = [
        *([html.Span(f"{view.feature_config_name} with {view.model_config_name} · ")] if view.name else []), html.Span(f"{shown.dataset} · started "),
        time_of(view.started_at, empty="not yet"), *(html.Span([" ", badge(tag, "muted", icon_name="tag")]) for tag in view.tags),
    ]  # fmt: skip
    title = [f"#{view.number} {title_of(view)} ", html.Span(state_badge(run.state, title=run.reason or None), id="run-state")]
    crumbs = [("Recommenders", addresses.HOME), ("Quick Test", addresses.TESTS)]
    return page_header(title, lead=lead, actions=actions(shown), crumbs=crumbs)


def actions(shown: Shown) -> list[Component]:
    """Cancel while it runs; afterwards run again, promote, export, delete."""
    run, view = shown.run, shown.view
    if run.state.active:
        stopping = bool(run.stop_requested_at)
        return [
            button(
                "Cancelling" if stopping else "Cancel",
                icon_name="stop-fill",
                disabled=stopping,
                id="recsys-test-cancel",
                **act(ACTION, "cancel", run.id),
            )
        ]
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
    if error.hint:
        facts += [html.Dt("Suggestion"), html.Dd(error.hint)]
    elif run.state is RunState.INTERRUPTED:
        ways = (
            "Resume goes on from its last checkpoint."
            if shown.view.resumable
            else "Run again does it anew: it has no checkpoint to go on from."
        )
        facts += [html.Dt("Suggestion"), html.Dd(ways)]
    links = html.P([html.A("See the log", href="#live-log-lines"), " · ", dcc.Link("everything this run kept", href=f"/run/{run.id}")])
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
    """How far it is, or its sizes."""
    run, view = shown.run, shown.view
    body: list[Any] = []
    if run.state.active:
        body.append(html.Div(progress(shown), id="recsys-test-progress", className="test-progress"))
    body += [
        launch.line(),
        progress_row(run, shown.feed, shown.waiting),
        html.Div(metrics_strip(run, shown.feed, named=False), id="live-metrics"),
    ]
    if not run.state.active:
        body.append(
            html.Div(
                [stat("Cost", view.cost.text), *_counts(shown.told)],
                className="stat-row",
            )
        )
    over = html.Div([html.Div(id="live-ended"), html.Span(id="live-news")], hidden=True)
    # What the worker doubted while it trained is among the doubts of the results.
    live = html.Div(
        notices_list(notices(shown.family, shown.feed)), id="live-notices", className="live-notices", hidden=shown.told is not None
    )
    return html.Div([html.Div(body, className="panel model-status"), over, live], className="test-status")


def _counts(told: Mapping[str, Any] | None) -> list[Component]:
    names = {"candidates": "Products ranked", "test_rows": "Rows measured", "test_users": "Customers measured"}
    return [stat(words, f"{told['counts'][key]:,}") for key, words in names.items()] if told else []


def progress(shown: Shown) -> list[Component]:
    """The stages and how far the whole test is."""
    percent = shown.view.progress_percent
    share = None if percent is None or shown.run.state is RunState.QUEUED else percent / 100
    words = f"{percent:.0f} %" if percent else ""
    bar = html.Div([progress_bar(share, label="Progress of the test"), html.Span(words, className="live-words")], className="test-bar")
    return [bar, tables.stages([stage.model_dump() for stage in shown.view.stages], running=True)]


def results(told: Mapping[str, Any], *, mends: bool = False) -> list[Component]:
    """The headline, what is doubtful, and every figure; `mends`: whether a click on a doubt can open a test without it."""
    note = "The model beside what it must beat, on the same rows by the same rule."
    doubts = headline.warning_list(told.get("warnings", ()), ACTION if mends else None)
    found = [html.Div(doubts, className="live-notices test-doubts")] if doubts else []
    return [
        section("Result", headline.cards(told), id="result", note=note),
        *found,
        section("Figures of quality", tables.metrics(told), id="metrics"),
    ]


def curves(shown: Shown) -> Component:
    """The live panel's curves."""
    return section("Curves", curve_graphs(shown.family.panels), id="curves")


def figures(shown: Shown) -> Component:
    """The family's figures, drawn as they come into view."""
    drawn = [place for place in shown.places if place.state == "shown"] if shown.has_bundle else []
    rest = [place for place in shown.places if place.state != "shown"]
    stores = [
        dcc.Store(id="figure-run", data=shown.run.id),
        dcc.Download(id="figure-download"),
        dcc.Store(id="figure-action"),
        dcc.Store(id="figure-dials", data={}),
        html.Span(id="figure-labels", hidden=True),
    ]
    grid = html.Div([figure_card(place.figure, {}) for place in drawn], className="figure-grid")
    return html.Div(
        [
            *stores,
            html.H2("Figures", className="section-title figures-title"),
            contents([place.figure for place in drawn]),
            grid,
            *([not_applicable(rest)] if rest else []),
        ],
        id="figures",
    )


def customers(told: Mapping[str, Any]) -> list[Component]:
    """Example customers, for a model that ranks."""
    found = told.get("examples") or []
    note = "Ten of the customers that were measured, drawn by the seed; each list is of the first of its measured rows."
    return [section("Example customers", examples.examples(found), id="customers", note=note)] if found else []


def time_section(shown: Shown) -> Component:
    """Where the time went, and tables of terms."""
    assert shown.told is not None
    terms = tables.vocabulary(shown.told)
    more = [html.H3("Tables of terms", className="group-title mt-4"), terms] if terms is not None else []
    return section("Time", [tables.timing(shown.told), *more], id="time")


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
    return section(
        "What it was made of",
        [html.Dl(listed, className="words"), *exports(shown)],
        id="made-of",
        note=f"Copies that nothing changes any more; run #{run.number}.",
    )


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
    """What can be downloaded."""
    run = shown.run
    if run.state.active:
        return []
    links = [dcc.Link("Everything this run kept", href=f"/run/{run.id}", className="btn btn-outline-secondary btn-sm")]
    if shown.told is not None:
        whole = [_download("Export (zip)", f"/api/quick-tests/{run.id}/export")] if run.state is RunState.COMPLETED else []
        links = [*whole, _download("Results (JSON)", _file(run, "results.json")), *links]
    return [html.Div(links, className="export-links")]


def _download(words: str, href: str) -> Component:
    return html.A([icon("download", className="me-1"), words], href=href, download="", className="btn btn-outline-secondary btn-sm")


def _file(run: RunRecord, name: str) -> str:
    return f"/run-files/{run.id}/{name}?download=1"
