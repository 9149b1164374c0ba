from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recsys.features.columns import terms_of
from recsys.features.histories import EarlierRows, ItemHistories, in_table
from recsys.features.transforms import Embedding
from recsys.features.vocabulary import Vocabulary, fit_vocabulary

IDS = ["a", "b", "c", "new"]


@pytest.fixture
def vocabulary() -> Vocabulary:
    return fit_vocabulary(terms_of(pl.Series(["a", "a", "a", "b", "b", "c"])), Embedding())


def pieces(found: EarlierRows) -> list[list[int]]:
    return [found.rows[s : s + n].tolist() for s, n in zip(found.start, found.length, strict=True)]


def test_items_become_rows_of_the_item_table_and_unknown_ones_share_the_last(vocabulary: Vocabulary) -> None:
    given = ItemHistories(np.array([2, 1, 0, 3]), np.array([0, 1, 0]), np.array([2, 3, 0]), IDS)
    assert pieces(in_table(given, vocabulary, 50)) == [[2, 1], [1, 0, 3], []]


def test_the_latest_items_are_kept(vocabulary: Vocabulary) -> None:
    given = ItemHistories(np.array([2, 1, 0, 0, 1]), np.array([0, 2, 4]), np.array([5, 2, 1]), IDS)
    assert pieces(in_table(given, vocabulary, 2)) == [[0, 1], [0, 0], [1]]


def test_padding_is_masked_and_the_mean_is_of_items_alone(vocabulary: Vocabulary) -> None:
    given = ItemHistories(np.array([0, 1, 2, 2]), np.array([0, 3, 1]), np.array([3, 0, 1]), IDS)
    rows, mask = in_table(given, vocabulary, 4).padded()
    assert rows.shape == mask.shape == (3, 4)
    assert (rows.dtype, mask.dtype) == (np.int64, np.float32)
    np.testing.assert_array_equal(mask, [[1, 1, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
    weights = np.array([[1.0, 0.0], [0.0, 4.0], [2.0, 2.0], [50.0, 50.0]])
    mean = (weights[rows] * mask[..., None]).sum(1) / np.maximum(mask.sum(1), 1)[:, None]
    np.testing.assert_allclose(mean, [[1, 2], [0, 0], [0, 4]])


def test_some_events_are_padded_as_they_are_among_all(vocabulary: Vocabulary) -> None:
    rng = np.random.default_rng(0)
    given = ItemHistories(rng.integers(0, 4, 60), rng.integers(0, 30, 20), rng.integers(0, 30, 20), IDS)
    found = in_table(given, vocabulary, 8)
    rows, mask = found.padded()
    some = np.array([7, 3, 3])
    np.testing.assert_array_equal(found.padded(some)[0], rows[some])
    np.testing.assert_array_equal(found.padded(slice(4, 9))[1], mask[4:9])


def test_nobody_with_a_history_is_fine(vocabulary: Vocabulary) -> None:
    given = ItemHistories(np.array([], np.int64), np.zeros(2, np.int32), np.zeros(2, np.int32), [])
    rows, mask = in_table(given, vocabulary, 3).padded()
    assert rows.tolist() == [[0] * 3] * 2
    assert mask.sum() == 0


@pytest.mark.parametrize(
    ("items", "start", "length", "says"),
    [
        ([0], [0, 0], [1], "one row each"),
        ([0], [0], [2], "pieces of 1 items"),
        ([0], [-1], [1], "pieces of 1 items"),
        ([0], [0], [-1], "pieces of 1 items"),
        ([4], [0], [1], "places among 4 ids"),
        ([-1], [0], [1], "places among 4 ids"),
    ],
)
def test_pieces_that_are_not_of_the_items_are_refused(
    items: list, start: list, length: list, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        ItemHistories(np.array(items), np.array(start), np.array(length), IDS)
