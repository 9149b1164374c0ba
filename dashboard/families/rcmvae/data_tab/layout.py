"""The Data tab as components. Pure, but for `body`, which reads what stands there at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import plots
from dashboard.components import badge, button, section, stat, wait_outline
from dashboard.components.attributes import attrs
from dashboard.components.look import thumbnail
from dashboard.context import AppContext
from dashboard.live.feed import Feed
from dashboard.live.words import plural
from dashboard.pages.model.view import ModelView
from rcmvae.config_sample import SampleSettings
from rcmvae.data.about import about_of
from rcmvae.holding import ModelPayload
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.fields import field_specs, show_value
from workbench.state import DatasetRecord

if TYPE_CHECKING:
    from dashboard.families.rcmvae.data_tab.view import ClassView, DataView
    from rcmvae.data.problems import Problem
    from rcmvae.explore.effort_read import Effort
    from workbench.workbench import Workbench

SHOWN = 8
MORE = 40
"""Images of one kind in a line, and those that are shown besides on demand."""
PIXELS = 40


def body(context: AppContext, view: ModelView, feed: Feed, query: Mapping[str, str]) -> Component:
    """What the data is, its problems, and its classes; the last two are read after the page stands."""
    del feed, query
    workbench = context.workbench
    state = workbench.state()
    dataset = state.datasets[state.dataset_of(view.record) or ""]
    trouble = trouble_of(workbench, dataset.id)
    return html.Div(
        [
            dcc.Store(id="model-data-of", data=view.record.id), dcc.Store(id="model-data-ask"), dcc.Store(id="model-data-done"),
            what_it_is(dataset, view.held, trouble),
            section("Problems", html.Div(wait_outline(2, label="Reading the data"), id="model-data-problems"), aside=_measuring()),
            section("Labelling", html.Div(wait_outline(3, label="Reading the labels' history"), id="model-data-effort")),
            section("Classes", html.Div(wait_outline(4, label="Reading the data"), id="model-data-classes")),
        ],
        className="model-data",
    )  # fmt: skip


def trouble_of(workbench: Workbench, dataset_id: str) -> str | None:
    """Why a dataset's files are not what they were, in words; None if they are. Looking at a page fetches nothing from anywhere."""
    try:
        if workbench.datasets.source(dataset_id).needs_download:
            return f"Its files are not on this machine any more. Fetch them again: trellis data stats {dataset_id}"
        workbench.datasets.require_unchanged(dataset_id)
    except (DatasetError, CommandError) as error:
        return str(error)
    return None


def _measuring() -> Component:
    cancel = button("Cancel", id="model-data-cancel", small=True, disabled=True, title="End looking for problems")
    again = button("Look for problems", id="model-data-again", small=True, icon_name="search", disabled=True)
    bar = html.Progress(id="model-data-progress", max="1", value="0", className="d-none", **attrs({"aria-label": "Images measured"}))
    return html.Div([html.Span(id="model-data-words", className="muted", role="status"), bar, again, cancel], className="model-data-job")


def what_it_is(dataset: DatasetRecord, payload: ModelPayload, trouble: str | None) -> Component:
    """The dataset, its files, and the model's sample of it.

    Args:
        trouble: why its files are not what they were; None: they are.
    """
    sample = payload.sample
    pairs: list[tuple[str, Any]] = [("Dataset", dcc.Link(dataset.name, href=f"/datasets/{dataset.id}")), ("Source", dataset.source)]
    if dataset.manifest is not None:
        about = about_of(dataset.manifest)
        pairs += [("Images", f"{about.n:,}, {'x'.join(map(str, about.shape))} {about.dtype}")]
    pairs += [
        ("To train on", f"{sample.n_train:,}"), ("To validate", f"{sample.n_validation:,}"), ("Held out for testing", f"{sample.n_test:,}"),
    ]  # fmt: skip
    pairs += [(spec.label, show_value(sample.settings.get(spec.name, spec.default))) for spec in field_specs(SampleSettings)]
    if dataset.manifest is not None:
        content = dataset.manifest.content_sha256
        pairs.append(("Content (SHA-256)", html.Code(content[:16], title=content)))
    facts = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="look-facts")
    state = badge("as it was", "good", icon_name="check2") if trouble is None else badge("changed or missing", "danger", icon_name="x")
    files = [
        html.Tr([html.Th(file.path, scope="row", className="wide"), html.Td(f"{file.size:,} bytes", className="num"), html.Td(state),
                 html.Td(html.Code(file.sha256[:16], title=file.sha256))])
        for file in (dataset.manifest.files if dataset.manifest else ())
    ]  # fmt: skip
    head = html.Thead(html.Tr([html.Th(title, scope="col") for title in ("File", "Size", "State", "SHA-256")]))
    table = html.Div(html.Table([head, html.Tbody(files)], className="plain-table files-table"), className="table-scroll", tabIndex="0")
    parts: list[Any] = [facts, *([table] if files else [])]
    if trouble is not None:
        parts.append(html.P(trouble, className="notice notice-danger", role="alert"))
    note = "The sample was drawn when the model was created and never changes; a clone has the same."
    return section("What the data is", html.Div(parts), note=note)


