"""ItemKNN against its formula written out in dense matrices."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation import cooccurrence, item_knn
from recsys.evaluation.cooccurrence import blocks_of, cooccurrences, gram_matrix
from recsys.evaluation.item_knn import ItemKNN
from recsys.evaluation.user_items import UserItems

RNG = np.random.default_rng(9)
# some items sell well, items 40 to 44 not at all, and users 25 to 29 have nothing
TRAIN = UserItems.of(
    RNG.integers(0, 25, 400), np.minimum(RNG.geometric(0.07, 400) - 1, 39), n_users=30, n_items=45
)
X = TRAIN.dense(np.arange(30)).astype(np.float64)


def written_out(shrink: float, neighbours: int) -> np.ndarray:
    """Scores (U, C) of all users, item by item."""
    counts = X.sum(axis=0)
    scores = np.zeros_like(X)
    for i in range(45):
        cosine = {}
        for j in range(45):
            if j != i and counts[i] and counts[j]:
                cosine[j] = (X[:, i] * X[:, j]).sum() / (np.sqrt(counts[i] * counts[j]) + shrink)
        nearest = sorted(cosine, key=lambda j: (-np.float32(cosine[j]), j))[:neighbours]
        for j in nearest:
            scores[:, i] += cosine[j] * X[:, j]
    return scores


@pytest.mark.parametrize(("shrink", "neighbours"), [(10.0, 50), (10.0, 6), (0.0, 6), (3.0, 1)])
def test_scores_are_sums_of_similarities_to_the_nearest_items_that_a_user_has(
    shrink, neighbours, monkeypatch
) -> None:
    expected = written_out(shrink, neighbours)
    found = ItemKNN.fit(TRAIN, shrink=shrink, neighbours=neighbours).score(np.arange(30))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert expected[:25].max() > 0.1
    # in small parts, and from a matrix that was there already
    monkeypatch.setattr(item_knn, "AT_ONCE", 7)
    monkeypatch.setattr(cooccurrence, "AT_ONCE", 7)
    monkeypatch.setattr(cooccurrence, "BLOCK", 1)
    for given in (None, blocks_of(gram_matrix(TRAIN))):
        again = ItemKNN.fit(TRAIN, given, shrink=shrink, neighbours=neighbours).score(np.array([7, 29, 7, 0]))
        np.testing.assert_allclose(again, expected[[7, 29, 7, 0]], rtol=1e-5, atol=1e-6)


def test_items_in_common_are_counted_as_the_product_of_the_matrix_with_itself(monkeypatch) -> None:
    monkeypatch.setattr(cooccurrence, "AT_ONCE", 50)
    blocks = [(part.start, counts) for part, counts in cooccurrences(TRAIN)]
    assert len(blocks) > 5
    assert np.array_equal(np.concatenate([counts for _, counts in blocks]), X.T @ X)
    assert np.array_equal(gram_matrix(TRAIN), X.T @ X)


def test_fewer_items_than_neighbours_are_no_trouble() -> None:
    alone = ItemKNN.fit(UserItems.of([0], [0], n_users=1, n_items=1))
    assert alone.score(np.array([0])).tolist() == [[0.0]]
    assert ItemKNN.fit(TRAIN).score(np.array([], int)).shape == (0, 45)
