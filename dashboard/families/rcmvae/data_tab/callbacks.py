"""What the Data tab reads after it stands, and the job that measures its images once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, State, ctx, html, no_update, set_props

from dashboard.acting import needs
from dashboard.background import job_cancelled
from dashboard.components import notify_error
from dashboard.context import actor, current
from dashboard.failures import in_words
from dashboard.families.rcmvae.data_tab import layout
from dashboard.later import Later
from dashboard.names import names_of
from workbench.actors import actor_name
from workbench.apart import Cancelled
from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from dashboard.families.rcmvae.data_tab import view as seen
    from rcmvae.explore import effort_read as reading
    from rcmvae.figures import effort as figures
else:
    reading, figures = Later("rcmvae.explore.effort_read"), Later("rcmvae.figures.effort")
    seen = Later("dashboard.families.rcmvae.data_tab.view")

WORDS = "Looking for problems. This page may be left meanwhile."


def register(app: Dash) -> None:
    """Add the callbacks of the tab."""

    @app.callback(
        Output("model-data-problems", "children"), Output("model-data-classes", "children"), Output("model-data-again", "className"),
        Input("model-data-of", "data"), Input("model-data-done", "data"),
    )  # fmt: skip
    @needs("read")
    def show(model_id: str | None, _done: Any) -> Any:
        if not model_id:
            return (no_update,) * 3
        workbench = current().workbench
        try:
            trouble = layout.trouble_of(workbench, seen.dataset_of(workbench, model_id))
            if trouble is not None:
                return html.P("Its problems are not known while its files are not what they were.", className="field-help"), "", "d-none"
            found = seen.data_view(workbench, model_id)
        except (DatasetError, CommandError, ArtefactError) as error:
            return html.P(str(error), className="field-message", role="alert"), "", "d-none"
        if not found.measured and ctx.triggered_id != "model-data-done":
            # No output, or Dash would see a circle: what this asks for ends with showing it.
            set_props("model-data-ask", {"data": _asked(model_id)})
        return layout.problems(found), layout.classes(found), f"btn btn-outline-secondary btn-sm{' d-none' if found.measured else ''}"

    @app.callback(Output("model-data-effort", "children"), Input("model-data-of", "data"), Input("theme", "data"))
    @needs("read")
    def show_effort(model_id: str | None, theme: str | None) -> Any:
        if not model_id:
            return no_update
        context, me = current(), actor()
        found, dark = reading.effort_of(context.workbench, model_id, me), theme == "dark"
        names = names_of(context)
        people = [("you" if who == me else actor_name(who, names), labels) for who, labels in found.people.items()]
        return layout.effort(found, people, figures.labels_over_time(found, dark=dark), figures.accuracy_by_labels(found, dark=dark))

    @app.callback(
        Output("model-data-ask", "data"), Input("model-data-again", "n_clicks"), State("model-data-of", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def again(clicks: int | None, model_id: str | None) -> Any:
        return _asked(model_id) if clicks and model_id else no_update

    @app.callback(
        Output("model-data-done", "data"), Input("model-data-ask", "data"), background=True, interval=500,
        progress=[Output("model-data-progress", "value"), Output("model-data-progress", "max")],
        running=[
            (Output("model-data-words", "children"), WORDS, ""), (Output("model-data-progress", "className"), "", "d-none"),
            (Output("model-data-cancel", "disabled"), False, True), (Output("model-data-again", "disabled"), True, False),
        ],
        cancel=[Input("model-data-cancel", "n_clicks")], prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def measure(set_progress: Any, asked: dict[str, str] | None) -> Any:
        if asked is None:
            return None
        try:
            told = lambda done, total: set_progress((str(done), str(total)))  # noqa: E731
            seen.measure(current().workbench, asked["model"], told, job_cancelled)
        except Cancelled:
            return None
        except Exception as error:
            notify_error(*in_words(error))
            return None
        return asked["key"]


def _asked(model_id: str) -> dict[str, str]:
    """What the job is given; Dash tells jobs apart by it."""
    return {"model": model_id, "key": secrets.token_hex(8)}
