"""The line that says where a run stands: state, progress with time left, and the last metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.about import results_of
from dashboard.components import icon, run_badge, stat
from dashboard.live.feed import Feed, Standing
from dashboard.live.parts import live_text
from dashboard.live.words import duration, plural
from workbench.families import Metrics, family, is_registered
from workbench.families.metrics import SPLIT_WORDS, UNITS
from workbench.kinds import kind_of
from workbench.state import RunRecord, RunState

SHOWN = 5


@dataclass(frozen=True)
class Progress:
    """How far a run is, as the bar shows it: `share` in [0, 1] or None while unknown, and the words beside it."""

    share: float | None
    words: str


def progress_of(run: RunRecord, feed: Feed, waiting: str = "Queued") -> Progress:
    """How far an active run is. `waiting` says what it waits for while it is queued."""
    if run.state is RunState.QUEUED:
        return Progress(None, waiting)
    if feed.standing is not None:
        return Progress(feed.share, _standing_words(run, feed, feed.standing))
    begun = run.state is not RunState.STARTING and bool(feed.epoch or feed.fraction)
    if feed.finishing or (feed.total and feed.epoch >= feed.total):
        return Progress(feed.share, "Computing diagnostics; the trained weights are safe")
    stopping = kind_of(run.subject.kind).run_words.stopping
    if run.stop_requested_at:
        where = f" in epoch {feed.epoch + 1:,} of {feed.total:,}" if begun and feed.total else ""
        return Progress(feed.share, f"{stopping}{where}; what was learned is kept" if begun else stopping)
    if not begun:
        return Progress(None, "Compiling")
    words = [f"Epoch {feed.epoch:,} of {feed.total:,}" if feed.total else f"Epoch {feed.epoch:,}"]
    if feed.eta is not None:
        words.append(f"about {duration(feed.eta)} left")
    return Progress(feed.share, " · ".join(words))


def _standing_words(run: RunRecord, feed: Feed, standing: Standing) -> str:
    """What a run of several stages does now, with the epoch while it trains."""
    stopping = kind_of(run.subject.kind).run_words.stopping
    if run.stop_requested_at:
        return f"{stopping}; what was learned is kept" if feed.epoch else stopping
    epoch = f"Epoch {feed.epoch:,} of {feed.total:,}" if feed.total and 0 < feed.epoch < feed.total else ""
    return " · ".join(filter(None, (standing.words or "Starting", epoch)))


def bar_properties(progress: Progress) -> tuple[dict[str, str], str, str]:
    """The bar's fill style, its class and its value for screen readers."""
    share = progress.share
    fill = {"width": f"{100 * min(max(share or 0.0, 0.0), 1.0):.1f}%"}
    return fill, "bar bar-unknown" if share is None else "bar", "" if share is None else f"{100 * share:.0f}"


