"""Which class claims which components."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.training.claims import assign_claims, claims_per_class

EVEN = np.full(100, 0.1)


def claimed(claims: np.ndarray, sums: np.ndarray, sizes: np.ndarray, usage: np.ndarray = EVEN) -> np.ndarray:
    return assign_claims(claims, sums, sizes, usage[: len(claims)])


@pytest.mark.parametrize(
    ("components", "classes", "each"), [(10, 10, 1), (12, 10, 1), (21, 10, 2), (40, 10, 3), (100, 10, 3), (4, 3, 1), (3, 1, 2)]
)
def test_a_class_claims_one_to_three_so_that_some_stay_free(components: int, classes: int, each: int) -> None:
    assert claims_per_class(components, classes) == each


def test_classes_claim_the_components_they_own() -> None:
    sums = np.full((4, 3), 0.1)
    sums[2, 0] = sums[0, 1] = sums[3, 2] = 5.0
    claims = claimed(np.full(4, -1), sums, np.array([5, 5, 5]))
    assert claims.tolist() == [1, -1, 0, 2]


def test_shares_count_relative_to_the_other_classes_not_absolutely() -> None:
    # component 0 takes most of every class; class 1 is over-represented in component 1
    sums = np.array([[8.0, 7.0], [0.5, 2.0], [1.5, 1.0]])
    assert claimed(np.full(3, -1), sums, np.array([10, 10])).tolist()[1] == 1


def test_only_classes_with_a_label_claim() -> None:
    claims = claimed(np.full(4, -1), np.random.default_rng(0).random((4, 3)), np.array([4, 0, 2]))
    assert set(claims.tolist()) == {-1, 0, 2}


def test_claims_once_given_stay_and_later_classes_take_what_is_free() -> None:
    first = claimed(np.full(4, -1), np.eye(4, 3) + 0.1, np.array([3, 3, 0]))
    later = claimed(first, np.full((4, 3), 1.0), np.array([3, 3, 3]))
    assert (later[first >= 0] == first[first >= 0]).all()
    assert (later == 2).sum() == 1


def test_without_new_classes_or_free_components_nothing_changes() -> None:
    taken = np.array([0, 1])
    assert claimed(taken, np.ones((2, 3)), np.array([1, 1, 1])).tolist() == [0, 1]
    assert claimed(np.array([0, -1]), np.ones((2, 1)), np.array([1])).tolist() == [0, -1]


def test_a_later_class_takes_the_free_component_that_its_images_are_most_responsible_for() -> None:
    claims = np.array([0, 1, -1, -1, -1])
    # component 2 is claimed by nobody but holds labels of class 0; 3 and 4 hold those of the new class alone
    sums = np.array([[9, 0, 0.5], [0, 9, 0.5], [3, 0, 2.5], [0, 0, 0.5], [0, 0, 1.0]])
    assert claimed(claims, sums, np.array([12, 9, 5])).tolist() == [0, 1, -1, -1, 2]


def test_an_idle_component_is_free_even_if_it_holds_labels() -> None:
    claims, usage = np.array([0, 1, -1]), np.array([0.5, 0.4995, 0.0005])
    sums = np.array([[9, 0, 1.0], [0, 9, 1.0], [0, 0.6, 0.0]])
    assert claimed(claims, sums, np.array([9, 10, 2]), usage).tolist() == [0, 1, 2]


def test_without_a_free_component_an_unclaimed_one_is_taken() -> None:
    claims = np.array([0, 1, -1])
    sums = np.array([[9, 0, 0.0], [0, 9, 0.0], [3, 3, 5.0]])
    assert claimed(claims, sums, np.array([12, 12, 5])).tolist() == [0, 1, 2]


def test_without_an_unclaimed_one_the_richest_class_gives_its_least_used() -> None:
    usage = np.array([0.3, 0.1, 0.2, 0.4])
    sums = np.ones((4, 3))
    assert claimed(np.array([0, 0, 0, 1]), sums, np.array([4, 4, 4]), usage).tolist() == [0, 2, 0, 1]
    assert claimed(np.array([0, 1]), np.ones((2, 3)), np.array([4, 4, 4]), usage).tolist() == [0, 1]


def test_two_classes_that_come_together_leave_each_other_room() -> None:
    claims = np.full(12, -1)
    claims[:2] = 0, 1
    sums = np.random.default_rng(0).random((12, 4)) * 0.1
    found = claimed(claims, sums, np.array([5, 5, 5, 5]))
    assert [int((found == label).sum()) for label in range(4)] == [1, 1, 2, 2]


def test_closed_components_are_not_claimed() -> None:
    active = np.array([True, True, False, False])
    first = assign_claims(np.full(4, -1), np.eye(4, 2)[::-1], np.array([3, 3]), EVEN[:4], active)
    assert set(np.flatnonzero(first >= 0)) <= {0, 1}


SHARES = np.array([[9, 1, 0], [1, 9, 0], [0, 0, 1], [3, 5, 1], [5, 3, 1], [1, 1, 9], [4, 4, 4.0]])
"""Seven components and three classes of ten labels: each class may claim two."""


def opening(claims: list[int], *opened: int, sizes: tuple[int, ...] = (10, 10, 10)) -> list[int]:
    active = np.array([claim >= 0 for claim in claims])
    active[list(opened)] = True
    return assign_claims(np.array(claims), SHARES, np.array(sizes), EVEN[:7], active, opened).tolist()


def test_a_component_that_opens_goes_to_a_class_that_waits_before_any_other() -> None:
    # component 3 fits class 1 best, but class 2 has none yet
    assert opening([0, 1, -1, -1, -1, -1, -1], 3) == [0, 1, -1, 2, -1, -1, -1]
    # of two that wait, the one that it fits best
    assert opening([-1, -1, 2, -1, -1, -1, -1], 3) == [-1, -1, 2, 1, -1, -1, -1]


def test_components_that_open_top_classes_up_to_their_number_the_best_fitting_first_and_leave_the_rest() -> None:
    assert opening([0, 1, 2, -1, -1, -1, -1], 3) == [0, 1, 2, 1, -1, -1, -1]
    # class 1 has its two now: component 6 fits all alike, and goes to one of the others
    assert opening([0, 1, 2, 1, -1, -1, -1], 4) == [0, 1, 2, 1, 0, -1, -1]
    assert opening([0, 1, 2, 1, 0, -1, -1], 5) == [0, 1, 2, 1, 0, 2, -1]
    assert opening([0, 1, 2, 1, 0, 2, -1], 6) == [0, 1, 2, 1, 0, 2, -1]
    assert opening([0, 1, 2, -1, -1, -1, -1], 3, 4, 5, 6) == [0, 1, 2, 1, 0, 2, -1]


def test_only_classes_with_a_label_take_what_opens() -> None:
    assert opening([0, 1, -1, -1, -1, -1, -1], 5, sizes=(10, 10, 0)) in ([0, 1, -1, -1, -1, 0, -1], [0, 1, -1, -1, -1, 1, -1])
    assert opening([-1, -1, -1, -1, -1, -1, -1], 5, sizes=(0, 0, 0)) == [-1] * 7


def test_with_too_few_free_components_each_class_still_gets_at_most_its_share() -> None:
    claims = claimed(np.full(7, -1), np.random.default_rng(1).random((7, 3)), np.array([1, 1, 1]))
    assert [int((claims == label).sum()) for label in range(3)] == [2, 2, 2]
    assert int((claims == -1).sum()) == 1
