"""Masked metrics against counting one by one; groups; resampling."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest

from tests.traffic.making import made
from tests.traffic.metrics.slow_metrics import counted
from traffic.baselines.naive import LastValue
from traffic.data.gaps import Zeros
from traffic.metrics import evaluate as evaluating
from traffic.metrics.bootstrap import mean_of, no_interval, paired_difference
from traffic.metrics.evaluate import Evaluation, congestion_limits, evaluate
from traffic.metrics.scores import horizon_label, over_seeds, scores
from traffic.metrics.sums import ErrorSums
from traffic.windows.prepare import Prepared, prepare
from traffic.windows.splits import split
from traffic.windows.time_features import day_of_week
from traffic.windows.windows import WindowSize, target_rows


def ready(zeros: Zeros = "metrics", steps: int = 1500, features: tuple[str, ...] = ("speed",), **others: object) -> Prepared:
    data = made(steps, 3, features, missing=0.1)
    values = data.values.copy()
    values[np.random.default_rng(1).random(values.shape) < 0.1] = 0.0
    data = dataclasses.replace(data, values=values, targets=features, **others)  # type: ignore[arg-type]
    return prepare(data, split(data, WindowSize(6, 7)), zeros_as_missing=zeros)


@dataclass(frozen=True)
class Noisy:
    """The last value with an error that depends on the window."""

    prepared: Prepared
    size: float = 5.0
    name: str = "noisy"

    def forecast(self, ends: np.ndarray) -> np.ndarray:
        found = LastValue(self.prepared).forecast(ends)
        return found + np.float32(self.size) * np.sin(ends.astype(np.float32) * 1.7)[:, None, None, None]


@pytest.mark.parametrize("zeros", ["none", "metrics"])
def test_metrics_of_a_whole_set_agree_with_counting_one_by_one(zeros: Zeros) -> None:
    prepared = ready(zeros)
    ends = prepared.split.test
    rows = target_rows(ends, prepared.split.size)
    truth = prepared.targets[rows][..., 0]
    mask = prepared.target_mask[rows][..., 0]
    expected = counted(Noisy(prepared).forecast(ends)[..., 0], truth, mask)
    found = scores(evaluate(prepared, Noisy(prepared), "test"))
    null = "nan" if zeros == "none" else "0"
    for metric, values in expected.items():
        rule = "0" if metric == "mape" else null
        for label, value in {"h3": values[2], "h6": values[5], "avg": sum(values) / 7}.items():
            assert found[f"test/masked_{metric}@null={rule}/{label}"] == pytest.approx(value, rel=1e-9)
    assert len(found) == 9  # horizon 12 is farther than the model reaches


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = ready()
    whole = evaluate(prepared, Noisy(prepared), "val")
    monkeypatch.setattr(evaluating, "CHUNK", 7)
    parts = evaluate(prepared, Noisy(prepared), "val")
    for name in ("by_sensor", "by_hour", "by_weekend", "by_congestion", "by_day"):
        for one, other in zip(getattr(whole, name).parts, getattr(parts, name).parts, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


def test_what_is_masked_counts_nothing_whatever_stands_there() -> None:
    prepared = ready()
    other = dataclasses.replace(prepared, targets=np.where(prepared.target_mask, prepared.targets, np.float32(1e6)))
    assert scores(evaluate(prepared, Noisy(prepared), "test")) == scores(evaluate(other, Noisy(prepared), "test"))


def test_every_group_holds_each_error_once_and_where_it_belongs() -> None:
    prepared = ready(steps=288 * 12)
    found = evaluate(prepared, Noisy(prepared), "test")
    for name in ("by_hour", "by_weekend", "by_congestion", "by_day"):
        for part, total in zip(getattr(found, name).over(2).parts, found.total.parts, strict=True):
            np.testing.assert_allclose(part, total, rtol=1e-12)
    rows = target_rows(prepared.split.test, prepared.split.size)
    truth, mask = prepared.targets[rows][..., 0], prepared.target_mask[rows][..., 0]
    error = np.where(mask, np.abs(Noisy(prepared).forecast(prepared.split.test)[..., 0].astype(np.float64) - truth), 0)
    hours = prepared.timestamps[rows] % 86400 // 3600
    days = day_of_week(prepared.timestamps[rows])
    limits = congestion_limits(prepared)[:, 0]
    np.testing.assert_allclose(found.by_sensor.absolute[2, 0], error[:, 2].sum(0))
    assert found.by_hour.absolute[3, 0, 8] == pytest.approx(error[:, 3][hours[:, 3] == 8].sum())
    assert found.by_weekend.absolute[0, 0, 1] == pytest.approx(error[:, 0][days[:, 0] >= 5].sum())
    assert found.by_congestion.absolute[4, 0, 0] == pytest.approx(np.where(truth[:, 4] < limits, error[:, 4], 0).sum())
    assert 0 < found.by_congestion.count[4, 0, 0] < found.by_congestion.count[4, 0, 1]
    assert found.by_day.count.shape[2] == len(np.unique(prepared.timestamps[prepared.split.test] // 86400))


def test_congestion_is_below_sixty_percent_of_the_85th_percentile_of_training_rows() -> None:
    prepared = ready("none", features=("speed", "flow"))
    limits = congestion_limits(prepared)
    values = prepared.targets[:1050, 1, 0][prepared.target_mask[:1050, 1, 0]]
    assert limits[1, 0] == pytest.approx(0.6 * np.quantile(values.astype(np.float64), 0.85))
    assert np.isnan(limits[:, 1]).all()


def test_several_targets_have_metrics_of_their_own_beside_their_mean() -> None:
    prepared = ready("none", features=("speed", "flow"))
    found = scores(evaluate(prepared, Noisy(prepared), "test"))
    own = [found[f"test/{name}/masked_mae@null=nan/h3"] for name in ("speed", "flow")]
    assert found["test/masked_mae@null=nan/h3"] == pytest.approx(np.mean(own))
    assert own[0] != own[1]


def test_where_nothing_was_measured_there_is_no_metric() -> None:
    assert all(np.isnan(ErrorSums.zeros((2,)).metric(name)).all() for name in ("mae", "rmse", "mape"))


def test_a_better_forecast_is_told_from_an_equal_one() -> None:
    prepared = ready(steps=288 * 30)
    near, far = (evaluate(prepared, Noisy(prepared, size), "test") for size in (1.0, 15.0))
    found = paired_difference(near, far)
    assert found.low <= found.value <= found.high < 0
    gap = scores(near)["test/masked_mae@null=0/avg"] - scores(far)["test/masked_mae@null=0/avg"]
    assert found.value == pytest.approx(gap)
    assert paired_difference(near, far) == found
    same = paired_difference(near, near)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_few_whole_days_give_a_difference_without_an_interval() -> None:
    prepared = ready(steps=288 * 30)
    near, far = (evaluate(prepared, Noisy(prepared, size), "test") for size in (1.0, 15.0))
    days = near.by_day.count.shape[-1]

    def kept(evaluation: Evaluation, most: int) -> Evaluation:
        parts = [np.where(np.arange(days) < most, part, 0) for part in evaluation.by_day.parts]
        return dataclasses.replace(evaluation, by_day=ErrorSums(*parts))

    for most, told in ((6, True), (5, True), (4, False), (1, False)):
        found = paired_difference(kept(near, most), kept(far, most))
        assert (found.told, found.days) == (told, most)
        assert found.value < 0
    assert "from 1 whole test day:" in no_interval(1)


def test_runs_of_several_seeds_are_compared_by_their_mean() -> None:
    prepared = ready(steps=288 * 30)
    runs = [evaluate(prepared, Noisy(prepared, size), "test") for size in (1.0, 5.0, 15.0)]
    base = evaluate(prepared, Noisy(prepared, 3.0), "test")
    apart = [paired_difference(each, base).value for each in runs]
    assert paired_difference(mean_of(runs), base).value == pytest.approx(np.mean(apart))


def test_the_interval_of_days_is_as_wide_as_theory_says() -> None:
    # 400 days with one error each: the interval of a mean is about 1.96 sd / sqrt(400) to both sides
    generator = np.random.default_rng(3)
    each = generator.normal(2.0, 1.0, 400)

    def measured(absolute: np.ndarray) -> Evaluation:
        one = np.ones((1, 1, 400))
        sums = ErrorSums(absolute.reshape(1, 1, -1), one, one, one, one)
        return Evaluation("a", "test", "0", ("speed",), ("s",), sums, sums, sums, sums)

    found = paired_difference(measured(each + 5), measured(np.full(400, 5.0)))
    half = 1.96 * each.std() / 20
    assert found.value == pytest.approx(each.mean())
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.1)


def test_other_windows_are_never_compared() -> None:
    prepared, other = ready(), ready("none")
    with pytest.raises(ValueError, match="other windows or masks"):
        paired_difference(evaluate(prepared, Noisy(prepared), "test"), evaluate(other, Noisy(other), "test"))


def test_horizons_and_seeds_read_as_people_say_them() -> None:
    assert horizon_label(3, 300) == "h3 (15 min)"
    assert over_seeds([2.0]) == (2.0, None)
    mean, deviation = over_seeds([1.0, 2.0, 6.0])
    assert (mean, deviation) == (3.0, pytest.approx(np.std([1, 2, 6], ddof=1)))
