"""A forecasting model's data as its page asks for it, and the figures of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash import html

from dashboard.context import AppContext
from dashboard.families.traffic.data_tab import layout
from dashboard.pages.model import render
from tests.rcmvae.figures.reading import layout as laid
from tests.rcmvae.figures.reading import notes, traces
from tests.support.trees import text_of, with_id
from traffic.data.contract import Source, TrafficData
from traffic.data.health import health_of
from traffic.figures import data as figures
from traffic.model_data import extremes, overview, series
from workbench.commands.base import CommandError
from workbench.settings import Settings
from workbench.workbench import Workbench

BAD, GOOD = "west", "east"


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    opened = Workbench.open(Settings.load(home=home))
    yield opened
    opened.close()


@pytest.fixture
def model(bench: Workbench, tmp_path: Path) -> Any:
    """A model of one target on an imported file of two days; one detector hangs for half a day, and misses some values."""
    rows = ["timestamp,west,east"]
    for step in range(600):
        stamp = f"2024-01-0{1 + step // 288}T{step % 288 // 12:02d}:{step % 12 * 5:02d}"
        west = "" if step < 60 else "40" if step < 204 else str(50 + step % 7)
        rows.append(f"{stamp},{west},{60 - step % 5}")
    path = tmp_path / "roads.csv"
    path.write_text("\n".join(rows) + "\n")
    dataset = bench.datasets.import_data(
        actor="me", path=path, name="Roads", family="traffic", options={"feature": "speed", "unit": "km/h"}
    )
    sample = {"multi_vd_mode": True, "neighbours": "none", "window.sequence_length": 12, "window.prediction_length": 6}
    return bench.models.create(
        actor="me", family="traffic", model_type="lstm", dataset_id=dataset.record.id, values={}, sample=sample, preset="lstm_small"
    )


def test_an_overview_tells_detectors_units_sets_and_what_is_wrong(bench: Workbench, model: Any) -> None:
    found = overview(bench, model.id)
    assert (found.sensor_ids, found.features, found.units, found.targets) == (("west", "east"), ("speed",), ("km/h",), ("speed",))
    assert [span.name for span in found.spans] == ["train", "val", "test"]
    assert [span.windows for span in found.spans] == [model.payload["n_train"], model.payload["n_val"], model.payload["n_test"]]
    assert all(span.first < span.last for span in found.spans)
    assert found.health.missing.tolist() == [0.1, 0.0]
    assert [(trouble.title.split(":")[0], trouble.sensors) for trouble in found.health.troubles] == [("Stuck", (BAD,))]


def test_a_series_is_as_it_came_and_what_is_not_there_is_refused(bench: Workbench, model: Any) -> None:
    told = series(bench, model.id, BAD, "speed")
    assert (told.unit, told.thinned, len(told.values)) == ("km/h", False, 600)
    assert np.isnan(told.values[:60]).all()
    assert told.values[60:62].tolist() == [40, 40]
    for sensor, feature in (("north", "speed"), (BAD, "flow")):
        with pytest.raises(CommandError, match="This model sees no"):
            series(bench, model.id, sensor, feature)


def test_a_long_series_keeps_its_extremes_and_its_holes() -> None:
    values = np.zeros(10_000, np.float32)
    values[4321], values[777], values[5000:5100] = 9.0, -3.0, np.nan
    rows = extremes(values, 300)
    assert len(rows) <= 300
    assert (np.diff(rows) > 0).all()
    assert {4321, 777} <= set(rows.tolist())
    assert np.isnan(values[rows]).any()
    assert extremes(values[:100], 300).tolist() == list(range(100))


def test_figures_show_what_is_missing_and_the_sets_of_a_series_in_both_themes(bench: Workbench, model: Any) -> None:
    found, told = overview(bench, model.id), series(bench, model.id, BAD, "speed")
    for dark in (False, True):
        bars = traces(figures.missing_by_detector(found, dark=dark))[0]
        assert list(bars.x) == [BAD, GOOD]
        assert list(bars.y) == [0.1, 0.0]
        heat = traces(figures.missing_over_time(found, dark=dark))[0]
        assert np.asarray(heat.z).shape == (2, 120)
        drawn = figures.series_of(found, told, dark=dark)
        assert [shape["type"] for shape in laid(drawn)["shapes"]] == ["rect"] * 3
        assert all(title in notes(drawn) for title in ("Training", "Validation", "Test"))
        assert laid(drawn)["yaxis"]["title"]["text"] == "speed (km/h)"
    assert "does not say where" in notes(figures.map_of_missing(found))


def test_the_tab_names_detectors_in_trouble_with_what_to_do(bench: Workbench, model: Any) -> None:
    record = next(record for record in bench.state().datasets.values() if record.name == "Roads")
    found, look = overview(bench, model.id), bench.datasets.statistics(record.id)
    said = text_of(layout.problems(found, look))
    assert "Stuck: one value for 6 hours or longer (1 detector)" in said
    assert BAD in said
    told = text_of(layout.facts(found, look, record))
    assert "This model sees 2 detectors of  Roads : speed in km/h; it forecasts speed." in told
    assert "Last target" in told


def test_forecasting_models_have_a_data_tab(bench: Workbench, model: Any) -> None:
    page = render(AppContext(lambda: bench, bench.settings), model.id, "data")
    assert with_id(page, layout.OF).data == model.id
    assert "What a detector measured" in text_of(page)


def test_zeros_count_as_missing_where_they_do_for_the_model(bench: Workbench, model: Any) -> None:
    found = overview(bench, model.id)
    values = np.array([[[50.0], [0.0]], [[52.0], [60.0]]] * 300, np.float32)
    data = TrafficData(values, 300 * np.arange(600, dtype=np.int64), ("a", "b"), None, ("speed",), ("km/h",), Source("made"), 300)
    assert health_of(data).missing.tolist() == [0, 0]
    assert [trouble.sensors for trouble in health_of(data).troubles] == [("b",)]
    counted = health_of(data, zeros_missing=True)
    assert counted.missing.tolist() == [0, 0.5]
    assert "Mostly missing" in counted.troubles[0].title
    assert len(counted.troubles) == 1
    zeros = replace(found, health=counted, zeros_missing=True)
    assert "Zeros count as missing here" in text_of(html.Div(layout.where(zeros, None, dark=False)))
    whole = replace(found, health=replace(found.health, missing=np.zeros(2)))
    said = layout.where(whole, None, dark=False)
    assert len(said) == 1
    assert "No value is missing" in text_of(html.Div(said))
