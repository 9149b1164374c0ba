"""`trellis quick-tests`: what is done with a test that has ended."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.commands.promoting import CHANGEABLE
from tests.recsys.cli.instant import InstantWorkers
from tests.recsys.cli.test_quick_tests_command import start_only
from tests.support.recommender_family import features


@pytest.fixture
def pair(told: Any, document: Any) -> tuple[str, str]:
    """The names of a feature configuration and of a model configuration."""
    told("features", "create", "--data", "sales", "--file", document(features()), "--name", "F")
    told("recommenders", "create", "--preset", "minimal", "--name", "M")
    return "F", "M"


def test_a_promoted_test_is_followed_as_a_run_of_its_own_model(trellis: Any, told: Any, pair: Any) -> None:
    made = told("quick-tests", "start", *pair, "--epochs", 3)
    said = trellis(
        "quick-tests",
        "promote",
        1,
        "--epochs",
        40,
        "--split",
        "random",
        "--test",
        0.2,
        "--sample-percent",
        50,
    )
    assert said.code == 0, said.err
    assert "The model F + M goes back to this test." in said.err
    assert "Run #2 completed after 3 epochs" in said.out
    (model,) = told("models", "list")
    assert model["name"] == "F + M"
    again = told("quick-tests", "promote", "#1", "--name", "Full")
    assert again["promoted_from"] == {"id": made["id"], "number": 1}
    assert again["promoted_model"]["name"] == "Full"
    assert again["results"]["model_type"] == "retrieval"
    assert [test["number"] for test in told("quick-tests", "list")] == [1]
    assert "is not a quick test" in trellis("quick-tests", "show", 2).err


def test_what_may_differ_in_a_full_run_is_an_option_and_nothing_else(trellis: Any) -> None:
    words = trellis("quick-tests", "promote", "--help").out
    for name in CHANGEABLE:
        assert f"--{name.replace('_', '-')} " in words
    for name in ("--seed ", "--rating-column", "--candidate-set"):
        assert name not in words


def test_a_test_that_has_not_completed_is_not_promoted(
    trellis: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstantWorkers, "work", False)
    start_only(pair)
    said = trellis("quick-tests", "promote", 1)
    assert (said.code, said.out) == (1, "")
    assert "Test #1 is pending; only a completed one can be promoted" in said.err
