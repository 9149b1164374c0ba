"""What a trial's results are measured against on simulated data."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recsys.data.oracle import SeenItems, oracle_ranks
from recsys.data.retail_truth import truth_rows
from recsys.data.shops import load
from recsys.evaluation.comparing import Results
from recsys.evaluation.trial import ORACLE, add_ranking_baselines, oracle_error
from recsys.training.parts import divide
from recsys.trial import TrialSettings


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


def test_the_oracle_ranks_among_the_candidates_and_knows_what_each_customer_had_before() -> None:
    """Against all columns of all rows, read from their ids."""
    table = load()
    settings = {"split": "random", "val": 0.2, "test": 0.02, "candidate_set": "train"}
    division = divide(table, TrialSettings.model_validate(settings))
    test = division.rows("test")
    results = Results(seen="unseen", users=division.users("test"), rows=test)
    add_ranking_baselines(results, division)
    found = next(one.ranks for one in results.ranked if one.name == ORACLE)
    assert found is not None
    rows, truth = truth_rows(table.frame), table.truth
    assert truth is not None
    known = np.concatenate([division.rows("train"), division.rows("validation")])
    seen = SeenItems.of(len(truth.tastes), truth.choice.shape[2], rows.customer[known], rows.product[known])
    sold = np.unique(rows.product[division.rows("train")])
    wanted = oracle_ranks(truth, truth_rows(table.frame[test]), seen=seen, candidates=sold)
    np.testing.assert_array_equal(found.all_items, wanted.all_items)
    np.testing.assert_array_equal(found.by("unseen"), wanted.unseen)
    assert (wanted.unseen < wanted.all_items).any()
