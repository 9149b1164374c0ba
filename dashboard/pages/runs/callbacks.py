"""The Runs page: keeping the grid current, and what can be done with runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from dashboard.acting import needs
from dashboard.components import notify, notify_error, read_action
from dashboard.context import actor, current
from dashboard.live.status import stopping_words
from dashboard.live.words import plural
from dashboard.pages import saved_views
from dashboard.pages.runs.choosing import COLUMNS, GROUP, NO_GROUP, WHERE, WHERE_SAYS, problem
from dashboard.pages.runs.groups import groups_part
from dashboard.pages.runs.layout import ACTION, MENU, columns, grid_style
from dashboard.pages.runs.listed import cut_words, listed
from dashboard.pages.runs.rows import ALWAYS, default_columns, needed_columns, rows_of, transaction, versions_of
from workbench.commands.base import CommandError
from workbench.listing.asked import Asked, every_column, lenient
from workbench.listing.columns import Column


def register(app: Dash) -> None:
    """Add the page's callbacks."""
    _register_grid(app)
    _register_actions(app)
    saved_views.register(app, MENU, [("runs-asked", "data"), ("runs-sort", "data")], shown_now)


def _register_grid(app: Dash) -> None:
    @app.callback(
        Output("runs-grid", "rowTransaction"), Output("runs-known", "data"), Output("runs-total", "data"), Input("shell-seen", "data"), Input("runs-sink", "data"),
        State("runs-known", "data"), State("runs-asked", "data"), State("runs-sort", "data"), State("runs-search", "value"), State("runs-model", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def keep_current(
        _seen: Any, _done: Any, known: dict[str, int] | None, asked: Any, sort: str | None, search: str | None, model_id: str | None
    ) -> Any:
        if known is None:
            return (no_update,) * 3
        state = current().workbench.state()
        found = lenient(state, as_sorted(Asked.model_validate(asked), sort), subject=model_id)
        change, now = transaction(state, known, found, listed(state, found, search or "").runs)
        return (no_update,) * 3 if change is None else (change, now, found.total)

    @app.callback(
        Output("runs-grid", "columnDefs"), Output("runs-grid", "rowData"), Output("runs-grid", "style"), Output("runs-known", "data", allow_duplicate=True),
        Output("runs-total", "data", allow_duplicate=True), Output("runs-asked", "data"), Output(WHERE_SAYS, "children"), Output(WHERE, "invalid"),
        Output("runs-cut", "data"), Output("runs-cut-says", "children"),
        Input({"type": COLUMNS, "part": ALL}, "value"), Input(WHERE, "value"), Input(GROUP, "value"), Input("runs-again", "data"), State("runs-asked", "data"), State("runs-sort", "data"),
        State("runs-search", "value"), State("runs-model", "data"), State("runs-grid", "columnDefs"), prevent_initial_call="initial_duplicate",
    )  # fmt: skip
    @needs("read")
    def ask(
        shown: list[list[str] | None], where: str | None, group: str | None, _again: Any, before: Any, sort: str | None, search: str | None,
        model_id: str | None, now: Any,
    ) -> Any:  # fmt: skip
        state, held = current().workbench.state(), Asked.model_validate(before)
        known = every_column(state, model_id)
        asked = chosen(held, known, [key for part in shown for key in part or ()], where, group, sort)
        found = lenient(state, asked, subject=model_id)
        if found.problem is not None:
            return *(no_update,) * 6, problem(found.problem), True, no_update, no_update
        rows_held = listed(state, found, search or "")
        wanted = columns(found)
        # New definitions make the grid draw every cell again, so it gets them only if they differ; likewise rows.
        same_columns = wanted == now
        if same_columns and asked.where == held.where and "runs-again.data" not in ctx.triggered_prop_ids:
            rows: tuple[Any, ...] = (no_update,) * 4
        else:
            rows = (
                rows_of(state, rows_held.runs, needed_columns(found)),
                grid_style(len(rows_held.runs)),
                versions_of(state, rows_held.runs),
                found.total,
            )
        # The menu of views and the groups are drawn anew for other wishes alone, not for those that the page came with.
        return (
            no_update if same_columns else wanted,
            *rows,
            no_update if asked == held else asked.model_dump(mode="json"),
            [],
            False,
            rows_held.cut,
            cut_words(found, rows_held),
        )

    @app.callback(
        Output("runs-groups", "children"),
        Input("runs-asked", "data"),
        Input("runs-known", "data"),
        State("runs-model", "data"),
        prevent_initial_call=True,
    )
    @needs("read")
    def draw_groups(asked: Any, _known: Any, model_id: str | None) -> Any:
        state = current().workbench.state()
        return groups_part(state, lenient(state, Asked.model_validate(asked), subject=model_id))

    app.clientside_callback(
        ClientsideFunction("trellis", "runs_address"), Output("runs-asked", "storage_type"), Input("runs-asked", "data"), Input("runs-sort", "data"),
        Input(MENU.shown, "data"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "open_group"), Output(WHERE, "value"), Output(GROUP, "value"), Input("runs-groups-grid", "cellClicked"),
        prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "search_grid"), Output("runs-grid", "dashGridOptions"), Input("runs-search", "value"),
        State("runs-grid", "dashGridOptions"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "runs_again"), Output("runs-again", "data"), Input("runs-search", "value"), Input("runs-sort", "data"),
        State("runs-cut", "data"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "runs_selected"), Output("runs-selected", "children"), Output("runs-tag", "disabled"), Output("runs-delete", "disabled"),
        Output("runs-compare", "disabled"),
        Input("runs-grid", "selectedRows"),
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "runs_counted"), Output("runs-count", "children"),
        Input("runs-grid", "virtualRowData"), Input("runs-known", "data"), Input("runs-total", "data"), prevent_initial_call=True,
    )  # fmt: skip
    app.clientside_callback(
        ClientsideFunction("trellis", "fit_runs"), Output("runs-count", "className"), Input("runs-grid", "virtualRowData"), prevent_initial_call=True,
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
    @needs("train")
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
    @needs("train")
    def delete_selected(clicks: int | None, selected: list[dict[str, Any]] | None) -> Any:
        if not clicks or not selected:
            return no_update
        delete([row["id"] for row in selected])
        return current().workbench.state().version

    @app.callback(Output("runs-sink", "data", allow_duplicate=True), Input("runs-grid", "cellValueChanged"), prevent_initial_call=True)
    @needs("train")
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


def chosen(
    held: Asked, known: Mapping[str, Column], ticked: Sequence[str], where: str | None, group: str | None, sort: str | None
) -> Asked:
    """What the page's controls ask for. Columns keep their order; those that are added stand before tags and note at the end.

    Args:
        held: what was asked for until now. known: every column. ticked: keys of columns; a browser may remember some that are no more.
        sort: as the grid is sorted.
    """
    first = default_columns(known)
    kept = [key for key in held.columns or first if key in ticked]
    end = len(kept)
    while end and kept[end - 1] in ("tags", "note"):
        end -= 1
    wanted = tuple(dict.fromkeys((*kept[:end], *(key for key in ticked if key in known and key not in kept), *kept[end:])))
    return Asked(
        where=(where or "").strip(), columns=() if wanted == first else wanted or ALWAYS[:1], sort=_keys(sort), group="" if group in (None, NO_GROUP) else group,
    )  # fmt: skip


def as_sorted(asked: Asked, sort: str | None) -> Asked:
    """What is asked for, in the order that the grid has now."""
    return asked.model_copy(update={"sort": _keys(sort)})


def _keys(sort: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (sort or "").split(",")))


def shown_now(asked: Any, sort: str | None) -> dict[str, str]:
    """What the page shows now as query values: what was asked for, in the order that the grid has."""
    return Asked.model_validate({**asked, "sort": [key for key in (sort or "").split(",") if key]}).query()
