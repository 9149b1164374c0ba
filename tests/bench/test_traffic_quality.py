"""The benchmark of forecasting models trains what files say, and reads its figures off the run."""

from __future__ import annotations

import pytest

from bench import traffic_quality
from bench.harness import Section
from bench.traffic_quality import Outcome


def outcome(model: float, simple: float) -> Outcome:
    horizons = traffic_quality.MINUTES
    errors = {"ridge": dict.fromkeys(horizons, simple), "last_value": dict.fromkeys(horizons, simple + 1)}
    return Outcome(dict.fromkeys(horizons, model), errors, validation=model, epochs=3, minutes=1.0)


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


def test_seeds_are_averaged_and_bounds_follow_from_the_simple_forecasts(monkeypatch):
    files: list[tuple[str, int]] = []

    def trained(names: list[str], seed: int, *, overrides: list[str]) -> Outcome:
        files.append((names[0], seed))
        return outcome(3.0 if seed == 42 else 3.2, 4.0)

    monkeypatch.setattr(traffic_quality, "trained", trained)
    monkeypatch.setenv("TRELLIS_BENCH_SEEDS", "2")
    page = Section("traffic", "", "")
    traffic_quality.on_corridor(1, page)
    assert [seed for _, seed in files] == [42, 43] * 3
    lstm = page.rows[0]
    assert lstm.value == pytest.approx(3.1)
    assert (lstm.reference, lstm.reference_name) == (4.0, "ridge")
    assert lstm.must is not None
    assert lstm.must.limit == pytest.approx(3.68)
    assert [row.passed for row in page.rows] == [True] * 9


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
