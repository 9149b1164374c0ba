"""What the results draw once the theme is known, and what their choices do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from dashboard.acting import needs
from dashboard.context import current
from dashboard.families.traffic.pages import addresses
from dashboard.later import Later

if TYPE_CHECKING:
    from dashboard.families.traffic import reading
    from dashboard.families.traffic.pages.results import compare, drawing, one, view
else:
    reading = Later("dashboard.families.traffic.reading")
    compare, drawing, one, view = (
        Later(f"dashboard.families.traffic.pages.results.{name}") for name in ("compare", "drawing", "one", "view")
    )

_RUN = State("forecast-run", "data")


def register(app: Dash) -> None:
    """Add the callbacks."""
    _register_replay(app)
    _register_errors(app)

    @app.callback(
        Output({"type": "forecast-compare-graphs", "group": ALL}, "children"), Input("theme", "data"), State("forecast-compare-ids", "data"),
        State({"type": "forecast-compare-graphs", "group": ALL}, "id"),
    )  # fmt: skip
    @needs("read")
    def draw_compared(theme: str | None, ids: list[str] | None, places: list[dict[str, str]]) -> Any:
        if theme is None or not ids:
            return [no_update] * len(places)
        groups = {group[0].run.id: group for group in reading.by_windows(view.results_of(current(), ids))}
        return [drawing.compared(groups[id["group"]], dark=theme == "dark") if id["group"] in groups else None for id in places]

    app.clientside_callback(
        ClientsideFunction("trellis", "address_told"), Output("forecast-link", "storage_type"), Input("forecast-link", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def _register_replay(app: Dash) -> None:
    @app.callback(
        Output("forecast-at", "max"), Output("forecast-at", "value"), Input("forecast-day", "value"), _RUN, State("forecast-at", "value"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def choose_day(day: str | None, run_id: str | None, at: str | None) -> Any:
        if not day or not run_id:
            return no_update, no_update
        most = drawing.last_of_day(reading.bundle_of(current().workbench, run_id), int(day))
        return most, no_update if int(at or 0) <= most else str(most)

    @app.callback(
        Output("forecast-road", "children"), Output("forecast-ahead", "children"),
        Input("forecast-day", "value"), Input("forecast-target", "value"), Input("theme", "data"), _RUN,
    )  # fmt: skip
    @needs("read")
    def draw_roads(day: str | None, target: str | None, theme: str | None, run_id: str | None) -> Any:
        if theme is None or not day or not run_id:
            return no_update, no_update
        bundle = reading.bundle_of(current().workbench, run_id)
        return drawing.roads(bundle, int(day), int(target or 0), dark=theme == "dark")

    @app.callback(
        Output("forecast-fan", "children"), Output("forecast-at-words", "children"),
        Input("forecast-sensor", "value"), Input("forecast-day", "value"), Input("forecast-at", "value"), Input("forecast-target", "value"),
        Input("theme", "data"), _RUN,
    )  # fmt: skip
    @needs("read")
    def draw_fan(sensor: str | None, day: str | None, at: str | None, target: str | None, theme: str | None, run_id: str | None) -> Any:
        if theme is None or not day or not run_id:
            return no_update, no_update
        bundle = reading.bundle_of(current().workbench, run_id)
        look = drawing.look_of(bundle, sensor, day, at, target)
        return drawing.fan(bundle, look, dark=theme == "dark"), one.time_words(bundle, look.window)

    @app.callback(
        Output("forecast-sensor", "value"), Input({"type": "forecast-graph", "of": ALL}, "clickData"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def choose_sensor(clicks: list[Any]) -> Any:
        del clicks
        id: Any = ctx.triggered_id
        if not isinstance(id, dict) or id.get("of") not in ("forecast-map", "forecast-neighbours"):
            return no_update
        points = (ctx.triggered[0]["value"] or {}).get("points") or [{}]
        place = points[0].get("customdata")
        return str(place) if isinstance(place, int) else no_update

    @app.callback(
        Output("forecast-link", "data"),
        *(Input(f"forecast-{name}", "value") for name in ("sensor", "day", "at", "target", "metric", "step")), _RUN,
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def tell_address(
        sensor: str | None, day: str | None, at: str | None, target: str | None, metric: str | None, step: str | None, run_id: str | None
    ) -> Any:
        if not run_id or not day:
            return no_update
        bundle = reading.bundle_of(current().workbench, run_id)
        look = drawing.look_of(bundle, sensor, day, at, target, metric, step)
        return addresses.one_run(run_id, **one.query_of(bundle, look))


def _register_errors(app: Dash) -> None:
    @app.callback(Output("forecast-beside", "children"), Input("theme", "data"), _RUN)
    @needs("read")
    def draw_beside(theme: str | None, run_id: str | None) -> Any:
        return _drawn(theme, run_id, lambda bundle, dark: drawing.beside(bundle, dark=dark))

    @app.callback(
        Output("forecast-horizon", "children"), Output("forecast-hours", "children"), Output("forecast-sensors", "children"),
        Input("forecast-metric", "value"), Input("forecast-target", "value"), Input("theme", "data"), _RUN,
    )  # fmt: skip
    @needs("read")
    def draw_errors(metric: str | None, target: str | None, theme: str | None, run_id: str | None) -> Any:
        found = _drawn(theme, run_id, lambda bundle, dark: drawing.errors(bundle, metric or "mae", int(target or 0), dark=dark))
        return (no_update, no_update, no_update) if found is no_update else found

    @app.callback(
        Output("forecast-map", "children"), Input("forecast-sensor", "value"), Input("forecast-metric", "value"), Input("forecast-target", "value"),
        Input("forecast-step", "value"), Input("theme", "data"), _RUN,
    )  # fmt: skip
    @needs("read")
    def draw_map(
        sensor: str | None, metric: str | None, target: str | None, step: str | None, theme: str | None, run_id: str | None
    ) -> Any:
        chosen = (metric or "mae", int(target or 0), int(step or 0))
        return _drawn(theme, run_id, lambda bundle, dark: drawing.map_of(bundle, int(sensor or 0), *chosen, dark=dark))

    @app.callback(Output("forecast-neighbours", "children"), Input("forecast-sensor", "value"), Input("theme", "data"), _RUN)
    @needs("read")
    def draw_neighbours(sensor: str | None, theme: str | None, run_id: str | None) -> Any:
        return _drawn(theme, run_id, lambda bundle, dark: drawing.neighbours(bundle, int(sensor or 0), dark=dark))

    @app.callback(Output("forecast-coverage", "children"), Input("theme", "data"), _RUN)
    @needs("read")
    def draw_coverage(theme: str | None, run_id: str | None) -> Any:
        return _drawn(theme, run_id, lambda bundle, dark: drawing.coverage(bundle, dark=dark))


def _drawn(theme: str | None, run_id: str | None, draw: Callable[[Any, bool], Any]) -> Any:
    """What is drawn of a run once the theme is known."""
    if theme is None or not run_id:
        return no_update
    return draw(reading.bundle_of(current().workbench, run_id), theme == "dark")
