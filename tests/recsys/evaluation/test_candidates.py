"""Candidates are unique by id and have positions."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.candidates import Candidates
from recsys.evaluation.errors import EvaluationError


def test_an_item_given_twice_is_one_candidate_and_the_first_of_them_stays() -> None:
    found = Candidates.of(np.array(["b", "a", "b", "c", "a"]))
    assert found.ids.tolist() == ["b", "a", "c"]
    assert found.kept.tolist() == [0, 1, 3]
    assert (found.dropped, len(found)) == (2, 3)


@pytest.mark.parametrize("ids", [["x9", "x10", "ä", "x1"], [7, 3, 900, -2]])
def test_a_position_leads_back_to_its_id_and_strangers_have_none(ids: list) -> None:
    candidates = Candidates.of(np.array(ids))
    stranger = "x11" if isinstance(ids[0], str) else 4
    positions = candidates.positions(np.array([*ids[::-1], stranger, ids[0]]))
    assert positions.tolist() == [3, 2, 1, 0, -1, 0]
    assert candidates.positions(np.array([])).tolist() == []


def test_a_stranger_after_all_ids_has_no_position() -> None:
    assert Candidates.of(np.array([1, 2])).positions(np.array([3, 0])).tolist() == [-1, -1]


def test_text_is_not_looked_up_among_numbers() -> None:
    with pytest.raises(EvaluationError, match="ids are integers, those looked up are text") as caught:
        Candidates.of(np.array([1, 2])).positions(np.array(["1"]))
    assert caught.value.code == "BAD_INPUT"


@pytest.mark.parametrize(
    ("ids", "code"), [([], "NO_CANDIDATES"), ([[1]], "NO_CANDIDATES"), ([1.5], "BAD_INPUT")]
)
def test_no_candidates_or_ids_that_cannot_be_compared_are_refused(ids: list, code: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        Candidates.of(np.array(ids))
    assert caught.value.code == code
