"""Greedy k-center against the same by brute force."""

from __future__ import annotations

import numpy as np
import pytest

from rcmvae.active import spread
from rcmvae.active.spread import distance_to_nearest, farthest_first


def by_brute_force(places: np.ndarray, n: int, covered: np.ndarray) -> tuple[list[int], list[float]]:
    centres = list(covered)
    chosen: list[int] = []
    far: list[float] = []
    for _ in range(n):
        distances = np.min([np.linalg.norm(places - centre, axis=1) for centre in centres], axis=0)
        distances[chosen] = -1
        best = int(distances.argmax())
        chosen.append(best)
        far.append(float(distances[best]))
        centres.append(places[best])
    return chosen, far


def test_distances_are_those_to_the_nearest_centre_also_far_from_the_origin() -> None:
    rng = np.random.default_rng(0)
    places, centres = 1e4 + rng.standard_normal((50, 3)), 1e4 + rng.standard_normal((7, 3))
    expected = np.linalg.norm(places[:, None] - centres, axis=2).min(axis=1)
    np.testing.assert_allclose(distance_to_nearest(places, centres), expected, rtol=1e-6)


@pytest.mark.parametrize("spread_out", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("measured", [1, 7, 1000])
def test_the_order_does_not_depend_on_how_little_is_measured(monkeypatch: pytest.MonkeyPatch, spread_out: float, measured: int) -> None:
    monkeypatch.setattr(spread, "SOME_CENTRES", 4)
    monkeypatch.setattr(spread, "MEASURED_AT_ONCE", measured)
    rng = np.random.default_rng(1)
    places, covered = rng.standard_normal((300, 4)), spread_out * rng.standard_normal((90, 4))
    chosen, far = farthest_first(places, 20, covered)
    expected, distances = by_brute_force(places, 20, covered)
    assert chosen.tolist() == expected
    np.testing.assert_allclose(far, distances, rtol=1e-9)


def test_most_places_are_not_measured_against_all_centres(monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[int] = []
    real = distance_to_nearest

    def counting(places: np.ndarray, centres: np.ndarray) -> np.ndarray:
        if len(centres) == 5000:
            measured.append(len(places))
        return real(places, centres)

    monkeypatch.setattr(spread, "distance_to_nearest", counting)
    rng = np.random.default_rng(2)
    farthest_first(rng.standard_normal((20_000, 8)), 20, rng.standard_normal((5000, 8)))
    assert 0 < sum(measured) < 10_000
