"""The background callback that follows one run into the progress bar.

It is launched by the id of a run and only follows: the run is a process of its own, so ending the follower (its
cancel button, a reload, a killed server) ends nothing else, and pages go on by polling. Nothing listens to its output:
the browser would hold back whatever does until the follower ends.
"""

from __future__ import annotations

import time
from typing import Any

from dash import Dash, Input, Output

from dashboard.live.feed import Feed, fold
from dashboard.live.status import bar_properties, progress_of
from workbench.state import RunState

PERIOD = 0.4
"""Seconds between two updates of the bar."""


def register(app: Dash) -> None:
    """Add the follower."""

    @app.callback(
        Output("live-followed", "data"),
        Input("live-follow", "data"),
        background=True,
        interval=500,
        progress=[
            Output("live-bar-fill", "style"), Output("live-bar", "className"), Output("live-bar", "aria-valuenow"), Output("live-words", "children"),
        ],
        running=[(Output("live-following", "data"), True, False)],
        cancel=[Input("live-unfollow", "n_clicks")],
        prevent_initial_call=True,
    )  # fmt: skip
    def follow(set_progress: Any, target: dict[str, Any] | None) -> Any:
        # `target` holds the run's id, its attempt and the page's token: they key this job, so that no two pages share one.
        from dashboard.background import enter_background_job

        if target is None:
            return None
        workbench = enter_background_job(app.server)
        feed, state, told = Feed(), RunState.QUEUED, 0.0
        for event in workbench.runs.follow(target["run"]):
            feed = fold(feed, (event,))
            state = state_after(state, event.kind)
            now = time.monotonic()
            if now - told >= PERIOD:
                told = now
                progress = progress_of(state, feed, stopping=event.kind == "stopping")
                set_progress((*bar_properties(progress), progress.words))
        return target


def state_after(state: RunState, kind: str) -> RunState:
    """The state that an event of that kind shows a run to be in, as far as it says."""
    if kind == "started":
        return RunState.STARTING
    if kind in ("epoch", "progress", "resumed"):
        return RunState.RUNNING
    return state
