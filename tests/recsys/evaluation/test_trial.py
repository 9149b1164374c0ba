"""What a trial's results are measured against on simulated data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recsys.data.shops import load
from recsys.evaluation.trial import oracle_error


@pytest.mark.parametrize(("column", "told"), [("user_rating", True), ("quantity", False), ("revenue", False)])
def test_only_the_simulators_own_rating_has_a_best_possible_error(column: str, told: bool) -> None:
    table = load()
    rows = np.arange(0, 6_000)
    division: Any = SimpleNamespace(table=table, rows=lambda _part: rows)
    actual = table.frame[column][:6_000].fill_null(0).to_numpy().astype(float)
    known = table.frame["user_rating"][:6_000].is_not_null().to_numpy()
    found = oracle_error(division, column, known, actual[known])
    assert (found is not None) is told
    if found is not None:
        assert 0 < found < np.std(actual[known])
