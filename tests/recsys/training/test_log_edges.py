from __future__ import annotations

import numpy as np

from recsys.training.log_edges import before_log1p


def test_a_number_reaches_its_edge_just_when_its_logarithm_does() -> None:
    rng = np.random.default_rng(0)
    numbers = np.concatenate(
        [rng.lognormal(0, 5, 300), -rng.random(300), [0.0, -0.0, 1e-300, 1e300, -1 + 2**-53, 1.0, 99.99]]
    )
    edges = np.sort(np.log1p(numbers))
    found = before_log1p(edges)
    np.testing.assert_array_equal(np.log1p(found) >= edges, True)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(np.log1p(np.nextafter(found, -np.inf)) >= edges, False)
    # what the edge was made of is on its upper side
    assert (found <= np.sort(numbers)).all()


def test_no_edges_are_no_edges() -> None:
    assert before_log1p(np.array([])).shape == (0,)
