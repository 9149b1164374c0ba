"""The benchmark of forecasting models trains what files say, and reads its figures off the run."""

from __future__ import annotations

import pytest

from bench import traffic_quality
from bench.harness import Section
from bench.traffic_quality import Outcome


def outcome(model: float, simple: float) -> Outcome:
    horizons = traffic_quality.MINUTES
    errors = {"ridge": dict.fromkeys(horizons, simple), "last_value": dict.fromkeys(horizons, simple + 1)}
    return Outcome(dict.fromkeys(horizons, model), errors, validation=model, epochs=3, minutes=1.0, intervals={})


def test_an_unknown_part_is_refused_with_the_known_ones(capsys):
    assert traffic_quality.main(["nothing"]) == 2
    message = capsys.readouterr().err
    assert all(name in message for name in ("nothing", *traffic_quality.PARTS))


def test_a_run_of_shipped_files_gives_errors_of_the_model_and_of_simple_forecasts():
    found = traffic_quality.trained(
        ["models/lstm_small.yaml", "data/corridor.yaml", "training/fast_dev.yaml"], 7, overrides=["data.days=3", "data.num_vds=4"]
    )
    assert set(found.simple) == {"last_value", "historical_average", "ridge"}
    assert found.epochs == 2
    assert all(set(errors) == {3, 6, 12} and min(errors.values()) > 0 for errors in (found.model, *found.simple.values()))
    assert len({found.model[3], found.simple["ridge"][3], found.simple["last_value"][3]}) == 3


def test_what_was_trained_is_kept_by_its_files_and_is_not_trained_again(tmp_path, monkeypatch):
    trained: list[int] = []

    def train(config):
        trained.append(config["training.seed"])
        return outcome(3.0, 4.0)

    monkeypatch.setattr(traffic_quality, "_trained", train)
    monkeypatch.setenv("TRELLIS_BENCH_KEEP", str(tmp_path))
    files = ["models/lstm_small.yaml", "data/corridor.yaml", "training/fast_dev.yaml"]
    found = [traffic_quality.trained(files, seed, overrides=["data.days=3"]) for seed in (7, 8, 7)]
    assert trained == [7, 8]
    assert found[0] == found[2] == outcome(3.0, 4.0)
    traffic_quality.trained(files, 7, overrides=["data.days=4"])
    assert trained == [7, 8, 7]


def test_what_neighbours_gain_is_of_the_same_seeds():
    page = Section("traffic", "", "")
    traffic_quality.margin(page, "LSTM", [outcome(4.0, 5.0), outcome(5.0, 5.0)], [outcome(3.8, 5.0), outcome(5.5, 5.0)])
    (row,) = page.rows
    assert row.value == pytest.approx((5 - 10) / 2)
    assert not row.passed
    assert row.spread == "-10.0 to 5.0"


def test_intervals_are_judged_by_how_far_they_are_from_what_they_promise():
    found = {"nominal": 0.9, "coverage": 0.885, "coverage_before": 0.8, "width": 12.0, "width_before": 9.0}
    far, width = traffic_quality.interval_rows("the corridor", found)
    assert far.value == pytest.approx(1.5)
    assert far.passed
    assert "88.5 % inside; 80.0 % before" in far.note
    assert (width.value, width.note) == (12.0, "9.00 before calibration")
    far, _ = traffic_quality.interval_rows("the corridor", {**found, "coverage": 0.93})
    assert not far.passed


def test_seeds_are_averaged_and_bounds_follow_from_the_simple_forecasts(monkeypatch):
    files: list[tuple[str, int]] = []

    def trained(names: list[str], seed: int, *, overrides: list[str]) -> Outcome:
        files.append((names[0], seed))
        return outcome(3.0 if seed == 42 else 3.2, 4.0)

    monkeypatch.setattr(traffic_quality, "trained", trained)
    monkeypatch.setenv("TRELLIS_BENCH_SEEDS", "2")
    page = Section("traffic", "", "")
    traffic_quality.on_corridor(1, page)
    assert [seed for _, seed in files] == [42, 43] * 4
    lstm = page.rows[0]
    assert lstm.value == pytest.approx(3.1)
    assert (lstm.reference, lstm.reference_name) == (4.0, "ridge")
    assert lstm.must is not None
    assert lstm.must.limit == pytest.approx(3.68)
    assert [row.passed for row in page.rows] == [True] * 13


def test_the_best_configuration_is_chosen_on_validation_windows(monkeypatch):
    errors = {name: 3.0 + place for place, name in enumerate(traffic_quality.METR_LA.values())}
    monkeypatch.setattr(traffic_quality, "trained", lambda names, seed, *, overrides: outcome(errors[names[0]], 3.5))
    monkeypatch.setenv("TRELLIS_BENCH_SEEDS", "1")
    page = Section("traffic", "", "")
    traffic_quality.metr_la_60(page)
    best = [row for row in page.rows if row.name.startswith("best")]
    assert [row.value for row in best] == [3.0] * 3
    assert all(row.note.startswith("LSTM has") for row in best)
    assert [row.passed for row in best] == [False, True, True]
