"""What the Models page does: list again, act on one model, try it."""

from __future__ import annotations

import time
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import notify, read_action
from dashboard.components.action import Action
from dashboard.context import actor, current
from dashboard.live import launch
from dashboard.pages.models import layout, view
from dashboard.pages.models.rows import Choice, choose, signature
from workbench.commands.base import CommandError
from workbench.families import all_families

_STOP_WAIT_SECONDS = 20.0


def register(app: Dash) -> None:
    """Add the page's callbacks."""

    @app.callback(
        Output("models-list", "children"), Output("models-seen", "data"),
        Input("models-search", "value"), Input("models-family", "value"), Input("models-state", "value"), Input("models-tag", "value"),
        Input("models-sort", "value"), Input("models-view", "data"), Input("models-limit", "data"), Input("models-changed", "data"),
        Input("models-nudge", "data"), State("models-seen", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def list_models(
        text: str, family: str, state: str, tag: str, sort: str, how: str, limit: int, _changed: Any, _runs: Any, seen: str | None
    ) -> Any:
        family, state, tag = ("" if value == layout.ANY else value or "" for value in (family, state, tag))
        shown = choose(view.rows(current()), Choice(text or "", family, state, tag, sort or "updated"))
        now = signature(shown)
        if ctx.triggered_prop_ids.keys() == {"models-nudge.data"} and now == seen:
            return no_update, no_update
        return layout.listing(shown, how or "cards", limit or layout.CARDS_AT_ONCE), now

    @app.callback(
        Output("models-changed", "data"), Output("models-view", "data"), Output("models-limit", "data"),
        Input(layout.ACTION, "data"), State("models-limit", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read", rename="train", tag="train", delete="train", stop_delete="train")
    def act_on_model(data: Any, limit: int) -> Any:
        action = read_action(data)
        if action is None:
            return no_update, no_update, no_update
        if action.name == "view":
            return no_update, action.id if action.id == "table" else "cards", no_update
        if action.name == "more":
            return no_update, no_update, limit + layout.CARDS_AT_ONCE
        perform(action)
        if not view.rows(current()):
            shell.redraw()
        return time.time(), no_update, no_update

    @app.callback(
        Output("models-search", "value"), Output("models-family", "value"), Output("models-state", "value"), Output("models-tag", "value"),
        Input("models-clear", "n_clicks"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def show_all(clicks: int | None) -> Any:
        return ("", layout.ANY, layout.ANY, layout.ANY) if clicks else (no_update,) * 4

    @app.callback(
        Output("models-changed", "data", allow_duplicate=True), Input("models-grid", "cellValueChanged"), prevent_initial_call=True
    )
    @needs("train")
    def rename_in_table(changes: list[dict[str, Any]] | None) -> float:
        for change in changes or ():
            perform(Action("rename", change["data"]["id"], change["value"]))
        return time.time()

    @app.callback(Output("models-try", "disabled"), Input("models-try", "n_clicks"), prevent_initial_call=True)
    @needs("train")
    def try_it(clicks: int | None) -> Any:
        if not clicks or ctx.triggered_id != "models-try":
            return no_update
        model_id = start_first_try()
        shell.go(f"/model/{model_id}/train")
        return True

    app.clientside_callback(
        ClientsideFunction("trellis", "cell_edited"), Output("models-list", "title"), Input("models-grid", "cellValueChanged"),
        State("models-grid", "id"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "models_view_remembered"), Output("models-view", "data", allow_duplicate=True), Input("models-view", "id"),
        prevent_initial_call="initial_duplicate",
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "models_may_change"),
        Output("models-nudge", "data"),
        Input("shell-seen", "data"),
        Input("shell-shown", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trellis", "models_address"), Output("models-address", "data"),
        Input("models-search", "value"), Input("models-family", "value"), Input("models-state", "value"), Input("models-tag", "value"),
        Input("models-sort", "value"), Input("models-view", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def perform(action: Action) -> None:
    """Carry out an action on one model and say so."""
    workbench, who = current().workbench, actor()
    models = workbench.models

    def done(model_id: str) -> int:
        return workbench.state().versions[model_id]

    if action.name == "rename":
        record = models.rename(actor=who, model_id=action.id, name=str(action.value or ""))
        notify(f"Renamed to {record.name}.", undo=done(record.id))
    elif action.name == "tag":
        tags = tuple(dict.fromkeys(part.strip() for part in str(action.value or "").split(",") if part.strip()))
        record = models.tag(actor=who, model_id=action.id, tags=tags)
        notify(
            f"{record.name} is tagged {', '.join(record.tags)}." if record.tags else f"{record.name} has no tags now.", undo=done(record.id)
        )
    elif action.name == "delete":
        record = models.delete(actor=who, model_id=action.id)
        notify(f"Deleted {record.name}.", undo=done(record.id))
    elif action.name == "stop-delete":
        stop_and_wait(action.id)
        perform(Action("delete", action.id))


def stop_and_wait(model_id: str) -> None:
    """Stop a model's active run and wait until it has ended. Raises CommandError if that takes too long."""
    workbench = current().workbench
    run = workbench.state().active_run(model_id)
    if run is None:
        return
    if run.stop_requested_at is None:
        workbench.runs.request_stop(actor=actor(), run_id=run.id)
    deadline = time.monotonic() + _STOP_WAIT_SECONDS
    while workbench.state().active_run(model_id) is not None:
        if time.monotonic() > deadline:
            raise CommandError("The run is still stopping, so the model was not deleted.", hint="Delete it again once the run has ended.")
        time.sleep(0.2)


def start_first_try() -> str:
    """Create the first-visit model, have a run of it launched, and return its id."""
    workbench, who = current().workbench, actor()
    declared = next(f for f in all_families() if f.try_it[0])
    dataset_id, type_name, preset_name = declared.try_it
    model = workbench.models.create(
        actor=who,
        family=declared.name,
        model_type=type_name,
        dataset_id=dataset_id,
        preset=preset_name,
        values={},
    )
    launch.ask_start(model.id)
    return model.id
