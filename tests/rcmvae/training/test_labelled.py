"""The stream of labelled images."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.training.labelled import draw

LABELS = np.array([0] * 50 + [1] * 3 + [4] * 7, np.int32)


def test_every_class_is_visited_equally_often() -> None:
    chosen = LABELS[draw(LABELS, 0, 3 * 40, seed=1)]
    assert [int((chosen == label).sum()) for label in (0, 1, 4)] == [40, 40, 40]


def test_within_a_class_every_image_is_visited_equally_often() -> None:
    chosen = draw(LABELS, 0, 3 * 42, seed=1)
    for members in (np.arange(50, 53), np.arange(53, 60)):
        visits = [int((chosen == item).sum()) for item in members]
        assert max(visits) - min(visits) <= 1
    assert max(int((chosen == item).sum()) for item in range(50)) == 1


def test_each_round_is_shuffled_anew() -> None:
    chosen = draw(LABELS, 0, 3 * 30, seed=1)
    rounds = LABELS[chosen].reshape(30, 3)
    assert len({tuple(row) for row in rounds}) > 1
    ones = chosen[LABELS[chosen] == 1].reshape(10, 3)
    assert len({tuple(row) for row in ones}) > 1


def test_a_stream_drawn_in_parts_equals_one_drawn_at_once() -> None:
    whole = draw(LABELS, 0, 200, seed=7)
    parts = np.concatenate([draw(LABELS, start, count, seed=7) for start, count in ((0, 1), (1, 56), (57, 143))])
    assert np.array_equal(whole, parts)


def test_another_seed_gives_another_order() -> None:
    assert not np.array_equal(draw(LABELS, 0, 60, seed=1), draw(LABELS, 0, 60, seed=2))


def test_a_single_labelled_image_is_drawn_every_time() -> None:
    assert not draw(np.array([5], np.int32), 1000, 20, seed=0).any()


def test_without_labels_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no labelled images"):
        draw(np.zeros(0, np.int32), 0, 4, seed=0)
