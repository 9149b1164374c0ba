"""Metrics in files, and cited rows."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from tests.traffic.making import made
from traffic.baselines.naive import LastValue
from traffic.data.public import PUBLISHED
from traffic.metrics.evaluate import Evaluation, evaluate
from traffic.metrics.files import metrics_json, per_sensor_csv
from traffic.metrics.references import REFERENCES, references_for
from traffic.metrics.scores import scores
from traffic.windows.prepare import prepare
from traffic.windows.splits import split
from traffic.windows.windows import WindowSize


def measured(silent: int | None = None, horizon: int = 7) -> Evaluation:
    values = made(900, 3, missing=0.1).values.copy()
    if silent is not None:
        values[:, silent] = np.nan
    data = made(900, 3, values=values, sensor_ids=("a", "b,c", 'd"e'), targets=("speed",))
    prepared = prepare(data, split(data, WindowSize(6, horizon)))
    return evaluate(prepared, LastValue(prepared), "test")


def test_metrics_are_strict_json_with_null_where_nothing_was_measured() -> None:
    found = scores(measured())
    text = metrics_json(found | {"test/masked_mae@null=nan/h12": float("nan")})
    read = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert read.pop("test/masked_mae@null=nan/h12") is None
    assert read == found
    assert list(read) == sorted(read)


def test_each_detector_has_a_row_for_each_horizon_whatever_its_id() -> None:
    evaluation = measured(silent=1)
    rows = list(csv.DictReader(io.StringIO(per_sensor_csv(evaluation))))
    assert [(row["sensor_id"], row["horizon"]) for row in rows] == [
        (sensor, label) for sensor in ("a", "b,c", 'd"e') for label in ("h3", "h6", "avg")
    ]
    mae = evaluation.by_sensor.metric("mae")
    assert float(rows[0]["mae"]) == pytest.approx(mae[2, 0, 0], rel=1e-5)
    assert float(rows[2]["mae"]) == pytest.approx(mae[:, 0, 0].mean(), rel=1e-5)
    assert int(rows[2]["count"]) == evaluation.by_sensor.count[:, 0, 0].sum()
    assert {(row["count"], row["mae"], row["mape"]) for row in rows if row["sensor_id"] == "b,c"} == {("0", "", "")}


def test_cited_rows_stand_only_beside_results_of_their_protocol_and_mask() -> None:
    assert {row.data for row in REFERENCES} <= set(PUBLISHED)
    assert [row.method for row in references_for("metr_la", "standard", "0")] == ["FC-LSTM", "DCRNN", "Graph WaveNet", "D2STGNN", "STID"]
    assert references_for("metr_la", "strict", "0") == references_for("metr_la", "standard", "nan") == ()
    for row in REFERENCES:
        steps = [row.mae[step] for step in (3, 6, 12) if step in row.mae]
        assert steps == sorted(steps)
        assert None not in row.mae or not steps or min(steps) < row.mae[None] < max(steps)
