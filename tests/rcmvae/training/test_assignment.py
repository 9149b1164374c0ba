"""The assignment problem, against SciPy's own solution of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from rcmvae.training.assignment import assign


@given(seed=st.integers(0, 2**31), rows=st.integers(1, 12), columns=st.integers(1, 12), levels=st.sampled_from([1, 2, 3, 10, 10**9]))
def test_it_chooses_as_scipy_does_ties_included(seed: int, rows: int, columns: int, levels: int) -> None:
    values = np.random.default_rng(seed).integers(0, levels, (rows, columns)) / 7.0
    chosen = assign(values)
    expected = linear_sum_assignment(values, maximize=True)
    assert [part.tolist() for part in chosen] == [part.tolist() for part in expected]


def test_nothing_that_is_not_finite_is_assigned() -> None:
    with pytest.raises(ValueError, match="finite"):
        assign(np.array([[0.0, np.nan]]))