def problems(view: DataView) -> Component:
    """What is wrong, each with images and what to do."""
    parts: list[Any] = [_problem(view.model_id, problem) for problem in view.problems]
    if not parts and view.measured:
        parts = [html.P("Nothing was found to be wrong.", className="field-help")]
    if not view.measured:
        parts.append(html.P("The images have not been looked at yet; repeated, empty and odd ones are not known.", className="field-help"))
    elif not view.near_known:
        words = "The test set and the rest are too large together to look for nearly identical images; identical ones were looked for."
        parts.append(html.P(words, className="field-help"))
    return html.Div(parts, className="data-problems")


def _problem(model_id: str, problem: Problem) -> Component:
    tone = ("danger", "exclamation-octagon", "serious") if problem.grave else ("warning", "exclamation-triangle", "worth knowing")
    head = html.H3([badge(tone[2], tone[0], icon_name=tone[1]), " ", problem.title], className="data-problem-title")  # pyright: ignore[reportArgumentType]
    shown: list[Any] = [html.P(", ".join(problem.names), className="data-names")] if problem.names else []
    shown += [thumbnails(model_id, problem.rows)] if problem.rows else []
    return html.Article([head, html.P(problem.advice, className="field-help"), *shown], className="data-problem")


def effort(found: Effort, people: Sequence[tuple[str, int]], over_time: Any, accuracy: Any) -> Component:
    """How the labelling gets on.

    Args:
        people: (name, labels set). over_time, accuracy: figures.
    """
    per_hour = found.pace.per_hour
    pace = "too few to tell" if per_hour is None else f"{per_hour:,.0f}"
    stats = [
        stat("Labels", f"{found.total:,}"),
        stat("You, this session", f"{found.pace.labels:,}"),
        stat("Labels an hour", pace, note="in your session, without pauses of over five minutes"),
    ]
    words = [found.estimate.words]
    if found.random is not None:
        words += [line for line in (found.random.words, found.random.stale) if line]
    if people:
        words.insert(0, f"Set by {', '.join(f'{name} ({count:,})' for name, count in people)}.")
    if found.lacking:
        words.append(f"Few labels: {', '.join(f'{name} ({count:,})' for name, count in found.lacking)}.")
    return html.Div(
        [
            html.Div(stats, className="stat-row"),
            *(html.P(line, className="effort-words") for line in words),
            html.Div(
                [
                    plots.graph(over_time, "model-data-over-time", label="Labels over time"),
                    plots.graph(accuracy, "model-data-accuracy", label="Held-out accuracy by the number of labels"),
                ],
                className="effort-figures",
            ),
        ]
    )


def classes(view: DataView) -> Component:
    """Each class with its labels, its share and images."""
    most = max((max(each.known or 0, each.labelled) for each in view.classes), default=0) or 1
    rows: list[Component] = [_class(view, each, most) for each in view.classes]
    if view.n_unlabelled:
        title = html.H3(["Without a label ", html.Span(plural(view.n_unlabelled, "training image"), className="muted")])
        rows.append(html.Article([html.Div(title), thumbnails(view.model_id, view.unlabelled, view.n_unlabelled)], className="data-class"))
    if not view.classes:
        rows.insert(0, html.P("The model has no classes yet. Label images in Explore, and they appear here.", className="field-help"))
    return html.Div(rows, className="data-classes")


def _class(view: DataView, each: ClassView, most: int) -> Component:
    sources = {"given": "given at the start", "person": "by people", "imported": "imported"}
    told = [f"{count:,} {sources[source]}" for source, count in each.labels.items() if count]
    words = f"{plural(each.labelled, 'label')}{': ' + ', '.join(told) if told else ''}"
    bars = [_bar("Labels", each.labelled, most, f"{each.labelled:,}")]
    if each.known is not None:
        share = 100 * each.known / view.images
        bars.append(_bar("Images", each.known, most, f"{each.known:,} ({share:.1f} %)"))
    seen = (
        thumbnails(view.model_id, each.rows, each.labelled) if each.rows else html.P("No image has this label yet.", className="field-help")
    )
    head = html.Div([html.H3(each.name), html.P(words, className="field-help"), *bars])
    return html.Article([head, seen], className="data-class")


def _bar(name: str, count: int, most: int, words: str) -> Component:
    track = html.Span(html.Span(style={"width": f"{100 * count / most:.1f}%"}, className="balance-bar"), className="balance-track")
    return html.Div([html.Span(name), track, html.Span(words, className="balance-count")], className="data-bar")


def thumbnails(model_id: str, rows: Sequence[int], total: int | None = None) -> Component:
    """Images in a line; past the first few they are behind "more", and fetched when that is opened.

    Args:
        total: how many there are, if `rows` are the first of more.
    """
    total = len(rows) if total is None else total
    rows = rows[: SHOWN + MORE]
    rest = rows[SHOWN:]
    more = [
        html.Details(
            [html.Summary(f"{len(rest)} more{f' of {total:,}' if total > len(rows) else ''}"), _strip(model_id, rest)],
            className="data-more",
        )
    ]  # fmt: skip
    return html.Div([_strip(model_id, rows[:SHOWN]), *(more if rest else [])])


def _strip(model_id: str, rows: Sequence[int]) -> Component:
    lazy = attrs({"data-loading": "lazy"})
    figures = [
        html.Figure(thumbnail(f"/model-data/{model_id}/{row}.png", f"Image {row}", PIXELS, title=f"Image {row}", **lazy))
        for row in rows
    ]  # fmt: skip
    return html.Div(figures, className="strip")