def progress_row(run: RunRecord | None, feed: Feed, waiting: str = "") -> Component:
    """The progress bar of the page. The poll alone writes into it; hidden while nothing trains."""
    active = run is not None and run.state.active
    progress = progress_of(run, feed, waiting) if run else Progress(None, "")
    fill, look, value = bar_properties(progress)
    spoken: dict[str, Any] = {"aria-label": "Training progress", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": value}
    bar = html.Div(
        html.Span(id="live-bar-fill", className="bar-fill", style=fill), id="live-bar", role="progressbar", className=look, **spoken
    )
    return html.Div(
        [bar, html.Span(progress.words, id="live-words", className="live-words")],
        id="live-progress", className="live-progress" if active else "live-progress d-none",
    )  # fmt: skip


def last_metrics(run: RunRecord | None, feed: Feed) -> list[tuple[str, str, str]]:
    """(label, value, note) of the metrics to show: those of the epoch while training, the run's result afterwards."""
    if run is None:
        return []
    declared = family(run.family) if is_registered(run.family) else None
    metrics = declared.measures if declared else Metrics()
    units = {**run.units, **feed.latest(UNITS)}
    if not run.state.active and run.headline:
        told = list(run.headline.items())[:SHOWN]
        return [(metrics.title(key), metrics.of(key).in_unit(units.get(key, "")).text(value), "") for key, value in told]
    watched = declared.watched if declared and declared.watched else tuple(feed.series)
    shown: dict[str, tuple[str, str, str]] = {}
    for key in (key for key in watched if key in feed.series):
        metric = metrics.of(key).in_unit(units.get(key, ""))
        note = SPLIT_WORDS.get(key.rpartition("/")[0], "")
        shown.setdefault(metric.key, (metric.label, metric.text(feed.series[key].last), note))
    return list(shown.values())[:SHOWN]


def metrics_strip(run: RunRecord | None, feed: Feed, *, named: bool = True) -> Component:
    """Metrics in one row of figures; `named` puts the run and its state before them."""
    if run is None:
        text = "Not trained yet. Check the settings, then start: its curves appear as it trains."
        return html.P(text, className="live-empty")
    texts = strip_texts(run, feed, named=named)
    figures = [
        stat(f"{label}, {note}" if note else label, live_text(texts[f"metric-{position}"], f"metric-{position}"))
        for position, (label, _, note) in enumerate(last_metrics(run, feed))
    ]
    if named:
        first = stat("Run", _run_words(run), note=live_text(texts["when"], "when") if "when" in texts else None)
    else:
        first = stat("Time", live_text(texts["time"], "time"), note=_epochs(run) or None)
    return html.Div([first, *figures], className="stat-row")


def strip_texts(run: RunRecord, feed: Feed, *, named: bool = True) -> dict[str, str]:
    """The live texts of `metrics_strip`: how long the run has taken, and the value of each metric."""
    if named:
        when = _when(run, feed)
        times = {"when": when} if when else {}
    else:
        times = {"time": _time(run, feed)}
    return {**times, **{f"metric-{position}": value for position, (_, value, _) in enumerate(last_metrics(run, feed))}}


def _run_words(run: RunRecord) -> Component:
    found = results_of(run)
    results = [" ", dcc.Link(found.title, href=found.href, className="stat-more")] if found else []
    return html.Span([dcc.Link(f"#{run.number}", href=f"/run/{run.id}"), " ", run_badge(run), *results])


def _when(run: RunRecord, feed: Feed) -> str:
    parts = [_time(run, feed), _epochs(run)]
    return ", ".join(part for part in parts if part and part != "–")


def _time(run: RunRecord, feed: Feed) -> str:
    if run.state.active:
        return f"{duration(feed.elapsed)} so far" if feed.elapsed else "–"
    return duration(run.duration_seconds) or "–"


def _epochs(run: RunRecord) -> str:
    return plural(run.epochs_done, "epoch") if run.epochs_done and not run.state.active else ""


def ended_words(run: RunRecord, *, named: bool = True) -> Component | None:
    """Why a run did not complete and what to do, for the ones that did not. `named` speaks of the last run, with a link."""
    if run.state in (RunState.COMPLETED, RunState.STOPPED) or run.state.active:
        return None
    what = run.error.message if run.error else run.reason
    todo = (
        "Resume goes on from the last checkpoint."
        if run.last_checkpoint
        else f"There is no checkpoint to go on from. {kind_of(run.subject.kind).run_again}"
    )
    look = "panel note note-danger" if run.state is RunState.FAILED else "panel note note-warning"
    link = dcc.Link(f"Details of run #{run.number}", href=f"/run/{run.id}") if named else ""
    head = f"{'The last' if named else 'This'} run {'failed' if run.state is RunState.FAILED else 'was interrupted'}"
    sentences: list[Any] = [html.Strong(f"{head}. "), f"{_sentence(what)} " if what else "", f"{todo} ", link]
    return html.Div([icon("exclamation-triangle"), html.Div(sentences)], className=look, role="status")


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def stopping_words(run: RunRecord) -> str:
    """What is said to whoever has asked a run to stop."""
    kind = kind_of(run.subject.kind)
    return f"{kind.run_words.stopping} {kind.run_word} #{run.number}; what it has learned so far is kept."


@dataclass(frozen=True)
class Buttons:
    """Which of Start, Resume and Stop show, and which are off and why."""

    start: bool
    start_off: str = ""
    resume: bool = False
    resume_off: str = ""
    stop: bool = False
    stopping: bool = False
    start_label: str = "Start training"
    explained: bool = False
    """Whether the page says elsewhere why Start is off."""
    choice: str = ""
    """What tells Start and Resume apart, where both are offered."""


def buttons_of(latest: RunRecord | None, preflight: Sequence[str], *, has_weights: bool, mismatch: bool = False) -> Buttons:
    """What can be done now with a model whose newest run is `latest`."""
    if latest is not None and latest.state.active:
        return Buttons(start=False, stop=True, stopping=bool(latest.stop_requested_at))
    off = " ".join(_sentence(reason) for reason in preflight)
    resumable = latest is not None and latest.state.resumable and latest.last_checkpoint is not None
    resume_off = off if mismatch else ""
    return Buttons(
        start=True,
        start_off=off,
        resume=resumable,
        resume_off=resume_off,
        start_label="Train on" if has_weights else "Start training",
        choice=f"Resume finishes run #{latest.number} with that run's own settings; {'Train on' if has_weights else 'Start training'} "
        "begins a new run with the saved ones."
        if resumable and latest is not None and not off and not resume_off
        else "",
        explained=mismatch,
    )


def with_edits(buttons: Buttons, edits: Mapping[str, int], *, launching: bool) -> Buttons:
    """The buttons of a page with a form: Start saves first what was `changed`, and is off while there are `errors` or a launch is under way."""
    if launching:
        return replace(
            buttons, start_off=buttons.start_off or "A run is being started", resume_off="A run is being started", explained=True
        )
    if not buttons.start or buttons.start_off or not (edits.get("changed") or edits.get("errors")):
        return buttons
    if edits.get("errors"):
        count = edits["errors"]
        return replace(buttons, start_off=f"{plural(count, 'setting needs', 'settings need')} attention before training.")
    return replace(buttons, start_label=f"Save and {buttons.start_label[:1].lower()}{buttons.start_label[1:]}")


def button_properties(buttons: Buttons) -> Mapping[str, Any]:
    """Properties of the page's three buttons and of the line that says why one is off, by output name."""
    return {
        "start_class": f"btn btn-primary{'' if buttons.start else ' d-none'}",
        "start_disabled": bool(buttons.start_off),
        "start_title": buttons.start_off or "Train with the saved settings",
        "start_label": buttons.start_label,
        "resume_class": f"btn btn-outline-secondary{'' if buttons.resume else ' d-none'}",
        "resume_disabled": bool(buttons.resume_off),
        "resume_title": buttons.resume_off or "Go on with the last run from its checkpoint",
        "stop_class": f"btn btn-outline-secondary{'' if buttons.stop else ' d-none'}",
        "stop_disabled": buttons.stopping,
        "stop_title": "Stopping" if buttons.stopping else "Stop soon and keep what was learned",
        "reason": (buttons.start_off or buttons.choice) if buttons.start and not buttons.explained else "",
    }
