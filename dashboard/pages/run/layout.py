"""A run's page: what it reached, its curves, report, settings, log, files and environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.about import followed_at, results_of
from dashboard.components import badge, button, icon, link_button, page_header, parts_of_page, run_badge, section, time_of
from dashboard.live import launch
from dashboard.live.feed import Feed
from dashboard.live.panel import curve_graphs, log_section, notices_list
from dashboard.live.parts import part_place
from dashboard.live.status import ended_words, metrics_strip, progress_row
from dashboard.live.warnings import notices
from dashboard.live.words import plural, size
from dashboard.pages.run.files import REPORT, address
from dashboard.pages.run.view import RunView
from workbench.families import Family, Metric
from workbench.families.metrics import plain_words
from workbench.fields import FieldSpec, applies, field_specs, value_words
from workbench.kinds import kind_of
from workbench.state import Kind

MOST_ENTRIES = 12


def layout(view: RunView, feed: Feed) -> Component:
    """The whole page but for its stores."""
    record = view.record
    parts: list[Any] = [
        header(view),
        part_place("ended", ended_words(record, named=False)),
        html.Div(
            [
                launch.line(),
                progress_row(record, feed, view.waiting),
                part_place("metrics", metrics_strip(record, feed, named=False)),
            ],
            className="panel model-status",
        ),
        part_place("notices", notices_list(notices(view.family, feed)), className="live-notices"),
        *([traceback_section(record.error.message, record.error.traceback)] if record.error and record.error.traceback else []),
        contents(view),
        section("Metrics", metrics_tables(view.family, view.metrics, ended=not record.state.active), id="metrics", note=metrics_note(view)),
        section("Curves", curve_graphs(view.family.panels), id="curves"),
        report_section(view),
        section("Settings", settings_tables(view), id="settings", note="What this run trained with, and where each value came from."),
        log_section(record, feed),
        section("Files", files_table(view), id="files", note=files_note(view)),
        section("Environment", environment_table(view.environment, ended=not record.state.active), id="environment"),
    ]
    return html.Div(parts, className="run-page")


def header(view: RunView) -> Component:
    """Title, where it belongs, and what can be done with it."""
    record = view.record
    about = view.about
    owner = dcc.Link(about.title, href=about.href) if about.href else html.Span(about.title)
    lead = [
        html.Span(["Run of ", owner]), html.Span([" · ", view.family.title]), html.Span([" · started ", time_of(record.started_at, empty="not yet")]),
        *([html.Span(f" by {view.started_by}")] if view.started_by else []),
        *(html.Span([" ", badge(tag, "muted", icon_name="tag")]) for tag in record.tags),
    ]  # fmt: skip
    if record.trial is not None:
        lead.append(html.Span([" · ", dcc.Link(f"trial {record.trial.number} of a sweep", href=f"/sweeps/{record.trial.sweep}")]))
    if followed_at(record) != f"/run/{record.id}":
        lead.append(html.Span([" · ", dcc.Link("its results", href=followed_at(record))]))
    crumbs = [("Runs", "/runs")]
    title = [f"Run #{record.number} ", html.Span(run_badge(record), id="run-state")]
    return page_header(title, lead=lead, actions=actions(view), crumbs=crumbs)


def actions(view: RunView) -> list[Component]:
    """Stop while active; afterwards resume, run again and diagnose."""
    record = view.record
    if record.state.active:
        stopping, words = bool(record.stop_requested_at), kind_of(record.subject.kind).run_words
        links = [link_button("Open in the training hub", f"/model/{record.subject.id}/train")] if view.model else []
        return [*links, button(words.stopping if stopping else words.stop, id="run-stop", icon_name="stop-fill", disabled=stopping)]
    found: list[Component] = []
    results = results_of(record)
    if results:
        found.append(link_button(results.title, results.href))
    if view.model:
        found.append(link_button("Figures", f"/model/{record.subject.id}/diagnose?run={record.id}"))
    if record.state.resumable and record.last_checkpoint and view.is_latest:
        found.append(button("Resume", id="run-resume", icon_name="skip-forward-fill", title="Go on from the last checkpoint"))
    if record.subject.kind != Kind.MODEL:
        return found
    reason = " ".join(view.preflight)
    found.append(
        html.Span(
            button("Run again", id="run-again", kind="primary", icon_name="play-fill", disabled=bool(view.preflight)),
            title=reason or "Start a new run of this model with this run's settings",
        )
    )
    return found


def contents(view: RunView) -> Component:
    """Links to the parts of the page."""
    entries = [
        ("Metrics", "metrics"),
        ("Curves", "curves"),
        ("Report", "report"),
        ("Settings", "settings"),
        ("Files", "files"),
        ("Environment", "environment"),
    ]
    return parts_of_page(entries)


def metrics_note(view: RunView) -> str | None:
    """Which epoch the metrics are of, and what chose it."""
    if not view.metrics:
        return None
    if not view.best_epoch:
        return "Of the weights that were kept."
    return f"Of the weights that were kept: epoch {view.best_epoch:,}{', chosen ' + view.best_by if view.best_by else ''}."


def metrics_tables(family: Family, metrics: Mapping[str, Mapping[str, Mapping[str, Any]]], *, ended: bool = True) -> Component:
    """Every metric by group, with its split, count and state; those without a value say why."""
    if not metrics:
        text = "The run ended before its metrics were computed." if ended else "Metrics are computed when the run ends."
        return html.P(text, className="muted")
    return html.Div([_group(family, name, members) for name, members in metrics.items() if members], className="metric-groups")


def _group(family: Family, name: str, members: Mapping[str, Mapping[str, Any]]) -> Component:
    declared = {key: family.measures.of(f"{name}/{key}") for key in members}
    rows = [
        html.Tr(
            [
                html.Th(declared[key].label, scope="row"),
                _value_cell(declared[key], metric),
                html.Td(_of(metric), className="muted"),
            ]
        )
        for key, metric in members.items()
    ]
    title = family.group_title(name)
    return html.Div([html.H3(title, className="group-title"), html.Table(html.Tbody(rows), className="plain-table")])


def _value_cell(declared: Metric, metric: Mapping[str, Any]) -> Component:
    state, reason = metric.get("state", "success"), metric.get("reason")
    if state != "success":
        word, tone = {"failed": ("Failed", "danger"), "disabled": ("Off", "muted"), "skipped": ("Skipped", "muted")}.get(
            state, (state, "muted")
        )
        return html.Td([badge(word, tone), html.Span(f" {reason}" if reason else "", className="muted")])  # type: ignore[arg-type]
    value = metric.get("value")
    in_unit = declared.in_unit(str(metric.get("unit") or ""))
    return html.Td(metric_value(in_unit, value), className="num" if isinstance(value, int | float) else "wide")


def metric_value(metric: Metric, value: Any) -> Any:
    """A metric's value: a number, a short list, or a longer one folded away."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return {True: "yes", False: "no", None: "–"}.get(value, value) if not isinstance(value, str) else value
    if isinstance(value, int | float):
        return metric.text(value)
    if isinstance(value, Mapping):
        return html.Span([html.Div(f"{name}: {metric_value(metric, entry)}") for name, entry in list(value.items())[:MOST_ENTRIES]])
    if isinstance(value, list | tuple):
        if any(isinstance(entry, list | tuple | Mapping) for entry in value):
            return f"{len(value)} rows; see Figures"
        words = ", ".join(_entry(metric, entry) for entry in value)
        if len(value) <= MOST_ENTRIES:
            return words or "none"
        return html.Details([html.Summary(f"{len(value)} values"), words])
    return str(value)


