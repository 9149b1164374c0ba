"""What the pages of sweeps do: choosing what is searched, starting, following, stopping, taking over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from dashboard import plots, shell
from dashboard.acting import needs
from dashboard.components import Action, notify, read_action
from dashboard.context import actor, current
from dashboard.forms import by_field, control_id
from dashboard.later import Later
from dashboard.pages.sweeps.ids import ACTION, ADD, CHOSEN, FORM, KNOWN, MODEL, NAME, NOTHING, ONE, PROBLEMS, ROWS, TOLD
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation

if TYPE_CHECKING:
    from dashboard.pages.sweeps import asking, figures, layout
    from workbench.sweeps import importance, rows
else:
    asking, figures, layout = (Later(f"dashboard.pages.sweeps.{name}") for name in ("asking", "figures", "layout"))
    importance, rows = Later("workbench.sweeps.importance"), Later("workbench.sweeps.rows")

PARTS = ("low", "high", "count", "log", "choices")
"""Controls of a setting that is searched."""


def register(app: Dash) -> None:
    """Add the callbacks of all three pages."""
    _register_new(app)
    _register_one(app)


def _register_new(app: Dash) -> None:
    held = [State({"sweep": part, "path": ALL}, what) for part in PARTS for what in ("value", "id")]

    @app.callback(
        Output(ROWS, "children"), Output(CHOSEN, "data"), Output(ADD, "options"), Output(ADD, "value"), Output(PROBLEMS, "children"),
        Input(ADD, "value"), Input(ACTION, "data"), Input(control_id(FORM, "architectures"), "value"), State(CHOSEN, "data"), State(MODEL, "data"),
        State({"form": FORM, "field": ALL}, "value"), State({"form": FORM, "field": ALL}, "id"), State(NAME, "value"), *held, prevent_initial_call=True,
    )  # fmt: skip
    @needs("read", start="train")
    def change(
        added: str | None, data: Any, architectures: bool | None, chosen: list[str], model_id: str, values: list[Any], ids: list[Any],
        name: str | None, *controls: Any,
    ) -> Any:  # fmt: skip
        found = rows_held(chosen, controls)
        asked = asking.asking_of(current().workbench, model_id)
        action = read_action(data) if ctx.triggered_id == ACTION else None
        if action is not None and action.name == "start":
            settings = {**by_field(ids, values), "space": [asking.text_of(row) for row in found]}
            return *(no_update,) * 4, start(model_id, settings, name, asked, confirmed=action.confirmed)
        allowed = {option["value"] for option in asking.options_of(asked, architectures=bool(architectures))}
        found = [row for row in found if row["path"] in allowed and not (action and action.name == "remove" and row["path"] == action.id)]
        if ctx.triggered_id == ADD:
            if not added or added == NOTHING or added not in allowed or added in chosen:
                return (no_update,) * 5
            found.append(asking.new_row(asked, added))
        paths = [row["path"] for row in found]
        options = asking.options_of(asked, architectures=bool(architectures), chosen=paths)
        return asking.rows_part(asked, found), paths, options, NOTHING, None


def _register_one(app: Dash) -> None:
    @app.callback(
        Output("sweep-head", "children"), Output("sweep-status", "children"), Output("sweep-trials", "children"), Output(KNOWN, "data"),
        Input("shell-seen", "data"), Input(ACTION, "data"), State(ONE, "data"), State(KNOWN, "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read", stop="train", resume="train", more="train", use_best="train", delete="train")
    def follow(_seen: Any, data: Any, sweep_id: str | None, known: str | None) -> Any:
        action = read_action(data) if ctx.triggered_id == ACTION else None
        if not sweep_id or (action is not None and not carry_out(action)):
            return (no_update,) * 4
        state = current().workbench.state()
        try:
            sweep = current().workbench.sweeps.get(sweep_id)
        except CommandError:
            return (no_update,) * 4  # the frame says that it was deleted
        now = layout.known_of(state, sweep)
        if now == known:
            return (no_update,) * 4
        return layout.header(state, sweep), layout.status(state, sweep), layout.trials(state, sweep), now

    @app.callback(
        Output("sweep-progress", "children"), Output("sweep-lines", "children"), Output("sweep-importance", "children"), Output(TOLD, "data"),
        Input("theme", "data"), Input(KNOWN, "data"), State(ONE, "data"), State(TOLD, "data"),
    )  # fmt: skip
    @needs("read")
    def draw(theme: str | None, _known: Any, sweep_id: str | None, told: list[str] | None) -> Any:
        if theme is None or not sweep_id:
            return (no_update,) * 4
        workbench = current().workbench
        state, sweep = workbench.state(), workbench.sweeps.get(sweep_id)
        now = [theme, layout.told_of(state, sweep)]
        if now == told:
            return (no_update,) * 4
        return *graphs(workbench, sweep, dark=theme == "dark"), now


def rows_held(chosen: Sequence[str], controls: Sequence[Any]) -> list[dict[str, Any]]:
    """What the controls of the chosen settings hold, in the order in which they were chosen.

    Args:
        controls: for each of `PARTS` the values and the ids of its controls.
    """
    found: dict[str, dict[str, Any]] = {path: {"path": path} for path in chosen}
    for place, part in enumerate(PARTS):
        for value, id in zip(controls[2 * place], controls[2 * place + 1], strict=True):
            if id["path"] in found:
                found[id["path"]][part] = value
    return [row for row in found.values() if "low" in row or "choices" in row]


def start(model_id: str, settings: Mapping[str, Any], name: str | None, asked: Any, *, confirmed: bool) -> Any:
    """Start the sweep and go to its page; what is wrong with it otherwise. Raises NeedsConfirmation."""
    try:
        sweep = current().workbench.sweeps.create(actor=actor(), model_id=model_id, settings=settings, name=name, confirmed=confirmed)
    except NeedsConfirmation:
        raise
    except CommandError as error:
        if not error.problems:
            raise
        return asking.problems_part(asked, error.problems)
    notify(f"Started {sweep.name}.")
    shell.go(f"/sweeps/{sweep.id}")
    return None


def carry_out(action: Action) -> bool:
    """Do what a button says; whether the page shows the sweep still. Raises CommandError."""
    sweeps = current().workbench.sweeps
    if action.name == "stop":
        sweeps.stop(actor=actor(), sweep_id=action.id)
    elif action.name == "resume":
        sweeps.resume(actor=actor(), sweep_id=action.id)
    elif action.name == "more":
        text = str(action.value or "").strip()
        if not text.isdecimal() or len(text) > 6:
            raise CommandError(f"A number of trials is a whole number (got {text[:40]!r}).", "trials")
        sweeps.resume(actor=actor(), sweep_id=action.id, trials=int(text))
    elif action.name == "use-best":
        updated = sweeps.use_best(actor=actor(), sweep_id=action.id)
        undo = current().workbench.state().version
        words = "has the best settings now" if updated.changed or updated.reset else "had the best settings already"
        notify(
            f"{updated.record.name} {words}.",
            undo=undo if updated.changed or updated.reset else None,
            link=("Open", f"/model/{updated.record.id}/train"),
        )
    elif action.name == "rename":
        sweeps.rename(actor=actor(), sweep_id=action.id, name=str(action.value or ""))
    elif action.name == "delete":
        sweep = sweeps.delete(actor=actor(), sweep_id=action.id)
        notify(f"Deleted {sweep.name}.", undo=current().workbench.state().version)
        shell.go("/sweeps")
        return False
    return True


def graphs(workbench: Any, sweep: Any, *, dark: bool) -> tuple[Any, Any, Any]:
    """The three graphs, or why there is none yet."""
    known = rows.rows_of(workbench.state(), sweep)
    best, across = figures.progress(sweep, known, dark=dark), figures.lines(sweep, known, dark=dark)
    first = _graph(
        best,
        "sweep-progress-graph",
        "The value of each trial and the best one so far",
        "Values appear with the first trial that has ended.",
    )
    second = _graph(
        across,
        "sweep-lines-graph",
        "A line a trial through its settings to its value",
        "Lines appear with the second trial that has ended.",
    )
    told = sum(row.state == "completed" and row.value is not None for row in known)
    found = workbench.beside(importance.TARGET, sweep.id) if told >= importance.FEWEST else {}
    third = figures.importance(sweep, found, dark=dark) if found else None
    return first, second, _graph(third, "sweep-importance-graph", "What each setting explains", layout.FEW_FOR_IMPORTANCE)


def _graph(figure: Any, id: str, label: str, otherwise: str) -> Any:
    return html.P(otherwise, className="muted") if figure is None else plots.graph(figure, id, label=label)
