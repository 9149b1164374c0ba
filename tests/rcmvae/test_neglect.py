"""What is said of neglected classes, and how much it takes: chance is no neglect."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from rcmvae.intervals import SURE_95, SURE_99, wilson
from rcmvae.neglect import Tally, collapsed, gathered_labels, neglected_classes, unlearnt, without_component


def tallies(**odd: Tally) -> list[Tally]:
    """Ten classes of 40 images, 38 of them right, but those given."""
    return [odd.get(f"c{y}", Tally(f"c{y}", 12, 40, 38, 40)) for y in range(10)]


def texts(found: list[Tally]) -> list[str]:
    return [notice.text for notice in neglected_classes(found, "held-out")]


@pytest.mark.parametrize(("sure", "z"), [(0.95, SURE_95), (0.99, SURE_99)])
@pytest.mark.parametrize(("found", "n"), [(0, 3), (3, 3), (7, 40), (1, 1), (250, 1_000)])
def test_the_interval_is_that_of_wilson(found: int, n: int, sure: float, z: float) -> None:
    expected = scipy.stats.binomtest(found, n).proportion_ci(sure, method="wilson")
    assert wilson(found, n, z) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert wilson(np.array([found]), np.array([n]), z)[1][0] == pytest.approx(expected.high, abs=1e-9)


def test_a_class_that_is_never_said_is_named_with_its_numbers() -> None:
    (notice,) = neglected_classes(tallies(c3=Tally("c3", 12, 40, 0, 1)), "held-out")
    assert notice.text == "Class c3 is hardly ever predicted: for 1 of 400 held-out images where 40 show it, despite 12 labels"
    assert "Label more" in notice.hint


def test_several_such_classes_are_one_notice() -> None:
    found = texts(tallies(c3=Tally("c3", 12, 40, 0, 1), c7=Tally("c7", 1, 40, 0, 0)))
    assert found == ["2 classes are hardly ever predicted (c3, c7): for 1 of 400 held-out images where 80 show them, despite 13 labels"]


def test_low_recall_is_told_beside_that_of_all_images() -> None:
    found = texts(tallies(c3=Tally("c3", 12, 40, 14, 20)))
    assert found == ["Low recall of c3 (35 % of 40), where 89 % of all 400 held-out images are recognised"]


@pytest.mark.parametrize(
    "odd",
    [
        Tally("c3", 12, 3, 0, 0),
        Tally("c3", 12, 40, 25, 30),
        Tally("c3", 0, 40, 0, 0),
        Tally("c3", 12, 0, 0, 0),
    ],
    ids=["three images", "a difference that chance explains", "no label", "no image"],
)
def test_nothing_is_said_on_too_little_evidence_or_without_a_label(odd: Tally) -> None:
    assert texts(tallies(c3=odd)) == []


def test_a_hard_set_where_all_classes_are_half_right_is_no_neglect() -> None:
    assert texts([Tally(f"c{y}", 50, 100, 30 + 2 * y, 100) for y in range(10)]) == []


def test_false_alarms_of_fair_models_are_rare() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(500):
        n = rng.integers(5, 60, 10)
        right = rng.binomial(n, 0.8)
        alarms += bool(texts([Tally(str(y), 10, int(n[y]), int(right[y]), int(right[y])) for y in range(10)]))
    assert alarms <= 5


TAU = [[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.6, 0.05, 0.35]]


def test_a_labelled_class_that_is_likeliest_in_no_component_has_none() -> None:
    assert without_component(TAU, [0.4, 0.3, 0.3], 0.01) == (2,)


def test_an_unused_component_stands_for_nobody() -> None:
    tau = [*TAU[:2], [0.05, 0.05, 0.9]]
    assert without_component(tau, [0.4, 0.3, 0.3], 0.01) == ()
    assert without_component(tau, [0.5, 0.5, 0.001], 0.01) == (2,)


def test_a_class_without_a_label_misses_no_component() -> None:
    assert without_component([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05]], [0.5, 0.5], 0.01) == ()
    assert without_component([[1 / 3] * 3] * 2, [0.5, 0.5], 0.01) == ()


def test_a_class_whose_own_labelled_images_are_not_learnt_is_low_only_beside_classes_that_are() -> None:
    names = ["a", "b", "c"]
    assert unlearnt([10, 10, 10], [0.95, 0.3, 0.9], names) == (1,)
    assert unlearnt([10, 10, 10], [0.3, 0.1, 0.3], names) == ()
    assert unlearnt([10, 0, 10], [0.95, 0.0, 0.9], names) == ()
    assert unlearnt([10, 10, 10], [0.95, 0.3, 0.9], names[:1]) == ()
    assert unlearnt([], [], names) == ()


@pytest.mark.parametrize(
    ("effective", "classes", "labels", "components", "told"),
    [(2.4, 10, 128, 10, True), (9.0, 10, 128, 12, False), (2.4, 10, 30, 10, False), (1.0, 2, 50, 10, False), (1.0, 10, 128, 3, False)],
    ids=["gathered", "spread", "too few labels", "two classes", "a curriculum at its start"],
)
def test_labels_that_lie_in_few_components_are_told(effective: float, classes: int, labels: int, components: int, told: bool) -> None:
    assert (gathered_labels(effective, classes, labels, components) is not None) is told


@pytest.mark.parametrize(("effective", "components", "told"), [(1.1, 10, True), (1.1, 2, False), (4.0, 10, False), (None, 10, False)])
def test_a_mixture_that_uses_one_component_is_told(effective: float | None, components: int, told: bool) -> None:
    assert (collapsed(effective, components) is not None) is told
