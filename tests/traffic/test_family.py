"""Forecasting models through the workbench: what is made of settings and data, what stays fixed, what is refused with which code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from traffic.config_data import DataUse, Window
from traffic.facts import TrafficFacts
from traffic.family import FAMILY
from traffic.holding import ModelPayload
from traffic.using import prepared
from workbench.commands.base import CommandError
from workbench.services.layered import config_of
from workbench.settings import Settings
from workbench.values import validate
from workbench.workbench import Workbench

ME = "tester"
STEPS = 400
SAMPLE = {"share_weights_across_vds": True, "window": {"sequence_length": 12, "prediction_length": 3}}


@pytest.fixture
def bench(home: Path, tmp_path: Path) -> Iterator[Workbench]:
    """With the dataset `road`: four detectors, one of them without a place."""
    opened = Workbench.open(Settings.load(home=home, check_state=True))
    times = [f"2024-01-0{1 + step // 288}T{step % 288 // 12:02d}:{step % 12 * 5:02d}" for step in range(STEPS)]
    values = np.random.default_rng(0).normal(60, 5, (STEPS, 4)).round(2)
    rows = "\n".join(",".join([time, *map(str, row)]) for time, row in zip(times, values, strict=True))
    (tmp_path / "road.csv").write_text(f"timestamp,a,b,c,d\n{rows}\n")
    (tmp_path / "sensors.csv").write_text("sensor_id,latitude,longitude\na,34.0,-118.0\nb,34.001,-118.0\nc,34.002,-118.0\n")
    opened.datasets.import_data(actor=ME, path=tmp_path / "road.csv", name="road", family="traffic")
    yield opened
    opened.close()


@pytest.fixture
def client(bench: Workbench) -> Any:
    from dashboard.server import create_server

    return TestClient(create_server(bench.settings, bench), base_url="http://127.0.0.1:8050")


def create(bench: Workbench, *, sample: dict[str, Any] | None = None, values: dict[str, Any] | None = None, kind: str = "lstm") -> Any:
    return bench.models.create(
        actor=ME, family="traffic", model_type=kind, dataset_id="road", preset=f"{kind}_small", values=values or {}, sample={**SAMPLE, **(sample or {})},
    )  # fmt: skip


@pytest.mark.parametrize("preset", [preset.name for model in FAMILY.models for preset in model.presets if "social" not in preset.name])
@pytest.mark.parametrize("sample", [{}, {"multi_vd_mode": True}])
def test_data_of_one_detector_needs_no_setting(preset: str, sample: dict[str, Any], bench: Workbench, tmp_path: Path) -> None:
    rows = (tmp_path / "road.csv").read_text().splitlines()
    (tmp_path / "single.csv").write_text("".join(f"{','.join(row.split(',')[:2])}\n" for row in rows))
    bench.datasets.import_data(actor=ME, path=tmp_path / "single.csv", name="single", family="traffic")
    model = bench.models.create(
        actor=ME, family="traffic", model_type=preset.split("_")[0], dataset_id="single", preset=preset, values={}, sample=sample
    )
    assert model.config["architecture"]["num_sensors"] == 1


@pytest.mark.parametrize(("quantiles", "said"), [((0.05, 0.5, 0.95), False), ((0.0005, 0.5, 0.9995), True), ((), False)])
def test_intervals_that_cannot_be_calibrated_are_told_before_training(quantiles: tuple[float, ...], said: bool) -> None:
    use = DataUse(share_weights_across_vds=True, window=Window(sequence_length=12, prediction_length=3))
    facts = TrafficFacts(steps=STEPS, n_sensors=4, features=("speed",), units=("km/h",), use=use)
    checked = validate(FAMILY.models[0], {"quantiles": list(quantiles)}, facts)
    assert checked.problems == ()
    assert [problem.message for problem in checked.warnings if problem.path == "quantiles"] == (
        ["intervals will not be calibrated: 999 measured values are needed in the validation windows, and there are 104 at most"]
        if said
        else []
    )


@pytest.mark.parametrize("kind", [model.name for model in FAMILY.models])
def test_a_models_sizes_follow_from_its_data(kind: str, bench: Workbench) -> None:
    model = create(bench, kind=kind)
    architecture = model.config["architecture"]
    assert {key: architecture[key] for key in ("input_size", "output_size", "exog_size", "num_sensors", "shared_weights", "sequence_length")} == {
        "input_size": 1, "output_size": 1, "exog_size": 5, "num_sensors": 4, "shared_weights": True, "sequence_length": 12,
    }  # fmt: skip
    wide = create(bench, kind=kind, sample={"share_weights_across_vds": False})
    assert (wide.config["architecture"]["input_size"], wide.config["architecture"]["exog_size"]) == (4, 8)
    assert wide.fingerprint != model.fingerprint


def test_a_model_keeps_how_it_uses_its_data_and_counts_its_windows(bench: Workbench) -> None:
    model = create(bench, sample={"num_vds": 3, "train_stride": 2})
    held = ModelPayload.model_validate(model.payload)
    use = held.data_use
    assert isinstance(use, DataUse)
    ready = prepared(bench.datasets.load("road").data, use, 12, 3)
    assert (held.n_train, held.n_val, held.n_test) == ready.split.counts
    assert (held.sensors, held.all_sensors, held.targets) == (3, 4, ("speed",))
    assert FAMILY.models[0].holds.brief(held, 0) == f"3 detectors of 4, {held.n_train:,} training windows, {held.n_test:,} held out"
    config = config_of(bench, model)
    assert config["data.num_vds"] == 3
    assert config["data.train_stride"] == 2
    assert config["data.window.sequence_length"] == 12


def test_rates_and_precision_stay_tunable_and_the_rest_does_not(bench: Workbench) -> None:
    model = create(bench)
    edited = bench.models.update_config(
        actor=ME, model_id=model.id, values={"dropout": 0.4, "optimizer.learning_rate": 0.01, "early_stopping": None}
    )
    assert edited.record.config["architecture"]["dropout"] == 0.4
    assert edited.record.fingerprint == model.fingerprint
    for name, value in (("hidden_size", 64), ("input_size", 2), ("social_pooling.knn_k", 3), ("quantiles", [0.1, 0.5, 0.9])):
        with pytest.raises(CommandError, match=name):
            bench.models.update_config(actor=ME, model_id=model.id, values={name: value})
    clone = bench.models.clone(actor=ME, model_id=model.id, values={"hidden_size": 64})
    assert clone.config["architecture"]["hidden_size"] == 64
    assert clone.payload == model.payload
    assert clone.config["architecture"]["dropout"] == 0.4


@pytest.mark.parametrize(
    ("sample", "values", "code", "path"),
    [
        ({"num_vds": 5}, {}, "DATA_NUM_VDS", "sample.num_vds"),
        ({"vd_ids": ["a", "e"]}, {}, "DATA_IDS", "sample.vd_ids"),
        ({"vd_ids": ["a", "a"]}, {}, "DATA_IDS", "sample.vd_ids"),
        ({"num_vds": 1}, {}, "CFG_CROSS_FIELD", "sample.multi_vd_mode"),
        ({"features": ["flow"]}, {}, "DATA_FEATURE", "sample.features"),
        ({"split": [0.5, 0.2, 0.2]}, {}, "DATA_SPLIT", "sample.split"),
        ({"convert_units": "km/h", "features": ["speed"]}, {}, None, ""),
        ({"window": {"sequence_length": 200, "prediction_length": 3}}, {}, "DATA_TOO_SHORT", "sequence_length"),
        ({}, {"input_size": 3}, "CFG_DERIVED_CONFLICT", "input_size"),
        ({}, {"social_pooling.enabled": True}, "DATA_COORDS", "social_pooling.enabled"),
        ({"vd_ids": ["c", "b"]}, {"social_pooling.enabled": True}, None, ""),
        ({"multi_vd_mode": False}, {}, "CFG_CROSS_FIELD", "sample.multi_vd_mode"),
        ({"vd_ids": ["a", "b", "c"]}, {"loss": "pinball"}, "CFG_CROSS_FIELD", "loss"),
    ],
)  # fmt: skip
def test_rest_refuses_with_code_and_field(sample: dict[str, Any], values: dict[str, Any], code: str | None, path: str, client: Any) -> None:
    body = {
        "family": "traffic",
        "model_type": "lstm",
        "dataset_id": "road",
        "preset": "lstm_small",
        "config": values,
        "sample": {**SAMPLE, **sample},
    }
    answer = client.post("/api/models", json=body)
    if code is None:
        assert answer.status_code == 201, answer.text
        return
    assert answer.status_code == 422, answer.text
    told = {field["path"]: field["code"] for field in answer.json()["error"]["fields"]}
    assert told.get(path) == code, told
    assert (
        client.get("/api/models").json()["total"] == 0
        if isinstance(client.get("/api/models").json(), dict)
        else client.get("/api/models").json() == []
    )


def test_every_field_has_its_help() -> None:
    for model in FAMILY.models:
        for spec in model.fields.specs.values():
            assert spec.meta.help, spec.name
            assert spec.meta.help[0].isupper(), spec.name
