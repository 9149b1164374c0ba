"""All figures of a run: what each shows, and for which models it means anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.families import Applies, Figure, ImportString, LiveFigure

Resolved = Mapping[str, Any]


def _always(values: Resolved, held: Any) -> str | None:
    return None


def _pooled(values: Resolved, held: Any) -> str | None:
    return None if values.get("social_pooling.enabled") else "this model does not look at its neighbours: social pooling is off"


def _quantiles(values: Resolved, held: Any) -> str | None:
    return None if values.get("quantiles") else "this model makes point forecasts: it has no quantiles"


def _figure(name: str, draw: str, title: str, look_for: str, applies: Applies = _always) -> Figure:
    return Figure(name, title, look_for, ImportString(f"traffic.figures.{draw}"), applies)


# fmt: off
FIGURES: tuple[Figure, ...] = (
    _figure("comparison_table", "compared:draw_table", "Model and baselines",
            "The model's column should hold the bold values; where a baseline has them, the model has learned less than that simple rule knows."),
    _figure("baseline_differences", "errors:draw_differences", "Beside the baselines",
            "An interval left of zero is a real gain; one that crosses zero may be chance."),
    _figure("error_by_horizon", "errors:draw_horizon", "Error by horizon",
            "Errors grow with the horizon; the model's line should lie below the others, most of all far ahead."),
    _figure("error_by_time_of_day", "errors:draw_hours", "Error by hour",
            "Peaks at rush hours are where queues build up; a model that only follows the clock is no better there than the historical average."),
    _figure("error_by_sensor", "errors:draw_sensors", "Error by detector",
            "A few detectors far above the rest lie at bottlenecks, or are faulty."),
    _figure("sensor_map", "maps:draw_map", "Map of errors",
            "Dark detectors next to one another mark a bottleneck; a single dark one among light ones may be faulty."),
    _figure("forecast_fan", "forecasts:draw_fan", "The hardest forecast",
            "Look at what the model missed: the start of a queue that nothing announced, or one that it should have seen."),
    _figure("time_space", "forecasts:draw_road", "A day along the road",
            "Queues show as slow bands that begin at a bottleneck and grow upstream."),
    _figure("interval_coverage", "errors:interval_coverage", "Coverage of the interval",
            "After calibration the line should lie on the nominal share at every horizon.", _quantiles),
    _figure("neighbour_map", "maps:draw_neighbours", "Neighbours of a detector",
            "Strong lines should follow the road; detectors drawn as crosses have no neighbour within the radius.", _pooled),
    _figure("loss_curves", "curves:draw_loss", "Loss",
            "Both curves should fall and settle; a validation curve that turns up while training falls means overfitting."),
)

LIVE_FIGURES: tuple[LiveFigure, ...] = (
    LiveFigure(
        "validation_by_horizon", "Error by horizon", "The model's line falls; what lies above the others has learned less than a simple rule knows.",
        "horizons", ImportString("traffic.figures.live:validation_by_horizon"), _always, wide=True, waiting="Appears when the run has begun",
    ),
)
# fmt: on
