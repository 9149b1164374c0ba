"""Runs beside each other: metrics with the best marked, settings that differ, means over equal runs, curves and figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.about import About, followed_at
from dashboard.components import empty_state, icon, link_button, page_header, run_badge, section
from dashboard.forms import advanced_group
from dashboard.live.words import duration, plural
from dashboard.pages import saved_views
from dashboard.pages.asked import named
from dashboard.pages.compare.callbacks import MENU, shown_now
from dashboard.pages.model.diagnose import figure_card, figure_stores, no_figure
from dashboard.pages.model.places import why_no_figure
from workbench.comparing import GroupRow, MetricRow, SettingRow, grouped
from workbench.families import Family, Figure, family, is_registered
from workbench.listing.views import ViewRecord
from workbench.services.comparison import RunComparison
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

CRUMBS = [("Runs", "/runs")]
IDS, GROUP, CURVES, PARALLEL, FIGURE, FIGURES = (
    "compare-ids", "compare-group", "compare-curves", "compare-parallel", "compare-figure", "compare-figures",
)  # fmt: skip
NOTHING = "-"
"""What a choice says while nothing is chosen (an empty value would show as blank)."""
MORE_THAN = 2
"""Runs from which on lines across all settings tell more than a table."""


def wrong_number(count: int, fewest: int, most: int) -> Component:
    """The page for an address that names too few runs, or too many."""
    text = f"{fewest} to {most} runs can be compared, and the address names {count}. Select them in the list of runs and press Compare."
    return html.Div(
        [
            page_header("Compare runs", crumbs=CRUMBS),
            empty_state("Choose the runs to compare", text, actions=[link_button("All runs", "/runs", kind="primary")]),
        ]
    )


def page(
    workbench: Workbench,
    found: RunComparison,
    abouts: Sequence[About],
    *,
    group: str = "",
    figure: str = "",
    view: ViewRecord | None = None,
) -> Component:
    """The whole page.

    Args:
        abouts: what each run is of. group: path of the setting by which runs are grouped; "" for none. figure: name of the one that is shown of every run; "" for none.
        view: the saved view that the address names.
    """
    runs, headlines, metrics, settings, differing = found.runs, found.headlines, found.metrics, found.settings, found.differing
    ids = [run.id for run in runs]
    lead = "What they measured, where they differ and how they learned. The address can be shared."
    body = [
        section("Metrics", metrics_part(runs, abouts, headlines, metrics), id="metrics", note=found.apart or "The best of each row is marked."),
        section("Settings", settings_part(runs, abouts, settings, differing), id="settings"),
        *groups_part(runs, differing, headlines, group),
        *([section("Across settings", html.Div(id=PARALLEL), id="parallel", note="A line a run: from its settings to its metrics, coloured by the first of them. Drag along an axis to keep the runs within.")] if len(runs) > MORE_THAN and differing else []),
        section("Curves", html.Div(id=CURVES), id="curves", note="A colour a run. Validation where a run has it, else training, dashed."),
        *figures_part(workbench, runs, figure),
    ]  # fmt: skip
    menu = saved_views.parts(MENU, workbench.state(), view, shown_now(ids, {"group": group, "figure": figure}))
    head = page_header(f"Compare {plural(len(runs), 'run')}", lead=lead, crumbs=CRUMBS, actions=menu)
    stores = [
        dcc.Store(id="compare-narrow"),
        dcc.Store(id=IDS, data=ids),
        dcc.Store(id="compare-shown", data={"group": group, "figure": figure}),
    ]
    return html.Div([head, *body, *stores], className="run-page compare-page")


def heads(runs: Sequence[RunRecord], abouts: Sequence[About], corner: str) -> Component:
    """The head of a table with a column a run: its number, what it is of, its state, and a way to leave it out."""
    cells: list[Component] = [html.Th(corner, scope="col")]
    for run, about in zip(runs, abouts, strict=True):
        rest = [other.id for other in runs if other is not run]
        leave = dcc.Link(
            [icon("x-lg"), html.Span(f"Leave out run #{run.number}", className="visually-hidden")],
            href=f"/runs/compare?ids={','.join(rest)}", className="btn btn-icon btn-sm", title=f"Leave out run #{run.number}",
        )  # fmt: skip
        owner = dcc.Link(about.title, href=about.href, className="muted") if about.href else html.Span(about.title, className="muted")
        first = html.Div([dcc.Link(f"#{run.number}", href=followed_at(run), className="card-link"), leave], className="compare-run")
        cells.append(html.Th([first, html.Div(owner), run_badge(run)], scope="col"))
    return html.Thead(html.Tr(cells))


def metrics_part(
    runs: Sequence[RunRecord], abouts: Sequence[About], headlines: Sequence[MetricRow], metrics: Sequence[MetricRow]
) -> Component:
    """The headline metrics with time and epochs, and all others folded."""
    told = [
        ("Epochs", [f"{run.epochs_done:,}" for run in runs]), ("Duration", [duration(run.duration_seconds) or "–" for run in runs]),
    ]  # fmt: skip
    first = [_metric(row) for row in headlines] + [_texts(label, words) for label, words in told]
    parts: list[Component] = [_table(heads(runs, abouts, ""), first)]
    if metrics:
        groups = dict.fromkeys(row.group for row in metrics)
        rows = [
            row
            for name in groups
            for row in (_divider(_group_title(runs, name), len(runs)), *(_metric(row) for row in metrics if row.group == name))
        ]
        more = _table(heads(runs, abouts, ""), rows)
        parts.append(advanced_group(f"All metrics ({len(metrics)})", [more]))
    return html.Div(parts)


def settings_part(
    runs: Sequence[RunRecord], abouts: Sequence[About], settings: Sequence[SettingRow], differing: Sequence[SettingRow]
) -> Component:
    """The settings that differ, and those that are the same folded."""
    same = [row for row in settings if not row.differs]
    seeds = {run.seed for run in runs}
    rows = [_setting(row) for row in differing]
    if len(seeds) > 1 and not any(row.path.endswith("seed") for row in differing):
        rows.append(_texts("Seed", [str(run.seed) for run in runs]))
    first = _table(heads(runs, abouts, "Setting"), rows) if rows else html.P("All settings are the same.", className="muted")
    parts: list[Component] = [first]
    if same:
        listed = html.Table(
            html.Tbody([html.Tr([html.Th(row.label, scope="row"), html.Td(row.words[0])]) for row in same]), className="plain-table"
        )
        parts.append(advanced_group(f"{len(same)} settings are the same", [listed]))
    return html.Div(parts)


def groups_part(runs: Sequence[RunRecord], differing: Sequence[SettingRow], headlines: Sequence[MetricRow], group: str) -> list[Component]:
    """Means over runs that agree in a setting, which can be chosen; nothing where no setting differs."""
    if not differing or not headlines:
        return []
    options: Any = [{"label": "nothing", "value": NOTHING}, *({"label": row.label, "value": row.path} for row in differing)]
    chosen = next((row for row in differing if row.path == group), None)
    choice = html.Div(
        [html.Label("Group by", htmlFor=GROUP), dbc.Select(id=GROUP, options=options, value=chosen.path if chosen else NOTHING, className="run-chooser")],
        className="chooser",
    )  # fmt: skip
    body: list[Component] = [choice]
    if chosen is not None:
        body.append(group_table(chosen, headlines, grouped(chosen, headlines, runs)))
    return [
        section(
            "Means over equal runs",
            body,
            id="means",
            note="Mean ± standard deviation over the runs that agree in a setting and were measured alike.",
        )
    ]


def group_table(setting: SettingRow, headlines: Sequence[MetricRow], rows: Sequence[GroupRow]) -> Component:
    """A row for each value of the setting."""
    head = html.Thead(html.Tr([html.Th(words, scope="col") for words in (setting.label, "Runs", *(row.metric.label for row in headlines))]))
    body = [
        html.Tr([html.Th(row.words, scope="row"), html.Td(str(len(row.places)), className="num"), *(html.Td(text or "–", className="num") for text in row.spreads)])
        for row in rows
    ]  # fmt: skip
    return _table(head, body)


def figures_part(workbench: Workbench, runs: Sequence[RunRecord], chosen: str) -> list[Component]:
    """A figure of every run beside those of the others, which can be chosen; nothing for runs of several families."""
    declared = one_family(runs)
    if declared is None or not declared.figures:
        return []
    options: Any = [{"label": "none", "value": NOTHING}, *({"label": figure.title, "value": figure.name} for figure in declared.figures)]
    choice = html.Div(
        [html.Label("Figure", htmlFor=FIGURE), dbc.Select(id=FIGURE, options=options, value=chosen or NOTHING, className="run-chooser")],
        className="chooser",
    )
    cards = html.Div(figure_cards(workbench, runs, chosen), id=FIGURES, className="figure-grid")
    return [section("Figures side by side", [choice, cards], id="figures"), *figure_stores()]


def figure_cards(workbench: Workbench, runs: Sequence[RunRecord], name: str) -> list[Component]:
    """The figure of that name of every run, or why it has none; nothing for "". Raises CommandError not_found for an unknown name."""
    figure = figure_named(runs, name)
    if figure is None:
        return []
    looking = family(runs[0].family).looking
    dials = {} if looking is None else {dial.name: dial for dial in looking.dials}
    cards = []
    for run in runs:
        reason = why_no_figure(workbench, run, figure)
        cards.append(figure_card(figure, dials, run) if reason is None else no_figure(figure, run, reason))
    return cards


def figure_named(runs: Sequence[RunRecord], name: str) -> Figure | None:
    """The figure of that name of the runs' family; None for "". Raises CommandError not_found for an unknown one."""
    if not name:
        return None
    declared = one_family(runs)
    known = {figure.name: figure for figure in declared.figures} if declared is not None else {}
    return named(known, name, "figure", "these runs")


