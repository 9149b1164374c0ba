"""How a run's state looks, everywhere the same."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard.components.basic import Tone, badge
from workbench.state import RunState


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
    """A run's state as a word with an icon; None says that there is no run yet."""
    if state is None:
        return badge("Not trained", "muted", icon_name="circle", title=title)
    look = RUN_STATES[state]
    return badge(look.word, look.tone, icon_name=look.icon, title=title)


def progress_bar(fraction: float | None, *, label: str, thin: bool = False) -> Component:
    """A progress bar; `fraction` in [0, 1], None while it cannot be known. `label` names it for screen readers."""
    known: dict[str, Any] = {} if fraction is None else {"aria-valuenow": f"{100 * fraction:.0f}"}
    spoken: dict[str, Any] = {"aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100", **known}
    bar = html.Span(className="bar-fill", style={"width": f"{100 * min(max(fraction or 0.0, 0.0), 1.0):.1f}%"})
    return html.Div(
        bar, role="progressbar", className=f"bar{' bar-thin' if thin else ''}{' bar-unknown' if fraction is None else ''}", **spoken
    )
