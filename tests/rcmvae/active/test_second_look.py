"""Labels that the model contradicts."""

from __future__ import annotations

import numpy as np

from rcmvae.active.second_look import doubts

NAMES = ("ant", "bee", "cat")
ROWS = np.array([10, 20, 30, 40, 50])
P = np.array([[0.9, 0.1, 0.0], [0.1, 0.2, 0.7], [0.5, 0.5, 0.0], [0.05, 0.9, 0.05], [0.0, 0.1, 0.9]])


def test_the_label_that_another_class_beats_by_most_comes_first() -> None:
    found = doubts(ROWS, np.array([0, 1, 0, 2, -1]), P, NAMES, 10)
    assert [(doubt.row, doubt.label, doubt.other) for doubt in found] == [(40, 2, 1), (20, 1, 2)]
    assert found[0].why == "Labelled cat (5 %); the model says bee (90 %)."
    assert (found[0].p_other, found[0].p_label) == (0.9, 0.05)


def test_a_tie_is_no_contradiction_and_no_more_are_told_than_asked_for() -> None:
    assert doubts(ROWS, np.array([-1, -1, 1, -1, -1]), P, NAMES, 10) == ()
    assert [doubt.row for doubt in doubts(ROWS, np.array([2, 0, 2, 0, 0]), P, NAMES, 2)] == [10, 50]


def test_without_labels_or_with_a_class_the_model_never_knew_there_is_nothing_to_doubt() -> None:
    assert doubts(ROWS, np.full(5, -1), P, NAMES, 10) == ()
    assert doubts(ROWS, np.full(5, 3), P, (*NAMES, "new"), 10) == ()
    assert doubts(ROWS[:0], np.array([], np.int32), P[:0], NAMES, 10) == ()