def _entry(metric: Metric, value: Any) -> str:
    """One value of a list: short, as its neighbours say the unit; a line never ends between a number and its unit."""
    if isinstance(value, float) and metric.format == "number":
        return f"{value:.3g}"
    return str(metric_value(metric, value)).replace(" ", "\N{NO-BREAK SPACE}")


def _of(metric: Mapping[str, Any]) -> str:
    n, split = metric.get("n"), metric.get("split")
    return ", ".join(part for part in (str(split).replace("_", " ") if split else "", f"n = {n:,}" if isinstance(n, int) else "") if part)


def report_section(view: RunView) -> Component:
    """The report in a sandboxed frame, opened on request."""
    entry = view.file(REPORT)
    if entry is None:
        text = "The report is written when the run ends." if view.record.state.active else "This run has written no report."
        return section("Report", html.P(text, className="muted"), id="report")
    source = address(view.record.id, REPORT)
    # The sandbox has no origin: scripts inside can draw, but reach neither this page nor the server.
    # It is megabytes of figures, so the browser fetches it once it comes into view (`assets/figures.js`).
    late: dict[str, Any] = {"data-lazy-src": source}
    frame = html.Iframe(sandbox="allow-scripts", title=f"Report of run #{view.record.number}", className="report-frame", **late)
    aside = html.A(
        [icon("download", className="me-1"), "Download"], href=f"{source}?download=1", className="btn btn-outline-secondary btn-sm"
    )
    return section("Report", frame, id="report", aside=aside, note="Summary and figures in one file that needs nothing else.")


