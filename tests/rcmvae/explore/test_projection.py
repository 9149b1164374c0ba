"""UMAP of latent means."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.explore.projection import JUDGED_NEIGHBOURS, SEED, project


@pytest.fixture(scope="module")
def means() -> np.ndarray:
    """Latent means of three groups far apart in five dimensions, 40 each."""
    rng = np.random.default_rng(3)
    middles = rng.normal(0, 12, (3, 5))
    return (middles[np.repeat(np.arange(3), 40)] + rng.normal(0, 1, (120, 5))).astype(np.float32)


def test_groups_stay_together_the_same_each_time_and_trust_is_measured(means: np.ndarray) -> None:
    told: list[tuple[int, int]] = []
    first = project(means, lambda done, total: told.append((done, total)))
    again = project(means)
    np.testing.assert_array_equal(first.x, again.x)
    np.testing.assert_array_equal(first.y, again.y)
    plane = np.stack([first.x, first.y], axis=1)
    apart = np.linalg.norm(plane[:, None] - plane[None], axis=2) + np.diag(np.full(120, np.inf))
    assert (apart.argmin(axis=1) // 40 == np.arange(120) // 40).mean() > 0.98
    assert told[0] == (0, 0)
    assert told[-1][0] == told[-1][1] > 0
    assert first.trustworthiness == pytest.approx(trust(means, plane, JUDGED_NEIGHBOURS), abs=1e-6)
    assert first.judged == 120


def trust(high: np.ndarray, low: np.ndarray, neighbours: int) -> float:
    """Trustworthiness as Venna and Kaski (2001) write it, by loops."""
    order = np.random.default_rng(SEED).permutation(len(high))
    high, low = high[order].astype(np.float64), low[order].astype(np.float64)
    n, sum_ranks = len(high), 0.0
    for i in range(n):
        by_high = [j for j in np.argsort(((high - high[i]) ** 2).sum(axis=1), kind="stable") if j != i]
        by_low = [j for j in np.argsort(((low - low[i]) ** 2).sum(axis=1), kind="stable") if j != i]
        for j in by_low[:neighbours]:
            sum_ranks += max(0, by_high.index(j) + 1 - neighbours)
    return 1 - 2 / (n * neighbours * (2 * n - 3 * neighbours - 1)) * sum_ranks
