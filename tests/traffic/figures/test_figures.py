"""What the figures of forecasts draw, and what each must hold to whatever it shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.rcmvae.figures.reading import layout, notes, plotted, traces
from tests.traffic.bundles import bundle
from traffic.bundle import Errors, TrafficBundle
from traffic.figures import compared, curves, errors, forecasts, maps, table
from traffic.figures.registry import FIGURES
from workbench.arrays import array_specs
from workbench.families import Figure
from workbench.plotting import HOVER

WANTED = {
    "comparison_table", "baseline_differences", "error_by_horizon", "error_by_time_of_day", "error_by_sensor", "sensor_map", "forecast_fan",
    "time_space", "interval_coverage", "neighbour_map", "loss_curves",
}  # fmt: skip
UNITLESS = {"comparison_table", "loss_curves", "interval_coverage", "time_space", "sensor_map", "neighbour_map"}
every_figure = pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
made = cache(bundle)


def without_values(found: TrafficBundle) -> TrafficBundle:
    """The same run if nothing at all had been measured."""
    sums = {name: np.zeros_like(getattr(found, name)) for name in ("by_sensor", "by_time", "by_congestion", "by_day")}
    nan = {
        name: np.full_like(getattr(found, name), np.nan)
        for name in ("truth", "forecast", "quantile_forecast", "coordinates", "metric_history")
    }
    return replace(found, **sums, **nan)


def empty(found: TrafficBundle) -> TrafficBundle:
    """A run without kept windows, epochs, neighbours or calibration."""
    none: dict[str, Any] = {
        name: getattr(found, name)[:0]
        for name in (
            "timestamps",
            "truth",
            "origins",
            "forecast",
            "quantile_forecast",
            "metric_epochs",
            "metric_history",
            "coverage",
            "width",
            "interval_score",
        )
    }
    for name in ("neighbours", "neighbour_m", "neighbour_weight"):
        none[name] = getattr(found, name)[:, :0]
    return replace(without_values(found), **none)


def numbers(node: Any) -> list[float]:
    if isinstance(node, dict):
        return [n for value in node.values() for n in numbers(value)]
    if isinstance(node, list):
        return [n for value in node for n in numbers(value)]
    return [node] if isinstance(node, int | float) and not isinstance(node, bool) else []


def test_every_figure_is_declared_once_with_what_to_look_for() -> None:
    assert {figure.name for figure in FIGURES} == WANTED
    assert len(FIGURES) == len(WANTED)
    assert all(figure.title and figure.look_for.endswith(".") for figure in FIGURES)


@every_figure
def test_a_figure_is_drawn_in_both_themes_with_finite_data_titled_axes_and_unchanged_input(figure: Figure) -> None:
    found, draw = made(), figure.draw.load()
    before = {name: getattr(found, name).tobytes() for name in array_specs(TrafficBundle)}
    light, dark = draw(found), draw(found, dark=True)
    assert traces(light)
    assert plotted(light) == plotted(draw(found))
    assert plotted(light) != plotted(dark)
    text = json.dumps(plotted(light), allow_nan=False)
    assert all(np.isfinite(numbers(plotted(light)["data"])))
    assert before == {name: getattr(found, name).tobytes() for name in before}
    if figure.name != "comparison_table":
        axes = [
            axis
            for name, axis in layout(light).items()
            if (name.startswith(("xaxis", "yaxis")) and "matches" not in axis) or name == "yaxis"
        ]
        assert all(axis.get("title", {}).get("text") for axis in axes)
    if figure.name not in UNITLESS:
        assert "km/h" in text


@every_figure
@pytest.mark.parametrize("change", [without_values, empty])
def test_without_anything_to_draw_a_figure_says_what_it_is_and_why_it_is_empty(figure: Figure, change: Any) -> None:
    drawn = figure.draw.load()(change(made()))
    if figure.name in ("interval_coverage",) and change is without_values:
        return
    assert not traces(drawn)
    assert layout(drawn)["title"]["text"]
    assert notes(drawn)


@every_figure
def test_a_figure_of_many_detectors_stays_small(figure: Figure) -> None:
    drawn = figure.draw.load()(made(sensors=325, days=5))
    assert traces(drawn)
    assert len(str(drawn.to_json())) <= 1_500_000


@every_figure
def test_names_that_look_like_markup_stay_text(figure: Figure) -> None:
    found = made()
    ids = tuple("<script>" + name for name in found.facts.sensor_ids)
    facts = replace(found.facts, sensor_ids=ids, target_names=("<script>t",), units=("<script>u",))
    assert "<script" not in str(figure.draw.load()(replace(found, facts=facts)).to_json())


def test_figures_need_no_framework_and_no_network() -> None:
    code = "import sys; from traffic.figures.registry import FIGURES; [f.draw.load() for f in FIGURES]; print({'jax', 'requests', 'urllib3', 'tensorflow'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_fan_shows_the_forecast_its_intervals_its_origin_and_incidents_and_leaves_gaps_open() -> None:
    found = made()
    window = int(np.flatnonzero(found.timestamps[found.origins] == found.incident_start[0])[0])
    fan = forecasts.fan_of(found, window, 1)
    row = int(found.origins[window])
    np.testing.assert_array_equal(fan.forecast, found.forecast[window, :, 1, 0])
    np.testing.assert_array_equal(fan.ahead, found.timestamps[row + 1 : row + 13])
    assert [round(band.share, 2) for band in fan.bands] == [0.9, 0.5]
    fan = replace(fan, truth=np.where(np.arange(len(fan.truth)) == 5, np.nan, fan.truth))
    drawn = forecasts.forecast_fan(fan)
    by_name = {trace.name: trace for trace in traces(drawn)}
    assert len(traces(drawn)) == 2 + 2 * len(fan.bands)
    assert by_name["Measured"].y[5] is None
    assert by_name["Measured"].connectgaps is False
    assert by_name["90 % interval"].y[0] == pytest.approx(float(found.quantile_forecast[window, 0, 1, 0, 4]), abs=1e-3)
    shapes = layout(drawn)["shapes"]
    assert [shape["type"] for shape in shapes] == ["line", "rect"]
    assert shapes[0]["x0"] == str(np.datetime64(fan.origin, "s"))
    assert [each["text"] for each in layout(drawn)["annotations"]] == ["incident, km 0.7"]
    assert layout(drawn)["xaxis"]["title"]["text"].endswith("at km 0.6")


def test_the_hardest_forecast_is_the_one_farthest_from_what_came() -> None:
    found = made(missing=0.0)
    forecast = found.forecast.copy()
    forecast[17, :, 2] += 30
    assert forecasts.hardest(replace(found, forecast=forecast)) == (17, 2)


def test_the_road_shows_a_day_as_it_was_and_as_it_was_forecast_an_hour_before() -> None:
    found = made(missing=0.0)
    day = forecasts.days_of(found)[1]
    was, hour = forecasts.road_of(found, day), forecasts.road_of(found, day, step=12)
    assert was.values.shape == hour.values.shape == (288, 4)
    row = int(np.flatnonzero(found.timestamps == was.times[100])[0])
    window = int(np.flatnonzero(found.origins == row - 12)[0])
    np.testing.assert_array_equal(hour.values[100], found.forecast[window, 11, :, 0])
    np.testing.assert_array_equal(was.values[100], found.truth[row, :, 0])
    assert len(forecasts.windows_of_day(found, day)) == 288


def test_the_road_runs_along_its_kilometres_or_in_order_where_there_are_none() -> None:
    turned = replace(made(), position_km=np.array([3, 1, 2, 0], np.float32))
    day = forecasts.days_of(turned)[0]
    road = forecasts.road_of(turned, day)
    assert road.labels == ("s3", "s1", "s2", "s0")
    assert road.in_km
    places = made().coordinates[[2, 0, 3, 1]]
    lost = forecasts.road_of(replace(turned, position_km=np.full(4, np.nan, np.float32), coordinates=places), day)
    assert lost.labels == ("s1", "s3", "s0", "s2")
    assert layout(forecasts.time_space(lost))["yaxis"]["title"]["text"] == "detector (in order)"
    nowhere = replace(turned, position_km=np.full(4, np.nan, np.float32), coordinates=np.full((4, 2), np.nan))
    assert forecasts.road_of(nowhere, day).labels == ("s0", "s1", "s2", "s3")


def test_incidents_lie_on_the_road_where_and_when_they_were_and_nowhere_without_kilometres() -> None:
    found = made()
    day = forecasts.days_of(found)[0]
    drawn = traces(forecasts.time_space(forecasts.road_of(found, day)))
    (line,) = [trace for trace in drawn if trace.name == "Incident"]
    start, end = (str(np.datetime64(int(each[0]), "s")) for each in (found.incident_start, found.incident_end))
    assert list(line.x) == [start, end, None]
    assert list(line.y)[:2] == pytest.approx([0.7, 0.7])
    lost = replace(found, position_km=np.full(4, np.nan, np.float32))
    assert [trace.name for trace in traces(forecasts.time_space(forecasts.road_of(lost, day)))] == [None]


def test_errors_by_horizon_are_the_measured_ones_and_seeds_have_a_band() -> None:
    found = made()
    lines = errors.horizon_lines(errors.evaluations_of(found))
    truth = found.truth[found.origins[:, None] + np.arange(1, 13)][..., 0]
    expected = np.nanmean(np.abs(found.forecast[..., 0] - truth), axis=(0, 2))
    np.testing.assert_allclose(lines[0].values, expected, rtol=1e-5)
    band = errors.Line("model", expected, expected - 0.1, expected + 0.1, label="Three seeds", colour=2)
    scale = errors.scale_of(found.evaluation("model"), "km/h")
    drawn = errors.error_by_horizon([band, *lines[1:]], scale, 300)
    assert [trace.name for trace in traces(drawn)] == [
        "Last value",
        "Historical average",
        "Three seeds, low",
        "Three seeds, high",
        "Three seeds",
    ]
    assert traces(drawn)[0].x[2] == 15
    assert layout(drawn)["yaxis"]["title"]["text"] == "masked MAE of speed (km/h, all measured)"


def test_errors_by_hour_are_of_weekdays_and_weekends_apart() -> None:
    found = made(days=14)
    weekdays, weekends = errors.hour_lines(errors.evaluations_of(found))
    times = found.timestamps[found.origins[:, None] + np.arange(1, 13)]
    truth = found.truth[found.origins[:, None] + np.arange(1, 13)][..., 0]
    off = np.abs(found.forecast[..., 0] - truth)
    weekend = ((times // 86400 + 3) % 7 >= 5)[..., None] & np.isfinite(truth)
    hour = (times % 86400 // 3600)[..., None] == 8
    assert weekends[0].values[8] == pytest.approx(off[weekend & hour].mean(), rel=1e-5)
    assert weekdays[0].values[8] == pytest.approx(off[~weekend & hour & np.isfinite(truth)].mean(), rel=1e-5)


@every_figure
def test_a_hover_text_writes_a_measure_of_any_size_in_a_few_digits(figure: Figure) -> None:
    for trace in traces(figure.draw.load()(made())):
        formats = re.findall(r"%\{(?:x|y|z|customdata(?:\[\d\])?):([^}]*)\}", getattr(trace, "hovertemplate", None) or "")
        assert all(one.endswith("%") or one.removeprefix("+") == HOVER or "incident" in trace.hovertemplate for one in formats), formats


def test_hours_of_weekdays_and_weekends_lie_below_one_another_on_one_scale_each_as_wide_as_the_figure() -> None:
    drawn = layout(errors.draw_hours(made(days=14)))
    assert drawn["xaxis"]["domain"] == drawn["xaxis2"]["domain"] == [0.0, 1.0]
    assert drawn["yaxis2"]["domain"][1] < drawn["yaxis"]["domain"][0]
    assert drawn["yaxis2"]["matches"] == "y"
    quiet, rush = np.full(24, 1.0), np.where(np.arange(24) == 8, 14.5, 2.0)
    for weekdays, weekends in ((quiet, rush), (rush, quiet)):
        lines = [errors.Line("model", weekdays)], [errors.Line("model", weekends)]
        own = errors.error_by_time_of_day(lines[0], lines[1], errors.Scale("mae", "speed", "mph", "nan"))
        assert layout(own)["yaxis"]["range"] == layout(own)["yaxis2"]["range"] == [0, pytest.approx(15.4, abs=0.1)]
    assert "xaxis2" not in layout(errors.draw_hours(made(days=2)))


def test_detectors_are_ordered_by_the_models_error_and_those_without_one_come_last() -> None:
    scale = errors.Scale("mae", "speed", "km/h", "nan")
    own = errors.Line("model", np.array([1.0, np.nan, 3.0]))
    drawn = errors.error_by_sensor([own, errors.Line("ridge", np.array([2.0, np.nan, 2.5]))], ("a", "b", "c"), scale)
    assert list(traces(drawn)[1].text) == ["c", "a", "b"]
    assert list(traces(drawn)[1].y) == [3.0, 1.0, None]
    assert list(traces(drawn)[0].y) == [2.5, 2.0, None]


def test_an_interval_that_lies_below_zero_is_marked_as_better_not_by_colour_alone() -> None:
    marker = traces(errors.draw_differences(made(days=30)))[0].marker
    assert marker.symbol[0] == "circle"
    swapped = list(reversed(errors.evaluations_of(made(days=30))))
    assert traces(errors.baseline_differences(swapped, "km/h"))[0].marker.symbol[-1] == "x"


def test_a_kilometre_is_as_long_to_the_east_as_to_the_north() -> None:
    places = maps.places_of(("a", "b", "c"), np.array([[60.0, 10.0], [60.0, 10.1], [60.05, 10.0]]))
    east, north = places.km[1, 0] - places.km[0, 0], places.km[2, 1] - places.km[0, 1]
    assert east == pytest.approx(5.56, abs=0.02)
    assert north == pytest.approx(5.56, abs=0.02)
    drawn = maps.sensor_map(places, np.array([1.0, np.nan, 2.0]), "MAE", chosen=1)
    assert layout(drawn)["yaxis"]["scaleanchor"] == "x"
    assert layout(drawn)["shapes"][0]["x1"] - layout(drawn)["shapes"][0]["x0"] == pytest.approx(1)
    assert notes(drawn) == "1 km"
    assert [len(trace.x) for trace in traces(drawn)] == [1, 2, 1]


def test_detectors_without_a_place_are_left_out_of_the_map() -> None:
    places = maps.places_of(("a", "b"), np.array([[60.0, 10.0], [np.nan, np.nan]]))
    assert [list(trace.text) for trace in traces(maps.sensor_map(places, np.array([1.0, 2.0]), "MAE", chosen=1))] == [["a<br>1.00"]]


def test_neighbours_have_lines_as_strong_as_their_weights_and_lonely_detectors_are_crosses() -> None:
    found = made()
    weights = found.neighbour_weight.copy()
    weights[0] = [0.25, 0.75]
    drawn = maps.neighbours_of(replace(found, neighbour_weight=weights), 0)
    widths = [trace.line.width for trace in traces(drawn) if trace.mode == "lines"]
    assert widths == [pytest.approx(1 + 5 / 3), pytest.approx(6)]
    assert list(traces(drawn)[-1].marker.symbol) == ["circle", "circle", "circle", "x"]
    assert len([t for t in traces(maps.neighbours_of(found, 3)) if t.mode == "lines"]) == 0


def test_the_table_marks_the_best_of_each_column_states_masks_and_seeds() -> None:
    found = [Errors(one.facts, tuple(errors.evaluations_of(one))) for one in (made(seed=0), made(seed=1), made(seed=2))]
    assert all(table.comparable(found[0], other) for other in found)
    shown = table.table_of([("Three", found), ("One", found[:1])])
    assert [row.name for row in shown.rows] == ["Three", "One", "Last value", "Historical average"]
    assert "±" in shown.rows[0].text(0)
    assert "±" not in shown.rows[1].text(0)
    drawn = table.comparison_table(shown)
    header, cells = traces(drawn)[0].header["values"], traces(drawn)[0].cells["values"]
    assert header[2] == "MAE 15 min (km/h)<br>all measured"
    assert header[-1] == "MAPE mean (%)<br>without zeros"
    assert list(cells[1]) == ["3", "1", "1", "1"]
    assert sum("<b>" in cell for cell in cells[2]) == 1
    cited = replace(shown, rows=(*shown.rows, table.Row("Paper", "paper", np.zeros((1, len(shown.columns))), cited=True)))
    assert cited.best(0) == shown.best(0)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((2.41, 2.417), "2.41 ± 0.00"),
        ((2.0, 3.0), "2.50 ± 0.71"),
        ((0.012, 0.014), "0.013 ± 0.001"),
        ((2e9, 4e9), "3.00×10⁹ ± 1.41×10⁹"),
        ((2.5,), "2.50"),
    ],
)
def test_a_spread_has_the_decimals_of_its_mean(values: tuple[float, ...], said: str) -> None:
    assert table.Row("Oak", "model", np.array(values)[:, None]).text(0) == said


def test_runs_on_other_masks_windows_times_or_detectors_are_not_compared() -> None:
    one = made()
    found = Errors(one.facts, tuple(errors.evaluations_of(one)))
    (test,) = one.facts.sets
    later = (replace(test, first=test.first + 86400, last=test.last + 86400),)
    for facts in (replace(one.facts, null="0"), replace(one.facts, protocol="standard"), replace(one.facts, sets=later)):
        assert not table.comparable(found, Errors(facts, found.evaluations))
    other = made(days=14)
    assert not table.comparable(found, Errors(other.facts, tuple(errors.evaluations_of(other))))


def test_hours_of_days_that_were_not_measured_take_no_room() -> None:
    one = made(days=14)
    by_time = one.by_time.copy()
    by_time[..., 1, :] = 0
    both, weekdays = errors.draw_hours(one), errors.draw_hours(replace(one, by_time=by_time))
    assert {trace.xaxis for trace in traces(both)} == {"x", "x2"}
    assert {trace.xaxis for trace in traces(weekdays)} == {"x"}
    assert "Weekends" not in notes(weekdays)
    assert "Weekdays" in notes(weekdays)


def test_equal_lines_of_methods_are_all_seen() -> None:
    same = [errors.Line(name, np.ones(12)) for name in ("model", "historical_average", "ridge", "last_value")]
    drawn = traces(errors.error_by_horizon(same, errors.Scale("mae", "speed", "mph", "nan"), 300))
    assert [trace.line.dash for trace in drawn] == ["dashdot", "dash", "dot", "solid"], "the line with most gaps lies above the others"


def test_ticks_of_shares_that_lie_close_together_differ() -> None:
    axis = layout(errors.interval_coverage(made()))["yaxis"]
    assert axis["tickformat"] == ".2~%"


def test_a_map_says_the_unit_of_its_colours() -> None:
    bars = [trace.marker.colorbar.title.text for trace in traces(maps.draw_map(made())) if trace.marker.showscale]
    assert bars == ["MAE (km/h)"]


def test_few_test_days_say_that_they_give_no_interval() -> None:
    one = made(days=30)
    for days, said in ((6, "95 % interval"), (4, "no 95 % interval: 4 of 5 whole days")):
        by_day = np.zeros_like(one.by_day)
        by_day[..., :days] = one.by_day[..., :days]
        drawn = errors.draw_differences(replace(one, by_day=by_day))
        assert layout(drawn)["xaxis"]["title"]["text"].endswith(said)
        assert (traces(drawn)[0].error_x.array is not None) == (days == 6)


def test_the_best_epoch_is_marked() -> None:
    drawn = curves.draw_loss(made())
    assert [trace.name for trace in traces(drawn)] == ["Training", "Validation"]
    assert "best epoch 2" in notes(drawn)
    both = curves.loss_curves([1, 2], {"training": np.array([2.0, 1.0]), "validation": np.array([2.0, np.nan])})
    assert list(traces(both)[1].y) == [2.0, None]


def test_a_runs_own_table_names_the_model_first() -> None:
    (drawn,) = traces(compared.draw_table(made()))
    assert list(drawn.header["values"]) == ["", "Model", "Last value", "Historical average"]
    assert drawn.cells["values"][0][0] == "MAE 15 min (km/h), all measured"
    assert len(drawn.cells["values"][1]) == 12
    for row in range(12):
        assert sum("<b>" in texts[row] for texts in drawn.cells["values"][1:]) == 1
