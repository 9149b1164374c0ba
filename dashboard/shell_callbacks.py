"""The frame's callbacks: finding the page, active runs, undo. What only the browser needs is in `assets/shell.js`."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from dashboard import shell, standing
from dashboard.acting import needs
from dashboard.active import active_runs
from dashboard.below import at, inside
from dashboard.components import QUESTION, notify, read_action
from dashboard.components.toast import INBOX, UNDO_STORE
from dashboard.context import actor, current
from dashboard.failures import in_words
from dashboard.live.status import stopping_words
from dashboard.pages.page import Page, arguments, find, page_above, query_of
from dashboard.preparing import Preparing
from dashboard.shell import ActiveRun
from dashboard.sparks import sparks_of
from dashboard.standing import Gone
from workbench.commands.base import CommandError
from workbench.kinds import all_kinds


def register(app: Dash, pages: tuple[Page, ...], preparing: Preparing) -> None:
    """Add the frame's callbacks for these pages."""

    @app.callback(
        Output("page", "children"), Output("page-meta", "data"), Input("url", "pathname"), Input("url", "search"), Input("refresh", "data")
    )
    @needs("read")
    def show_page(path: str | None, search: str | None, _refresh: float | None) -> tuple[Any, dict[str, Any]]:
        path = inside(path or at("/"))
        found = find(pages, path)
        if found is not None:
            preparing.wait(found[0])
        return draw(pages, path, search)

    @app.callback(
        Output("active-summary", "children"), Output("active-list", "children"), Output("undo", "title"), Output("undo", "aria-label"),
        Output("undo", "disabled"), Output("shell-tick", "interval"), Output("shell-seen", "data"), Output("page-gone", "children"),
        Output("shell-shown", "data"),
        Input("shell-tick", "n_intervals"), Input("page-meta", "data"), Input("shell-sink", "data"), State("shell-shown", "data"),
    )  # fmt: skip
    @needs("read")
    def look(_tick: int | None, page: Any, _nudge: Any, shown: dict[str, Any] | None) -> Any:
        workbench = current().workbench
        gone = standing.gone_of(workbench.state(), records_of(page))
        was = (shown or {}).get("gone")
        if was and gone is None and was in [id for _, id in records_of(page)]:
            shell.redraw()  # restored: what the page shows goes on
        return shell_outputs(active_runs(workbench), workbench.undo_words(actor()), workbench.state().version, shown, gone, drawn_at(page))

    @app.callback(
        Output("refresh", "data"), Input("undo", "n_clicks"), Input(UNDO_STORE, "data"), State("refresh", "data"), prevent_initial_call=True
    )
    @needs("label")
    def undo(_clicks: int | None, asked: dict[str, Any] | None, before: float | None) -> float:
        expected = asked.get("seq") if ctx.triggered_id == UNDO_STORE and asked else None
        words = undo_one(expected)
        notify(f"Undone: {words}", kind="info")
        return (before or 0) + 1

    @app.callback(Output("shell-sink", "data"), Input("shell-action", "data"), prevent_initial_call=True)
    @needs("read", stop_run="train", restore="label")
    def act_on_run(data: Any) -> Any:
        action = read_action(data)
        if action is not None and action.name == "restore":
            notify(standing.restore(current().workbench, actor(), str(action.value), action.id))
            shell.redraw()
            return data
        if action is None or action.name != "stop-run":
            return no_update
        run = current().workbench.runs.request_stop(actor=actor(), run_id=action.id)
        notify(stopping_words(run), kind="info")
        return data

    @app.callback(Output("spark-values", "data"), Input("spark-request", "data"), prevent_initial_call=True)
    @needs("read")
    def draw_sparks(asked: Any) -> dict[str, Any]:
        runs = asked.get("runs", []) if isinstance(asked, dict) else []
        return sparks_of(current(), [run for run in runs if isinstance(run, str)])

    app.clientside_callback(
        ClientsideFunction("trellis", "sparks_came"),
        Output("spark-values", "clear_data"),
        Input("spark-values", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("trellis", "show_toasts"), Output(INBOX, "clear_data"), Input(INBOX, "data"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("trellis", "asked_again"), Output(QUESTION, "clear_data"), Input(QUESTION, "data"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("trellis", "page_shown"), Output("page", "title"), Input("page-meta", "data"), prevent_initial_call=True
    )
    app.clientside_callback(ClientsideFunction("trellis", "theme_shown"), Output("theme", "data"), Input("frame", "id"))


def records_of(meta: Any) -> list[tuple[str, str]]:
    """(kind, id) of the records that the open page shows, of which it is told when they are deleted."""
    found = meta.get("records", []) if isinstance(meta, dict) else []
    return [(kind, id) for kind, id in found if isinstance(id, str) and kind in all_kinds()]


def drawn_at(meta: Any) -> int | None:
    """The state's version from which the open page was drawn."""
    found = meta.get("version") if isinstance(meta, dict) else None
    return found if isinstance(found, int) else None


def shell_outputs(
    runs: list[ActiveRun], words: str | None, version: int, shown: dict[str, Any] | None, gone: Gone | None = None, drawn: int | None = None
) -> tuple[Any, ...]:
    """What a look at active runs, undo and what the page shows changes: no output for what the window shows already.

    `shell-seen` changes with what has been recorded alone, which pages listen to: a run that began and ended between two looks was
    never active in any of them. A page that was drawn from what is recorded now (`drawn`, its version) shows that already: told of it, it would
    draw its lists a second time a moment after the first, and a click in between would be lost with the element that it was meant for.
    How far runs are is in `shell-shown`, the last output, which says what the bar shows.
    """
    now = {
        "runs": repr([(r.run.id, r.run.state, r.run.stop_requested_at, r.title, r.fraction, r.eta_seconds, r.obstacle) for r in runs]),
        "undo": words,
        "active": bool(runs),
        "seen": repr(([r.run.id for r in runs], words, version)),
        "gone": gone.id if gone else "",
    }
    same = {key: shown is not None and shown.get(key) == value for key, value in now.items()}
    told = same["seen"] or drawn == version
    if all(same.values()):
        return (no_update,) * 9
    bar = (no_update, no_update) if same["runs"] else (shell.active_summary(runs), shell.active_list(runs))
    button = shell.undo_button(words)
    undo = (no_update,) * 3 if same["undo"] else (button["title"], button["title"], button["disabled"])
    interval = no_update if same["active"] else shell.TICK_ACTIVE if runs else shell.TICK_IDLE
    notice = no_update if same["gone"] else None if gone is None else shell.gone_notice(gone)
    return (*bar, *undo, interval, no_update if told else now["seen"], notice, now)


def draw(pages: tuple[Page, ...], path: str, search: str | None) -> tuple[Any, dict[str, Any]]:
    """A page's component and what the browser needs to know about it."""
    found, above = find(pages, path), page_above(pages, path)
    if found is None:
        return shell.not_found(path, above), {"title": "Not found", "nav": "", "shortcuts": []}
    page, variables = found
    meta = {"title": page.title, "nav": page.nav, "shortcuts": [list(pair) for pair in page.shortcuts], "path": path}
    state = current().workbench.state()
    meta["version"] = state.version
    try:
        variables = standing.numbered(state, page, variables)
        standing.require(state, page, variables)
        meta["records"] = standing.shown_by(state, page, variables)
        given = arguments(page, variables, search)
        page.require_known(current(), query_of(search))
        if page.find is not None:
            page.find(current(), **given)
        if page.keys is not None:
            meta["shortcuts"] = [list(pair) for pair in page.keys(current(), **variables)]
        return page.render(current(), **given), meta
    except CommandError as error:
        if error.code == "not_found":
            asked = page.wants_query and "records" in meta and (query_of(search) or not variables)
            gone = standing.deleted(state, page, variables)
            words = in_words(error) if asked else in_words(error)[:1]
            shown = shell.not_found(
                path, above, named=" ".join(filter(None, words)), without=(page.title, path) if asked else None, gone=gone
            )
            return shown, meta | {"title": "Not found"}
        return shell.broken(*in_words(error), above), meta
    except Exception as error:
        return shell.broken(*in_words(error), above), meta


def undo_one(expected: int | None) -> str:
    """Take back the newest thing this browser did, or exactly `expected`; returns what was undone, in words.

    Raises CommandError when there is nothing to undo, or something else has been done since.
    """
    # imported here, because the first page is served before anything of SQL is loaded
    from workbench.store import journal

    workbench, who = current().workbench, actor()
    words = workbench.undo_words(who)
    if expected is not None:
        with workbench.store.engine.connect() as connection:
            newest = journal.next_to(connection, "undo", who)
        if newest != expected:
            hint = f"The next thing that Undo would take back is: {words}." if words else None
            raise CommandError("This is not your newest change any more, so it was not undone.", hint=hint, code="conflict")
    workbench.undo(actor=who)
    return words or "the last change"
