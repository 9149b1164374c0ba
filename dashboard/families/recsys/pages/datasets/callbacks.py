"""What the page of one table does: read it, draw it, change roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, State, html, no_update

from dashboard import shell
from dashboard.components import notify, read_action
from dashboard.context import actor, current
from dashboard.families.recsys.pages.datasets import one
from dashboard.later import Later
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.datasets import view
else:
    view = Later("dashboard.families.recsys.pages.datasets.view")

_ROLES = {"type": one.ROLE, "column": ALL}


def register(app: Dash) -> None:
    """Add the page's callbacks."""

    @app.callback(
        Output(one.COLUMNS, "children"), Output(one.ROWS, "children"), Output(one.FIGURES, "children"),
        Input(one.ID, "data"), Input(one.ACTION, "data"), Input("theme", "data"), State(one.LOOK, "data"),
    )  # fmt: skip
    def look(dataset_id: str | None, data: Any, theme: str | None, known: Any) -> Any:
        from recsys.data.stats import events_per_day, popularity_curve, sample_rows, statistics_of
        from recsys.figures.data import events, popularity

        action = read_action(data)
        asked = action is not None and action.name == "look"
        if not dataset_id or theme is None or (isinstance(known, dict) and known.get("ask") and not asked):
            return no_update, no_update, no_update
        try:
            table = current().workbench.datasets.load(dataset_id)
        except DatasetError as error:
            return html.P(str(error), className="field-message", role="alert"), "", ""
        dark = theme == "dark"
        days = events_per_day(table)
        drawn = one.figures(
            popularity(popularity_curve(table), dark=dark, height=one.HEIGHT),
            None if days is None else events(days, dark=dark, height=one.HEIGHT),
        )
        columns = one.columns(statistics_of(table), editable=view.why_fixed(current(), dataset_id) is None)
        return columns, one.sample(sample_rows(table)), drawn

    @app.callback(
        Output("recsys-dataset-save", "disabled"), Input("recsys-dataset-save", "n_clicks"), State(one.ID, "data"), State(_ROLES, "value"),
        State(_ROLES, "id"), running=[(Output("recsys-dataset-save", "disabled"), True, False)], prevent_initial_call=True,
    )  # fmt: skip
    def save(clicks: int | None, dataset_id: str, values: list[Any], ids: list[Any]) -> Any:
        if not clicks:
            return no_update
        known = current().workbench.datasets.facts(dataset_id).roles
        roles = {id["column"]: role for id, role in zip(ids, values, strict=True) if known.get(id["column"]) != role}
        if not roles:
            raise CommandError("No role was changed.", hint="Choose other roles and save again.")
        record = current().workbench.datasets.amend(actor=actor(), dataset_id=dataset_id, amendments={"roles": roles})
        notify(f"Saved the roles of {record.name}.")
        shell.redraw()
        return no_update
