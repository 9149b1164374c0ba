"""What the list of tests does: filter, select, compare, run again, cancel, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard.acting import needs
from dashboard.components import notify, read_action
from dashboard.components.marks import leave_with
from dashboard.context import actor, current
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import recent
from dashboard.families.recsys.pages.tests.callbacks import act_on
from dashboard.families.recsys.pages.tests.recent import ACTED, ACTION, PAGE_ROWS, SELECTED, SHOWN, Filters
from dashboard.later import Later

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.tests import recent_view
else:
    recent_view = Later("dashboard.families.recsys.pages.tests.recent_view")

_FILTERS = tuple(Input(f"recsys-tests-{name}", "value") for name in Filters.__dataclass_fields__)


def register(app: Dash) -> None:
    """Add the list's callbacks."""

    @app.callback(
        Output("recsys-tests-rows", "children"), Output("recsys-tests-chosen", "children"), Output("recsys-tests-link", "data"),
        *_FILTERS, Input(SHOWN, "data"), Input(SELECTED, "data"), Input(ACTED, "data"), Input("shell-seen", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def draw(*given: Any) -> Any:
        *values, shown, selected, _acted, _seen = given
        filters = filters_of(values)
        return recent.table(recent_view.listed(current(), filters, shown), selected or ()), recent.chosen(selected or ()), filters.address

    @app.callback(Output(ACTED, "data"), Input(ACTION, "data"), prevent_initial_call=True)
    @needs("read", delete="train", cancel="train", resume="train", rerun="train")
    def do(data: Any) -> Any:
        action = read_action(data)
        if action is None or action.name in ("more", "all"):
            return no_update
        if action.name == "delete":
            gone = recommenders(current().workbench).tests.delete(actor=actor(), key=action.id)
            notify(f"Deleted test #{gone.number}.", undo=current().workbench.state().version)
        else:
            act_on(current(), actor(), action.id, action)
        return data  # so that the table is drawn anew

    leave_with(app, ACTION, SELECTED)

    @app.callback(*(Output(one.component_id, "value") for one in _FILTERS), Input(ACTION, "data"), prevent_initial_call=True)
    @needs("read")
    def show_all(data: Any) -> Any:
        action = read_action(data)
        return unfiltered() if action is not None and action.name == "all" else [no_update] * len(_FILTERS)

    @app.callback(Output(SHOWN, "data"), Input(ACTION, "data"), State(SHOWN, "data"), prevent_initial_call=True)
    @needs("read")
    def show_more(data: Any, shown: int) -> Any:
        action = read_action(data)
        return shown + PAGE_ROWS if action is not None and action.name == "more" else no_update

    app.clientside_callback(
        ClientsideFunction("trellis", "address_told"), Output("recsys-tests-link", "storage_type"), Input("recsys-tests-link", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def filters_of(values: list[Any]) -> Filters:
    """The filters that controls hold, in the order of `Filters`."""
    return Filters.of({name: "" if value == "all" else value for name, value in zip(Filters.__dataclass_fields__, values, strict=True)})


def unfiltered() -> list[str]:
    """What controls hold that filter nothing."""
    return ["" if name == "q" else "all" for name in Filters.__dataclass_fields__]
