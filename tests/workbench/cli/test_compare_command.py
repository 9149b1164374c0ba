"""`trellis runs compare`."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def runs(trellis: Any) -> list[str]:
    """Two runs of one model, the second with another learning rate."""
    assert trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "Oak", "--set", "max_epochs=1").code == 0
    assert trellis("train", "--model", "Oak", "--set", "learning_rate=0.4").code == 0
    return ["1", "2"]


def test_metrics_have_a_star_at_the_best_and_settings_that_differ_follow(trellis: Any, runs: list[str]) -> None:
    said = trellis("runs", "compare", *runs)
    assert said.code == 0
    assert " *" in said.out
    assert "Learning rate" in said.out
    assert "0.4" in said.out
    assert ": Loss" not in said.out
    assert ": Loss" in trellis("runs", "compare", *runs, "--all").out


def test_programs_get_all_of_it(trellis: Any, runs: list[str]) -> None:
    found = json.loads(trellis("runs", "compare", *runs, "--json").out)
    assert [run["number"] for run in found["runs"]] == [1, 2]
    assert [setting["path"] for setting in found["settings"] if setting["differs"]] == ["begun.went_on_from", "learning_rate"]
    assert all(len(metric["values"]) == 2 for metric in found["metrics"])


def test_runs_are_grouped_by_a_setting_in_which_they_differ(trellis: Any, runs: list[str]) -> None:
    assert "0.4" in trellis("runs", "compare", *runs, "--group", "learning_rate").out
    refused = trellis("runs", "compare", *runs, "--group", "batch_size")
    assert refused.code == 1
    assert "they differ in begun.went_on_from, learning_rate" in refused.err


@pytest.mark.parametrize(("given", "words"), [(["1"], "2 to 10 runs can be compared, not 1"), (["1", "1"], "not 1"), (["1", "9"], "9")])
def test_other_numbers_of_runs_are_refused(trellis: Any, runs: list[str], given: list[str], words: str) -> None:
    refused = trellis("runs", "compare", *given)
    assert refused.code == 1
    assert words in refused.err
