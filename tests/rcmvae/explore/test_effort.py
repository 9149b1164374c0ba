"""The progress of the labelling, against planted moments and planted learning curves."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.explore.effort import Moment, Setters, Trained, estimate, lacking, over_time, pace


def planted(labels: tuple[int, ...], a: float = 0.95, b: float = 1.6, c: float = 0.6, noise: float = 0.0, seed: int = 0) -> list[Trained]:
    """Runs on a - b n^-c."""
    generator = np.random.default_rng(seed)
    return [Trained(k, n, float(a - b * n**-c + noise * generator.standard_normal())) for k, n in enumerate(labels)]


def test_labels_over_time_end_at_what_there_is_now() -> None:
    moments = [Moment(0, "a", 3), Moment(10, "a", 2, cleared=1), Moment(20, "b", 0, changed=4)]
    assert over_time(moments, now=24) == [(0, 23), (10, 24), (20, 24)]
    assert over_time([], now=5) == []


def test_many_moments_are_thinned_and_keep_first_and_last() -> None:
    moments = [Moment(float(t), "a", 1) for t in range(5000)]
    found = over_time(moments, now=5000)
    assert len(found) <= 400
    assert (found[0], found[-1]) == ((0.0, 1), (4999.0, 5000))


def test_a_steady_pace_is_told_whatever_pauses_lie_between() -> None:
    first = [Moment(6.0 * k, "me", 1) for k in range(50)]
    later = [Moment(3000 + 6.0 * k, "me", 1) for k in range(50)]
    found = pace([*first, *later], "me")
    assert found.labels == 100
    assert found.seconds == pytest.approx(2 * 49 * 6)
    assert found.per_hour == pytest.approx(600)


def test_the_pace_is_of_this_session_this_person_and_this_hand() -> None:
    yesterday = [Moment(1.0 * k, "me", 1) for k in range(50)]
    today = [Moment(90_000 + 12.0 * k, "me", 1) for k in range(30)]
    others = [Moment(90_000 + 1.0 * k, "you", 5) for k in range(30)]
    file = [Moment(90_100, "me", 10_000, by_hand=False)]
    found = pace(sorted([*yesterday, *today, *others, *file], key=lambda m: m.at), "me")
    assert found.labels == 30
    assert found.per_hour == pytest.approx(300)


def test_many_at_once_count_as_many_and_too_little_says_nothing() -> None:
    assert pace([Moment(0, "me", 1), Moment(60, "me", 20)], "me").per_hour == pytest.approx(1200)
    assert pace([Moment(0, "me", 1), Moment(2, "me", 1)], "me").per_hour is None
    assert pace([], "me").labels == 0


def test_labels_that_stand_are_counted_by_who_set_them_most_first() -> None:
    of = Setters()
    of.follow(0, 1, "")  # what the model began with
    for row, label, who in ((1, 1, "a"), (2, 1, "b"), (3, 1, "b"), (4, 2, "b"), (1, 2, "b")):
        of.follow(row, label, who)
    assert of.people() == {"b": 4}
    of.follow(1, 1, "")  # undone: it is a's again
    assert of.people() == {"b": 3, "a": 1}
    of.follow(2, None, "")
    of.follow(4, 1, "")  # its class was merged into another
    of.follow(3, None, "c")
    assert of.people() == {"a": 1, "b": 1}
    of.follow(0, 2, "a")
    assert of.people() == {"a": 2, "b": 1}
    of.follow(0, 1, "")  # undone: it is nobody's again
    assert of.people() == {"a": 1, "b": 1}


def test_classes_that_lack_labels_are_those_far_below_an_equal_share() -> None:
    assert lacking(("a", "b", "c", "d"), {0: 40, 1: 30, 2: 4}) == (("d", 0), ("c", 4))
    assert lacking(("a", "b"), {}) == (("a", 0), ("b", 0))
    assert lacking((), {}) == ()


def test_fewer_than_three_numbers_of_labels_say_nothing() -> None:
    assert "Not enough runs" in estimate([], 20, 360).words
    twice = [*planted((20, 40)), *planted((20, 40))]
    found = estimate(twice, 40, 360)
    assert found.middle is None
    assert "(2 of 3)" in found.words


@pytest.mark.parametrize("labels", [(20, 40, 80), (20, 40, 60, 80, 120), (20, 40, 80, 160, 320, 640)])
def test_a_planted_curve_lies_within_what_is_said(labels: tuple[int, ...]) -> None:
    now = labels[-1]
    found = estimate(planted(labels), now, 5000)
    truth = 0.95 - 1.6 * (now + 50) ** -0.6
    assert found.middle is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low - 0.005 <= truth <= found.high + 0.005
    assert found.middle == pytest.approx(truth, abs=0.02)
    assert found.labels == now + 50
    assert found.low <= found.middle <= found.high <= 1


def test_the_interval_holds_the_truth_about_as_often_as_it_says_under_noise() -> None:
    labels, inside = (20, 40, 80, 160), 0
    truth = 0.95 - 1.6 * 210**-0.6
    for seed in range(60):
        # the noise of 1,000 test images
        found = estimate(planted(labels, noise=0.012, seed=seed), 160, 1000)
        inside += found.low is not None and found.high is not None and found.low <= truth <= found.high
    assert inside / 60 >= 0.6


def test_more_runs_narrow_what_is_said() -> None:
    few, many = estimate(planted((20, 40, 80)), 80, 360), estimate(planted((20, 40, 80) * 6), 80, 360)
    assert few.low is not None
    assert few.high is not None
    assert many.low is not None
    assert many.high is not None
    assert many.high - many.low < few.high - few.low


def test_accuracies_that_fall_say_nothing_rather_than_a_number() -> None:
    falling = [Trained(1, 20, 0.9), Trained(2, 100, 0.7), Trained(3, 500, 0.5)]
    found = estimate(falling, 500, 10_000)
    assert found.middle is None
    assert "do not get better" in found.words


def test_accuracies_that_rise_more_steeply_than_any_such_curve_say_why_nothing_is_said() -> None:
    steep = [Trained(1, 128, 0.594), Trained(2, 138, 0.717), Trained(3, 158, 0.806)]
    found = estimate(steep, 168, 360)
    assert found.middle is None
    assert "faster over the runs than labels alone explain" in found.words


def test_runs_without_labels_or_accuracy_are_left_out_and_certainty_stays_finite() -> None:
    odd = [Trained(1, 0, 0.1), Trained(2, 10, float("nan")), *planted((20, 40))]
    assert estimate(odd, 40, 360).middle is None
    perfect = [Trained(k, n, 1.0) for k, n in enumerate((10, 20, 40))]
    found = estimate(perfect, 40, 360)
    assert found.middle is None or found.middle <= 1.0


def test_the_same_runs_say_the_same() -> None:
    assert estimate(planted((20, 40, 80)), 80, 360) == estimate(planted((20, 40, 80)), 80, 360)
