"""The Runs page: keeping the grid current, and what can be done with runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard.components import notify, notify_error, read_action
from dashboard.context import actor, current
from dashboard.live.status import stopping_words
from dashboard.live.words import plural
from dashboard.pages.runs.layout import ACTION, columns
from dashboard.pages.runs.rows import listed, metrics_of, rows_of, transaction
from workbench.commands.base import CommandError


def register(app: Dash) -> None:
    """Add the page's callbacks."""
    _register_grid(app)
    _register_actions(app)


def _register_grid(app: Dash) -> None:
    @app.callback(
        Output("runs-grid", "rowTransaction"), Output("runs-known", "data"), Input("shell-seen", "data"), Input("runs-sink", "data"),
        State("runs-known", "data"), State("runs-model", "data"), prevent_initial_call=True,
    )  # fmt: skip
    def keep_current(_seen: Any, _done: Any, known: dict[str, int] | None, model_id: str | None) -> Any:
        if known is None:
            return no_update, no_update
        change, now = transaction(current().workbench.state(), known, model_id)
        return (no_update, no_update) if change is None else (change, now)

    @app.callback(
        Output("runs-grid", "columnDefs"), Input("runs-columns", "value"), State("runs-model", "data"), State("runs-grid", "columnDefs"),
    )  # fmt: skip
    def choose_columns(shown: list[str] | None, model_id: str | None, now: list[dict[str, Any]]) -> Any:
        wanted = columns(metrics_of(listed(current().workbench.state(), model_id)), shown or [])
        # New definitions make the grid draw every cell again, so it gets them only if they differ.
        return no_update if wanted == now else wanted

    app.clientside_callback(
        ClientsideFunction("trellis", "search_grid"), Output("runs-grid", "dashGridOptions"), Input("runs-search", "value"),
        State("runs-grid", "dashGridOptions"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "runs_selected"), Output("runs-selected", "children"), Output("runs-tag", "disabled"), Output("runs-delete", "disabled"),
        Output("runs-compare", "disabled"),
        Input("runs-grid", "selectedRows"),
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "runs_counted"), Output("runs-count", "children"),
        Input("runs-grid", "virtualRowData"), Input("runs-known", "data"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "cell_edited"), Output("runs-lead", "className"), Input("runs-grid", "cellValueChanged"),
        State("runs-grid", "id"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "compare_runs"), Output("runs-compare", "title"), Input("runs-compare", "n_clicks"),
        State("runs-grid", "selectedRows"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "open_run"),
        Output("runs-lead", "title"),
        Input("runs-grid", "cellClicked"),
        prevent_initial_call=True,
    )


def _register_actions(app: Dash) -> None:
    @app.callback(Output("runs-sink", "data"), Input(ACTION, "data"), State("runs-grid", "selectedRows"), prevent_initial_call=True)
    def act_on_run(data: Any, selected: list[dict[str, Any]] | None) -> Any:
        action = read_action(data)
        if action is None:
            return no_update
        if action.name == "delete":
            delete((action.id,))
        elif action.name == "tag" and selected and tags_in(action.value):
            add_tags([row["id"] for row in selected], tags_in(action.value))
        elif action.name == "stop":
            run = current().workbench.runs.request_stop(actor=actor(), run_id=action.id)
            notify(stopping_words(run), kind="info")
        return current().workbench.state().version

    @app.callback(
        Output("runs-sink", "data", allow_duplicate=True),
        Input("runs-delete", "n_clicks"),
        State("runs-grid", "selectedRows"),
        prevent_initial_call=True,
    )
    def delete_selected(clicks: int | None, selected: list[dict[str, Any]] | None) -> Any:
        if not clicks or not selected:
            return no_update
        delete([row["id"] for row in selected])
        return current().workbench.state().version

    @app.callback(Output("runs-sink", "data", allow_duplicate=True), Input("runs-grid", "cellValueChanged"), prevent_initial_call=True)
    def edit(changes: list[dict[str, Any]] | None) -> Any:
        if not changes:
            return no_update
        workbench, who = current().workbench, actor()
        for change in changes:
            run_id, value = change["data"]["id"], str(change.get("value") or "")
            if change["colId"] == "tags":
                run = workbench.runs.tag(actor=who, run_id=run_id, tags=tags_in(value))
                notify(
                    f"Run #{run.number} is tagged {', '.join(run.tags)}." if run.tags else f"Run #{run.number} has no tags now.",
                    undo=workbench.state().version,
                )
            elif change["colId"] == "note":
                run = workbench.runs.note(actor=who, run_id=run_id, note=value)
                notify(f"Noted on run #{run.number}.", undo=workbench.state().version)
        return workbench.state().version


def tags_in(text: str | None) -> tuple[str, ...]:
    """Tags typed with commas between them, each once."""
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))


def add_tags(run_ids: Sequence[str], added: Iterable[str]) -> None:
    """Add tags to runs and say so."""
    workbench, who = current().workbench, actor()
    for run_id in run_ids:
        run = workbench.state().runs[run_id]
        workbench.runs.tag(actor=who, run_id=run_id, tags=tuple(dict.fromkeys((*run.tags, *added))))
    undo = workbench.state().version if len(run_ids) == 1 else None
    notify(f"Tagged {plural(len(run_ids), 'run')} {', '.join(added)}.", undo=undo)


def delete(run_ids: Sequence[str]) -> None:
    """Delete runs; those that cannot be deleted are named with the reason, the others go."""
    workbench, who = current().workbench, actor()
    gone: list[int] = []
    for run_id in run_ids:
        try:
            gone.append(workbench.runs.delete(actor=who, run_id=run_id).number)
        except CommandError as error:
            notify_error(error.message, error.hint)
    if gone:
        words = f"Deleted run #{gone[0]}." if len(gone) == 1 else f"Deleted {len(gone)} runs. Undo brings them back one by one."
        notify(words, undo=workbench.state().version)


def rows_for(state: Any, model_id: str | None) -> tuple[list[dict[str, Any]], Any, dict[str, int]]:
    """(rows, metrics, versions) of the runs to list."""
    runs = listed(state, model_id)
    return rows_of(state, runs), metrics_of(runs), {run.id: state.versions.get(run.id, 0) for run in runs}