def one_family(runs: Sequence[RunRecord]) -> Family | None:
    """The family of all these runs; None for several, or one that is not installed."""
    names = {run.family for run in runs}
    return family(runs[0].family) if len(names) == 1 and is_registered(runs[0].family) else None


def _group_title(runs: Sequence[RunRecord], name: str) -> str:
    declared = next((family(run.family) for run in runs if is_registered(run.family)), None)
    return declared.group_title(name) if declared is not None else name


def _table(head: Component, rows: Sequence[Component]) -> Component:
    return html.Div(html.Table([head, html.Tbody(list(rows))], className="table compare-table"), className="table-scroll", tabIndex="0")


def _metric(row: MetricRow) -> Component:
    better = {"lower": " ↓", "higher": " ↑", None: ""}[row.metric.direction]
    cells = [_value(row, place) for place in range(len(row.values))]
    return html.Tr([html.Th(f"{row.metric.label}{better}", scope="row"), *cells])


def _value(row: MetricRow, place: int) -> Component:
    value = row.values[place]
    if place not in row.best:
        return html.Td(row.metric.text(value), className="num")
    return html.Td(
        [icon("trophy", className="me-1"), row.metric.text(value), html.Span(" (best)", className="visually-hidden")],
        className="num is-best",
    )


def _setting(row: SettingRow) -> Component:
    cells = [html.Td("does not apply", className="muted") if words is None else html.Td(words) for words in row.words]
    return html.Tr([html.Th(row.label, scope="row"), *cells])


def _texts(label: str, words: Sequence[str]) -> Component:
    return html.Tr([html.Th(label, scope="row"), *(html.Td(text, className="num") for text in words)])


def _divider(title: str, count: int) -> Component:
    return html.Tr(html.Th(title, colSpan=count + 1, scope="colgroup", className="group-title"))