def settings_tables(view: RunView) -> Component:
    """Architecture and training values by section, those that apply, each with its origin."""
    groups: dict[str, list[FieldSpec]] = {}
    for config_type in view.model_type.sections.values():
        for spec in field_specs(config_type):
            if applies(spec, view.resolved) and spec.meta.unavailable is None:
                groups.setdefault(spec.section, []).append(spec)
    return html.Div([_settings_group(name, specs, view) for name, specs in groups.items()], className="metric-groups")


def _settings_group(name: str, specs: list[FieldSpec], view: RunView) -> Component:
    rows = []
    for spec in specs:
        origin = view.provenance.get(spec.name, "default")
        value = value_words(spec, view.resolved.get(spec.name))
        tone = "muted" if origin == "default" else "info" if origin.startswith("auto") else "plain"
        mark = badge(origin.partition(":")[0] if tone != "plain" else "set", tone, title=origin)  # type: ignore[arg-type]
        rows.append(html.Tr([html.Th(spec.label, scope="row", title=spec.meta.help), html.Td(value), html.Td(mark)]))
    return html.Div([html.H3(name, className="group-title"), html.Table(html.Tbody(rows), className="plain-table")])


def files_note(view: RunView) -> str | None:
    """How many files and how large."""
    return f"{plural(len(view.files), 'file')}, {size(sum(entry.size for entry in view.files))} in all." if view.files else None


def files_table(view: RunView) -> Component:
    """What the run left, each to download."""
    if not view.files:
        return html.P("No files yet.", className="muted")
    head = html.Tr([html.Th(text, scope="col") for text in ("File", "Size", "sha256", "")])
    rows = [
        html.Tr(
            [
                html.Td(html.Code(entry.name)),
                html.Td(size(entry.size), className="num"),
                html.Td(html.Code(entry.sha256[:12], title=entry.sha256), className="muted"),
                html.Td(
                    html.A(
                        [icon("download"), html.Span(f" Download {entry.name}", className="visually-hidden")],
                        href=f"{address(view.record.id, entry.name)}?download=1", title=f"Download {entry.name}", className="btn btn-icon btn-sm",
                    )
                ),
            ]
        )
        for entry in view.files
    ]  # fmt: skip
    return html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table"), className="table-scroll")


def environment_table(environment: Mapping[str, Any], *, ended: bool = True) -> Component:
    """Versions, host, seed and the command that does it again."""
    if not environment:
        text = "The run ended before its environment was recorded." if ended else "The environment is recorded when the run ends."
        return html.P(text, className="muted")
    rows: list[Any] = []
    for name, value in environment.items():
        if isinstance(value, Mapping):
            shown: Any = ", ".join(f"{key} {entry}" for key, entry in value.items())
        elif name == "command":
            shown = html.Code(value) if value else "–"
        else:
            shown = "–" if value is None else str(value)
        rows.append(html.Tr([html.Th(plain_words(name), scope="row"), html.Td(shown)]))
    return html.Table(html.Tbody(rows), className="plain-table")


def traceback_section(message: str, traceback: str) -> Component:
    """The traceback of a failed run, folded: for whoever wants to find the cause."""
    summary = html.Summary([icon("bug", className="me-1"), "Technical details"], className="fold-title")
    return html.Details([summary, html.Pre(traceback, className="traceback", tabIndex="0")], className="fold panel", title=message)


def _named(label: str) -> dict[str, Any]:
    return {"aria-label": label}
