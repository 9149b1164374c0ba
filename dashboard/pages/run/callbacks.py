"""A run's page: stop, resume, run again."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import run_badge
from dashboard.context import actor, current
from dashboard.live import launch
from dashboard.pages.run import files


def register(app: Dash) -> None:
    """Add the run page's callbacks and serve its files."""
    files.register(app)

    @app.callback(
        Output("run-stop", "disabled"), Output("live-asked", "data"), Input("run-stop", "n_clicks"), State("run-id", "data"), prevent_initial_call=True
    )  # fmt: skip
    @needs("train")
    def stop(clicks: int | None, run_id: str) -> Any:
        if not clicks:
            return no_update, no_update
        current().workbench.runs.request_stop(actor=actor(), run_id=run_id)
        return True, clicks

    @app.callback(Output("run-resume", "disabled"), Input("run-resume", "n_clicks"), State("run-id", "data"), prevent_initial_call=True)
    @needs("train")
    def resume(clicks: int | None, run_id: str) -> Any:
        if not clicks:
            return no_update
        launch.ask_resume(current().workbench.state().runs[run_id])
        return True

    @app.callback(Output("run-again", "disabled"), Input("run-again", "n_clicks"), State("run-id", "data"), prevent_initial_call=True)
    @needs("train")
    def again(clicks: int | None, run_id: str) -> Any:
        if not clicks:
            return no_update
        model_id = current().workbench.state().runs[run_id].subject.id
        launch.ask_start(model_id, settings_of=run_id)
        shell.go(f"/model/{model_id}/train")
        return True

    @app.callback(Output("run-state", "children"), Input("live-phase", "data"), State("run-id", "data"))
    @needs("read")
    def draw_state(_phase: Any, run_id: str | None) -> Any:
        run = current().workbench.state().runs.get(run_id or "")
        return no_update if run is None else run_badge(run)

    @app.callback(
        Output("run-id", "data"),
        Input("live-phase", "data"),
        State("run-id", "data"),
        State("run-was-active", "data"),
        prevent_initial_call=True,
    )
    @needs("read")
    def redraw_when_over(phase: dict[str, Any] | None, run_id: str | None, was_active: bool | None) -> Any:
        if run_id and phase and was_active and phase.get("state") not in ("queued", "starting", "running"):
            shell.redraw()
        return no_update
