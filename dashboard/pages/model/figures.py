"""The figures of a run's diagnostics: drawn as they come into view, drawn anew as a dial is turned, kept as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dash import ALL, MATCH, Dash, Input, Output, State, ctx, dcc, no_update

from dashboard import plots
from dashboard.acting import needs
from dashboard.components import read_action
from dashboard.context import current
from dashboard.live.panel import notices_list
from dashboard.pages.model.diagnose import HEIGHT, NO_RUN, drawn, failed, file_name
from workbench.commands.base import CommandError
from workbench.commands.rules import find_run
from workbench.families import Dial, Figure, family
from workbench.services import diagnosis
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench


_CARD = {"name": MATCH, "run": MATCH}
"""One card of a figure: the figure's name, and whose it is where a page shows several runs (see `diagnose.figure_card`)."""


def register(app: Dash) -> None:
    """Add the callbacks of figures."""
    _register_drawing(app)
    _register_dials(app)

    @app.callback(Output("figure-labels", "children"), Input("figure-run", "data"))
    @needs("read")
    def tell_what_changed(run_id: str | None) -> Any:
        return changed_note(current().workbench, run_id) if run_id else no_update

    @app.callback(Output("figure-notices", "children"), Input("figure-shown", "data"))
    @needs("read")
    def tell_what_to_notice(shown: dict[str, str] | None) -> Any:
        return found_notices(current().workbench, shown["run"]) if shown else no_update

    @app.callback(
        Output("figure-download", "data"), Input("figure-action", "data"), State("figure-run", "data"), State("figure-dials", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def download(data: Any, run_id: str | None, turned: Any) -> Any:
        action = read_action(data)
        wanted = action.value or run_id if action is not None else None
        if action is None or action.name != "csv" or not wanted:
            return no_update
        workbench = current().workbench
        run = find_run(workbench.state(), wanted)
        figure = _figure(run, action.id)
        plot = draw(workbench, run, figure, dark=False, turned=_numbers(turned))
        return dcc.send_string(plots.figure_csv(plot), f"{file_name(figure, run)}.csv")

    @app.callback(
        Output("url", "search", allow_duplicate=True), Input("figure-runs", "value"), Input("figure-beside", "value"), State("figure-shown", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def choose(wanted: str | None, beside: str | None, shown: dict[str, str] | None) -> Any:
        return address_of(wanted, beside, shown) or no_update


def address_of(wanted: str | None, beside: str | None, shown: Mapping[str, str] | None) -> str | None:
    """The query of the page that shows a run and one beside it; None while that is what it shows. A run does not stand beside itself."""
    if not wanted or not beside or shown is None or {"run": wanted, "beside": beside} == dict(shown):
        return None
    return f"?run={wanted}" + ("" if beside in (NO_RUN, wanted) else f"&beside={beside}")


def _register_drawing(app: Dash) -> None:
    @app.callback(
        Output({"type": "figure-body", **_CARD}, "children"), Input({"type": "figure-seen", **_CARD}, "data"), Input("theme", "data"),
        State("figure-run", "data"), State("figure-dials", "data"), State({"type": "figure-body", **_CARD}, "id"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def draw_figure(seen: Any, theme: str | None, run_id: str | None, turned: Any, id: dict[str, str]) -> Any:
        return _body(app, seen, theme, run_id, _numbers(turned), id)

    @app.callback(
        Output({"type": "figure-body", **_CARD}, "children", allow_duplicate=True),
        Output({"type": "figure-dial-words", **_CARD, "dial": ALL}, "children"),
        Input({"type": "figure-dial", **_CARD, "dial": ALL}, "value"), State({"type": "figure-seen", **_CARD}, "data"), State("theme", "data"),
        State("figure-run", "data"), State({"type": "figure-body", **_CARD}, "id"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def turn_figure(values: list[Any], seen: Any, theme: str | None, run_id: str | None, id: dict[str, str]) -> Any:
        names = [given["id"]["dial"] for given in ctx.inputs_list[0]]
        owner = id["run"] or run_id
        if not names or not owner:
            return no_update, [no_update for _ in names]
        turned = _numbers(dict(zip(names, values, strict=True)))
        dials = [_dial(owner, name) for name in names]
        words = [dial.words(turned.get(dial.name, dial.default)) for dial in dials]
        return _body(app, seen, theme, run_id, turned, id), words


def _register_dials(app: Dash) -> None:
    @app.callback(
        Output("figure-dials", "data"), Output({"type": "figure-dial", "name": ALL, "run": ALL, "dial": ALL}, "value"),
        Input({"type": "figure-dial", "name": ALL, "run": ALL, "dial": ALL}, "value"), State("figure-dials", "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def move_together(values: list[Any], turned: Any) -> Any:
        given = [found["id"] for found in ctx.inputs_list[0]]
        moved = next((place for place, id in enumerate(given) if id == ctx.triggered_id), None)
        if moved is None:
            return no_update, [no_update for _ in values]
        name, value = given[moved]["dial"], values[moved]
        same = [id["dial"] == name and other != value for id, other in zip(given, values, strict=True)]
        return _numbers({**(turned or {}), name: value}), [value if follows else no_update for follows in same]


def _numbers(turned: Any) -> dict[str, float]:
    """Where dials stand, as the browser says it."""
    return {name: float(value) for name, value in (turned or {}).items() if value is not None}


def _dial(run_id: str, name: str) -> Dial:
    looking = family(current().workbench.state().runs[run_id].family).looking
    if looking is None:
        raise CommandError(f"There is no dial named {name!r}.", code="not_found")
    return looking.dial(name)


def _figure(run: RunRecord, name: str) -> Figure:
    found = {figure.name: figure for figure in family(run.family).figures}.get(name)
    if found is None:
        raise CommandError(f"There is no figure named {name!r}.", code="not_found")
    return found


def _body(app: Dash, seen: Any, theme: str | None, run_id: str | None, turned: Mapping[str, float], card: Mapping[str, str]) -> Any:
    """A figure's body once it is on screen; `run_id` is that of the page, for a card that names no run."""
    owner = card["run"] or run_id
    if not seen or not owner or theme is None:
        return no_update
    workbench = current().workbench
    run = find_run(workbench.state(), owner)
    figure = _figure(run, card["name"])
    try:
        return drawn(figure, draw(workbench, run, figure, dark=theme == "dark", turned=turned), card["run"])
    except Exception as error:
        app.logger.exception("the figure %s of %s could not be drawn", figure.name, owner)
        return failed(figure, error)


def draw(workbench: Workbench, run: RunRecord, figure: Figure, *, dark: bool, turned: Mapping[str, float] | None = None) -> Any:
    """A figure of a run's diagnostics as they are to be looked at now. Raises CommandError if the run has none.

    Args:
        turned: where dials stand; those that the figure does not change with are left alone.
    """
    own = {name: value for name, value in (turned or {}).items() if name in figure.dials}
    bundle = diagnosis.presented(workbench, run, own).bundle
    plot = figure.draw.load()(bundle, dark=dark)
    if plot.layout.height is None:
        plot.update_layout(height=HEIGHT)
    return plot.update_layout(uirevision=f"{run.id}:{figure.name}")


def changed_note(workbench: Workbench, run_id: str) -> str | None:
    """How the figures differ from what the run kept, because of what happened since; None if they do not."""
    try:
        note = diagnosis.presented(workbench, workbench.state().runs[run_id]).note
    except Exception:
        # every figure says for itself why it cannot be drawn
        return None
    return None if note is None else f"{note}. The run's report shows how it was."


def found_notices(workbench: Workbench, run_id: str) -> list[Any]:
    """What to notice in a run's diagnostics as they are looked at now, each with what may help; empty where there is nothing."""
    try:
        return notices_list(diagnosis.presented(workbench, workbench.state().runs[run_id]).notices)
    except Exception:
        # as for the note: every figure says for itself why it cannot be drawn
        return []
