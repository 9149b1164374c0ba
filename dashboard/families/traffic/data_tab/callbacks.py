"""What a forecasting model's Data tab reads after it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from dashboard.acting import needs
from dashboard.context import current
from dashboard.later import Later
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from dashboard.families.traffic.data_tab import layout
    from traffic.model_data import Overview
else:
    layout = Later("dashboard.families.traffic.data_tab.layout")

_CALLS = "traffic.model_data"
_OF = "traffic-data-of"


def register(app: Dash) -> None:
    """Add the callbacks of the tab."""

    @app.callback(
        Output("traffic-data-facts", "children"), Output("traffic-data-problems", "children"),
        Output("traffic-data-sensor", "options"), Output("traffic-data-sensor", "value"),
        Output("traffic-data-feature", "options"), Output("traffic-data-feature", "value"),
        Input(_OF, "data"),
    )  # fmt: skip
    @needs("read")
    def show(model_id: str | None) -> Any:
        if not model_id:
            return (no_update,) * 6
        workbench = current().workbench
        try:
            found = _overview(model_id)
            state = workbench.state()
            dataset = state.datasets[state.dataset_of(state.models[model_id]) or ""]
            look = workbench.datasets.statistics(dataset.id)
        except (DatasetError, CommandError) as error:
            return html.P(str(error), className="field-message", role="alert"), "", [], None, [], None
        worst = found.sensor_ids[int(found.health.missing.argmax())]
        return (
            layout.facts(found, look, dataset), layout.problems(found, look), *layout.choices(found.sensor_ids, worst),
            *layout.choices(found.features, found.targets[0] if found.targets else None),
        )  # fmt: skip

    @app.callback(
        Output("traffic-data-where", "children"), Input("traffic-data-sensor", "value"), Input("theme", "data"), State(_OF, "data")
    )
    @needs("read")
    def show_where(sensor: str | None, theme: str | None, model_id: str | None) -> Any:
        if not sensor or theme is None or not model_id:
            return no_update
        return layout.where(_overview(model_id), sensor, dark=theme == "dark")

    @app.callback(
        Output("traffic-data-series", "children"), Input("traffic-data-sensor", "value"), Input("traffic-data-feature", "value"),
        Input("theme", "data"), State(_OF, "data"),
    )  # fmt: skip
    @needs("read")
    def show_series(sensor: str | None, feature: str | None, theme: str | None, model_id: str | None) -> Any:
        if not sensor or not feature or theme is None or not model_id:
            return no_update
        series = current().workbench.beside(f"{_CALLS}:series", model_id, sensor, feature)
        return layout.series(_overview(model_id), series, dark=theme == "dark")

    @app.callback(
        Output("traffic-data-sensor", "value", allow_duplicate=True), Input({"type": "traffic-data-graph", "of": ALL}, "clickData"),
        State(_OF, "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def choose(clicks: list[Any], model_id: str | None) -> Any:
        del clicks
        id: Any = ctx.triggered_id
        points = (ctx.triggered[0]["value"] or {}).get("points") or [{}]
        if not isinstance(id, dict) or not model_id:
            return no_update
        if id.get("of") == "time":
            return points[0].get("y") or no_update
        place, names = points[0].get("customdata"), _overview(model_id).sensor_ids
        return names[place] if isinstance(place, int) and 0 <= place < len(names) else no_update


def _overview(model_id: str) -> Overview:
    return current().workbench.beside(f"{_CALLS}:overview", model_id)
