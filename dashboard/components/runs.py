"""How a run's state looks, everywhere the same."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard.components.basic import Tone, badge
from workbench.kinds import kind_of
from workbench.state import RunRecord, RunState


class _Look(NamedTuple):
    word: str
    tone: Tone
    icon: str


RUN_STATES: Mapping[RunState, _Look] = MappingProxyType({
    RunState.QUEUED: _Look("Queued", "muted", "hourglass"),
    RunState.STARTING: _Look("Starting", "info", "hourglass-split"),
    RunState.RUNNING: _Look("Training", "info", "activity"),
    RunState.COMPLETED: _Look("Completed", "good", "check2"),
    RunState.STOPPED: _Look("Stopped", "warning", "stop-fill"),
    RunState.FAILED: _Look("Failed", "danger", "exclamation-octagon"),
    RunState.INTERRUPTED: _Look("Interrupted", "warning", "lightning-charge"),
})  # fmt: skip


def state_badge(state: RunState | None, *, title: str | None = None) -> Component:
    """A state of a model's runs as a word with an icon; None says that there is no run yet."""
    if state is None:
        return badge("Not trained", "muted", icon_name="circle", title=title)
    look = RUN_STATES[state]
    return badge(look.word, look.tone, icon_name=look.icon, title=title)


def run_badge(run: RunRecord) -> Component:
    """A run's state in the words for what it is about, with the reason of its end as a tooltip."""
    look = RUN_STATES[run.state]
    return badge(state_word(run), look.tone, icon_name=look.icon, title=run.reason or None)


def state_word(run: RunRecord) -> str:
    """A run's state in the words for what it is about: a test is cancelled, a model's run is stopped."""
    words = kind_of(run.subject.kind).run_words
    return {RunState.STARTING: words.starting, RunState.RUNNING: words.going, RunState.STOPPED: words.stopped}.get(
        run.state, RUN_STATES[run.state].word
    )


def progress_bar(fraction: float | None, *, label: str, thin: bool = False) -> Component:
    """A progress bar; `fraction` in [0, 1], None while it cannot be known. `label` names it for screen readers."""
    known: dict[str, Any] = {} if fraction is None else {"aria-valuenow": f"{100 * fraction:.0f}"}
    spoken: dict[str, Any] = {"aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100", **known}
    bar = html.Span(className="bar-fill", style={"width": f"{100 * min(max(fraction or 0.0, 0.0), 1.0):.1f}%"})
    return html.Div(
        bar, role="progressbar", className=f"bar{' bar-thin' if thin else ''}{' bar-unknown' if fraction is None else ''}", **spoken
    )
