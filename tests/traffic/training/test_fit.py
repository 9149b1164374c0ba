"""When a run ends, which weights are its best, and how plateaus cut the rate."""

from __future__ import annotations

import math

import jax
import numpy as np
import pytest

from tests.traffic.training.standin import engine_of, prepared_of, settings, wavy
from traffic.training.fit import Fit
from traffic.training.record import RunRecord, monitored


@pytest.fixture(scope="module")
def prepared():
    return prepared_of(wavy())


def test_early_stopping_ends_after_so_many_epochs_without_improvement(prepared) -> None:
    training = settings(epochs=50, optimizer={"learning_rate": 0.3}, early_stopping={"patience": 2}, schedule={"name": "constant"})
    fit = Fit(*engine_of(prepared, training), RunRecord())
    reports = list(fit.epochs())
    values = [report.metrics["validation/masked_mae"] or np.inf for report in reports]
    best = int(np.argmin(values))
    assert len(reports) < 50, "a rate so high must stop improving"
    assert fit.record.best_epoch == best + 1
    assert len(reports) == best + 3
    assert [report.last for report in reports] == [False] * (len(reports) - 1) + [True]
    assert "no improvement since epoch" in reports[-1].words[-1]
    assert fit.outcome == "completed"


def test_the_best_weights_are_those_of_the_best_epoch(prepared) -> None:
    training = settings(epochs=6, optimizer={"learning_rate": 0.3}, early_stopping=None, schedule={"name": "constant"})
    engine, state = engine_of(prepared, training)
    fit = Fit(engine, state, RunRecord())
    reports = list(fit.epochs())
    assert len(reports) == 6
    assert fit.best is not None
    found = engine.validate(fit.best.parameters)["masked_mae"]
    assert found == min(report.metrics["validation/masked_mae"] or np.inf for report in reports)
    assert int(fit.best.epoch) == fit.record.best_epoch


def test_no_early_stopping_trains_all_epochs_and_the_time_limit_ends_before(prepared) -> None:
    fit = Fit(*engine_of(prepared, settings(epochs=4, early_stopping=None, max_minutes=1e-6)), RunRecord())
    reports = list(fit.epochs())
    assert len(reports) == 1
    assert "minutes" in reports[0].words[-1]
    assert fit.outcome == "completed"


def test_a_plateau_cuts_the_rate_after_more_than_patience_epochs_and_counts_afresh() -> None:
    schedule = settings(schedule={"name": "plateau", "patience": 2, "factor": 0.5}).schedule
    record = RunRecord()
    cut = [record.cool(schedule, improved) for improved in (True, False, False, False, False, False, False, True)]
    assert cut == [False, False, False, True, False, False, True, False]
    assert record.shrunk == 0.25
    assert record.stalled == 0


def test_the_rate_of_an_epoch_is_what_plateaus_left(prepared) -> None:
    training = settings(
        epochs=8, optimizer={"learning_rate": 0.3}, schedule={"name": "plateau", "patience": 1, "factor": 0.1}, early_stopping=None
    )
    fit = Fit(*engine_of(prepared, training), RunRecord())
    reports = list(fit.epochs())
    cuts = [place for place, report in enumerate(reports) if any("cut" in words for words in report.words)]
    assert cuts, "a rate so high must reach a plateau"
    rates = [report.metrics["train/learning_rate"] for report in reports]
    for place, rate in enumerate(rates):
        assert rate == pytest.approx(0.3 * 0.1 ** sum(cut < place for cut in cuts), rel=1e-5)


def test_both_seeds_of_a_run_are_applied_and_equal_seeds_give_equal_runs(prepared) -> None:
    losses = {}
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        fit = Fit(*engine_of(prepared, settings(seed=seed)), RunRecord())
        losses[name] = [report.metrics["train/loss"] for report in fit.epochs()]
    assert losses["first"] == losses["again"]
    assert losses["first"] != losses["other"]


def test_the_seed_decides_order_and_dropout_besides_the_first_weights(prepared) -> None:
    losses = {}
    for seed in (1, 2):
        fit = Fit(*engine_of(prepared, settings(seed=seed), seed=9), RunRecord())
        losses[seed] = [report.metrics["train/loss"] for report in fit.epochs()]
    assert losses[1] != losses[2]


def test_a_stop_is_answered_within_a_segment_and_keeps_where_the_epoch_stands(prepared, monkeypatch) -> None:
    monkeypatch.setattr("traffic.training.engine.SEGMENT_SECONDS", 1e-9)
    asked = iter([False, False, True])
    engine, state = engine_of(prepared, settings(epochs=4))
    told: list[tuple[int, float]] = []
    fit = Fit(engine, state, RunRecord(), should_stop=lambda: next(asked), on_progress=lambda epoch, share: told.append((epoch, share)))
    assert list(fit.epochs()) == []
    assert fit.outcome == "stopped"
    assert int(fit.state.position) == 3
    assert told == [(1, pytest.approx(step / engine.recipe.steps)) for step in (1, 2, 3)]


@pytest.mark.parametrize("optimizer", [{"name": "adam"}, {"name": "adamw", "weight_decay": 0.01}, {"name": "sgd"}])
@pytest.mark.parametrize("schedule", ["plateau", "constant", "cosine", "step"])
def test_segments_of_any_length_give_the_same_bits(prepared, monkeypatch, optimizer, schedule) -> None:
    ends = []
    for seconds in (1e-9, 1e9):
        monkeypatch.setattr("traffic.training.engine.SEGMENT_SECONDS", seconds)
        engine, state = engine_of(prepared, settings(epochs=2, optimizer=optimizer, schedule={"name": schedule, "warmup_steps": 3}))
        engine._step_seconds = {"train": 1.0, "validation": 1.0}
        fit = Fit(engine, state, RunRecord())
        assert len(list(fit.epochs())) == 2
        ends.append(fit.state)
    for mine, theirs in zip(*map(jax.tree.leaves, ends), strict=True):
        assert np.array_equal(mine, theirs)


@pytest.mark.parametrize(
    ("monitor", "expected"),
    [("val/masked_mae/avg", "masked_mae"), ("val/masked_rmse/avg", "masked_rmse"), ("val/loss", "loss")],
)
def test_what_is_monitored_is_a_metric_of_an_epoch(prepared, monitor: str, expected: str) -> None:
    assert monitored(settings(early_stopping={"monitor": monitor})) == expected
    engine, state = engine_of(prepared, settings())
    assert math.isfinite(engine.validate(state.parameters)[expected])


def test_without_early_stopping_the_mean_absolute_error_decides() -> None:
    assert monitored(settings(early_stopping=None)) == "masked_mae"


def test_a_value_that_is_not_finite_is_no_improvement() -> None:
    record = RunRecord()
    assert not record.judge(1, math.nan, 0.0)
    assert record.judge(2, 3.0, 0.0)
    assert not record.judge(3, 2.95, 0.1)
    assert record.judge(4, 2.5, 0.1)
    assert (record.best_epoch, record.since_best) == (4, 0)
