"""Computing the diagnostics of a run that ended without them: a background job that waits for the process that does it."""

from __future__ import annotations

import secrets
from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard import shell
from dashboard.acting import needs
from dashboard.background import job_cancelled
from dashboard.components import notify_error
from dashboard.context import current
from dashboard.failures import in_words
from workbench.runs import diagnosing

WORDS = "Computing diagnostics: everything that the run was about passes through the model once. This page may be left meanwhile."


def register(app: Dash) -> None:
    """Add the callbacks of the button."""

    @app.callback(
        Output("diagnose-asked", "data"), Input("diagnose-compute", "n_clicks"), State("figure-run", "data"), prevent_initial_call=True
    )
    @needs("train")
    def ask(clicks: int | None, run_id: str | None) -> Any:
        return {"run": run_id, "key": secrets.token_hex(8)} if clicks and run_id else no_update

    @app.callback(
        Output("diagnose-done", "data"), Input("diagnose-asked", "data"), background=True, interval=500,
        running=[
            (Output("diagnose-compute", "disabled"), True, False), (Output("diagnose-cancel", "disabled"), False, True),
            (Output("diagnose-words", "children"), WORDS, ""),
        ],
        cancel=[Input("diagnose-cancel", "n_clicks")], prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def compute(asked: dict[str, str] | None) -> Any:
        if asked is None:
            return None
        try:
            there = diagnosing.in_process(current().workbench, asked["run"], job_cancelled)
        except Exception as error:
            notify_error(*in_words(error))
            return None
        return asked if there else None

    @app.callback(Output("diagnose-done", "clear_data"), Input("diagnose-done", "data"), prevent_initial_call=True)
    @needs("read")
    def show(done: Any) -> Any:
        if done:
            shell.redraw()
        return no_update
