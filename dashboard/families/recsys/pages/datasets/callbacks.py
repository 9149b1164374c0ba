"""What the page of one table does: read it, draw it, change roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from dash import ALL, Dash, Input, Output, State, html, no_update

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import notify, read_action
from dashboard.context import actor, current
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.datasets import first, first_callbacks, one
from dashboard.families.recsys.pages.services import recommenders
from dashboard.forms import by_field
from dashboard.later import Later
from dashboard.pages.datasets.layout import MAKE_FORM
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.datasets import view
else:
    view = Later("dashboard.families.recsys.pages.datasets.view")

_ROLES = {"type": one.ROLE, "column": ALL}
_SHOP = {"form": MAKE_FORM, "field": ALL}


def register(app: Dash) -> None:
    """Add the chapter's callbacks."""
    first_callbacks.register(app)

    @app.callback(
        Output(one.COLUMNS, "children"), Output(one.ROWS, "children"), Output(one.FIGURES, "children"), Output(one.READ, "data"),
        Input(one.ID, "data"), Input(one.ACTION, "data"), Input("theme", "data"), State(one.LOOK, "data"),
    )  # fmt: skip
    @needs("read")
    def look(dataset_id: str | None, data: Any, theme: str | None, known: Any) -> Any:
        from recsys.data.stats import SAMPLE

        action = read_action(data)
        asked = action is not None and action.name == "look"
        if not dataset_id or theme is None or (isinstance(known, dict) and known.get("ask") and not asked):
            return no_update, no_update, no_update, no_update
        tables, datasets = recommenders(current().workbench).tables, current().workbench.datasets
        try:
            found = tables.columns(dataset_id)
            rows, spread = tables.sample(dataset_id, SAMPLE), tables.spread(dataset_id)
        except (CommandError, DatasetError) as error:
            return html.P(str(error), className="field-message", role="alert"), "", "", no_update
        columns = one.columns(found, datasets.facts(dataset_id).notices, editable=view.why_fixed(current(), dataset_id) is None)
        return columns, one.sample(rows), view.figures(spread, dark=theme == "dark"), dataset_id

    @app.callback(Output(one.SPLITS, "children"), Output(one.CEILING, "children"), Input(one.READ, "data"), prevent_initial_call=True)
    @needs("read")
    def divide(dataset_id: str | None) -> Any:
        return (no_update, no_update) if not dataset_id else (view.splits_of(current(), dataset_id), view.ceiling_of(current(), dataset_id))

    @app.callback(
        Output(first.LOOK_THERE, "disabled"),
        Input(first.LOOK_THERE, "n_clicks"), Input(first.PATH, "n_submit"), State(first.PATH, "value"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def look_there(clicks: int | None, submits: int | None, path: str | None) -> Any:
        if clicks or submits:
            place = (path or "").strip()
            if not place:
                raise CommandError("Name a file below the folder of datasets first.", "path")
            view.asked_for(current(), {"path": place})
            shell.go(f"{addresses.DATASETS}/new?{urlencode({'path': place})}")
        return no_update

    @app.callback(Output("recsys-shop-size", "children"), Input(_SHOP, "value"), State(_SHOP, "id"))
    @needs("read")
    def shop(values: list[Any], ids: list[Any]) -> Any:
        return view.shop_words(by_field(ids, values))

    @app.callback(
        Output("recsys-dataset-save", "disabled"), Input("recsys-dataset-save", "n_clicks"), State(one.ID, "data"), State(_ROLES, "value"),
        State(_ROLES, "id"), running=[(Output("recsys-dataset-save", "disabled"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    @needs("train")
    def save(clicks: int | None, dataset_id: str, values: list[Any], ids: list[Any]) -> Any:
        if not clicks:
            return no_update
        if not ids:
            raise CommandError("The columns are not shown yet, so no role was saved.", hint="Wait until they are read, then choose roles.")
        known = current().workbench.datasets.facts(dataset_id).roles
        roles = {id["column"]: role for id, role in zip(ids, values, strict=True) if known.get(id["column"]) != role}
        if not roles:
            raise CommandError("No role was changed.", hint="Choose other roles and save again.")
        record = current().workbench.datasets.amend(actor=actor(), dataset_id=dataset_id, amendments={"roles": roles})
        notify(f"Saved the roles of {record.name}.")
        shell.redraw()
        return no_update
