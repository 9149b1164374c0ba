"""The model page's callbacks: start, resume, stop; the settings form; figures drawn when seen; undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import notify, read_action
from dashboard.context import actor, current
from dashboard.forms import by_field, connect, looks_of, looks_to_json
from dashboard.live import callbacks as live
from dashboard.live import launch
from dashboard.live.status import button_properties, with_edits
from dashboard.pages.model import computing, figures
from dashboard.pages.model.header import buttons_in
from dashboard.pages.model.hub import FORM, applies_note, baseline_of, form_specs
from dashboard.pages.model.settings_form import caught_up, edited, edits_of, save, saved_words
from dashboard.pages.model.view import view_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def register(app: Dash) -> None:
    """Add the model page's callbacks, and those of the live part it holds."""
    live.register(app)
    connect(app, "hub-looks")
    _register_runs(app)
    _register_settings(app)
    _register_leaving(app)
    figures.register(app)
    computing.register(app)
    _register_undo(app)


def _register_runs(app: Dash) -> None:
    @app.callback(
        Output("hub-start", "disabled", allow_duplicate=True), Output("hub-resume", "disabled", allow_duplicate=True),
        Output("hub-saved", "data", allow_duplicate=True),
        Input("hub-start", "n_clicks"), Input("hub-resume", "n_clicks"), State({"form": FORM, "field": ALL}, "value"),
        State({"form": FORM, "field": ALL}, "id"), State("hub-edits", "data"), State("live-target", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def start(
        started: int | None, resumed: int | None, raw: list[Any], ids: list[dict[str, str]], edits: dict[str, Any] | None, target: dict[str, Any]
    ) -> Any:  # fmt: skip
        if not (started or resumed):
            return (no_update,) * 3
        workbench, model_id = current().workbench, target["model"]
        if ctx.triggered_id == "hub-resume":
            launch.ask_resume(workbench.state().runs_of(model_id)[0])
            return True, True, no_update
        saved = save_before_start(workbench, model_id, by_field(ids, raw), (edits or {}).get("baseline"))
        launch.ask_start(model_id)
        if saved is None:
            return True, True, no_update
        set_props("hub-baseline", {"data": saved})
        return True, True, workbench.state().version

    @app.callback(Output("live-asked", "data"), Input("hub-stop", "n_clicks"), State("live-target", "data"), prevent_initial_call=True)
    @needs("train")
    def stop(clicks: int | None, target: dict[str, Any]) -> Any:
        workbench = current().workbench
        run = workbench.state().active_run(target["model"])
        if not clicks or run is None:
            return no_update
        workbench.runs.request_stop(actor=actor(), run_id=run.id)
        return clicks

    @app.callback(
        Output("hub-start", "className"), Output("hub-start", "disabled", allow_duplicate=True), Output("hub-start", "title"),
        Output("hub-start-label", "children"), Output("hub-resume", "className"), Output("hub-resume", "disabled", allow_duplicate=True),
        Output("hub-resume", "title"), Output("hub-stop", "className"), Output("hub-stop", "disabled", allow_duplicate=True),
        Output("hub-stop", "title"), Output("hub-reason", "children"), Output("hub-buttons", "title"),
        Input("live-phase", "data"), Input("hub-saved", "data"), Input("launching", "data"), Input("hub-edits", "data"), State("launch", "data"),
        State("hub-model", "data"), prevent_initial_call="initial_duplicate",
    )  # fmt: skip
    @needs("read")
    def draw_buttons(
        _phase: Any, _saved: Any, launching: bool | None, edits: dict[str, int] | None, request: Any, model_id: str | None
    ) -> Any:
        if not model_id:
            return (no_update,) * 12
        wanted = launch.Launch.read(request)
        p = button_properties(
            with_edits(
                buttons_in(view_of(current().workbench, model_id)), edits or {},
                launching=bool(launching) and wanted is not None and wanted.model == model_id,
            )
        )  # fmt: skip
        return (
            p["start_class"], p["start_disabled"], p["start_title"], p["start_label"], p["resume_class"], p["resume_disabled"], p["resume_title"],
            p["stop_class"], p["stop_disabled"], p["stop_title"], p["reason"], p["reason"],
        )  # fmt: skip

    @app.callback(Output("hub-applies", "children"), Input("live-phase", "data"), State("hub-model", "data"))
    @needs("read")
    def draw_note(_phase: Any, model_id: str | None) -> Any:
        if not model_id:
            return no_update
        return applies_note(current().workbench.state().active_run(model_id) is not None)


def _register_leaving(app: Dash) -> None:
    app.clientside_callback(ClientsideFunction("trellis", "unsaved_shown"), Output("hub-edits", "storage_type"), Input("hub-edits", "data"))


def save_before_start(workbench: Workbench, model_id: str, raw: dict[str, Any], baseline: dict[str, Any] | None) -> Any:
    """Save what the form has changed, so that the run trains with what the page shows: the new baseline, or None if
    nothing was changed (or the page has no form). Raises CommandError for a form that is not in order."""
    if not raw or baseline is None:
        return None
    view = view_of(workbench, model_id)
    state = edited(workbench, view, raw, baseline)
    if not state.changed:
        return None
    notify(saved_words(save(workbench, view, raw, baseline, actor())), undo=workbench.state().version)
    view = view_of(workbench, model_id)
    return baseline_of(form_specs(view), view.values)


def _register_settings(app: Dash) -> None:
    field = {"form": FORM, "field": ALL}

    @app.callback(
        Output("hub-looks", "data"), Output("hub-save", "disabled"), Output("hub-revert", "disabled"), Output("hub-changes", "children"),
        Output("hub-save", "title"),
        Input(field, "value"), Input("hub-baseline", "data"), State(field, "id"), State("hub-model", "data"),
    )  # fmt: skip
    @needs("read")
    def judge(raw: list[Any], baseline: dict[str, Any] | None, ids: list[dict[str, str]], model_id: str | None) -> Any:
        if not model_id:
            return (no_update,) * 5
        workbench = current().workbench
        view = view_of(workbench, model_id)
        state = edited(workbench, view, by_field(ids, raw), baseline)
        looks = looks_to_json(FORM, looks_of(form_specs(view), state.judged, baseline=view.values))
        # Every page of the model has this store, but only this one has the form: it is no output, or the others would ask for it.
        set_props("hub-edits", {"data": {**edits_of(state), "baseline": baseline}})
        return looks, not state.may_save, not state.changed, state.words, "" if state.may_save else state.words

    @app.callback(
        Output(field, "value"), Output("hub-baseline", "data"), Output("hub-saved", "data"), Input("hub-save", "n_clicks"), Input("hub-revert", "n_clicks"),
        State(field, "value"), State(field, "id"), State("hub-model", "data"), State("hub-baseline", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def save_or_revert(
        saved: int | None, reverted: int | None, raw: list[Any], ids: list[dict[str, str]], model_id: str, baseline: dict[str, Any]
    ) -> Any:
        if not (saved or reverted):
            return [no_update] * len(ids), no_update, no_update
        workbench = current().workbench
        view = view_of(workbench, model_id)
        if ctx.triggered_id == "hub-save":
            done = save(workbench, view, by_field(ids, raw), baseline, actor())
            notify(saved_words(done), undo=workbench.state().version)
            view = view_of(workbench, model_id)
        fresh = baseline_of(form_specs(view), view.values)
        return [fresh[id["field"]] for id in ids], fresh, workbench.state().version

    @app.callback(
        Output(field, "value", allow_duplicate=True), Output("hub-baseline", "data", allow_duplicate=True), Input("shell-seen", "data"),
        State(field, "value"), State(field, "id"), State("hub-model", "data"), State("hub-baseline", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def catch_up(_seen: Any, raw: list[Any], ids: list[dict[str, str]], model_id: str | None, baseline: dict[str, Any] | None) -> Any:
        if not model_id or not baseline:
            return [no_update] * len(ids), no_update
        stale, fresh = caught_up(view_of(current().workbench, model_id), by_field(ids, raw), baseline)
        return [stale.get(id["field"], no_update) for id in ids], fresh if stale else no_update


def _register_undo(app: Dash) -> None:
    @app.callback(Output("model-action", "data"), Input("model-action", "data"), prevent_initial_call=True)
    @needs("label")
    def undo(data: Any) -> Any:
        action = read_action(data)
        if action is not None and action.name == "undo":
            workbench = current().workbench
            words = workbench.undo_words(actor())
            workbench.undo(actor=actor())
            notify(f"Undone: {words}", kind="info")
            shell.redraw()
        return no_update
