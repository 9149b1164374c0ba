"""`trellis quick-tests`: started with every setting, followed to its end, shown, repeated and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.trial import TrialSettings
from tests.recsys.cli.instant import InstantWorkers
from tests.support.recommender_family import features
from workbench.fields import field_specs
from workbench.state import RunError


@pytest.fixture
def pair(told: Any, document: Any) -> tuple[str, str]:
    """The names of a feature configuration and of a model configuration."""
    told("features", "create", "--data", "sales", "--file", document(features()), "--name", "F")
    told("recommenders", "create", "--preset", "minimal", "--name", "M")
    return "F", "M"


def cells(text: str, first: str) -> list[str]:
    """The words of the line that begins so."""
    return next(line for line in text.splitlines() if line.startswith(first)).split()


def test_a_test_ends_with_the_model_beside_what_it_must_beat(trellis: Any, pair: Any) -> None:
    said = trellis("quick-tests", "start", *pair)
    assert said.code == 0
    assert "Run #1 completed after 3 epochs" in said.out
    assert cells(said.out, "Model")[1:4] == ["50.0", "%", "100.0"], (
        "20 of 40 in the first ten, all in the first 50"
    )
    assert cells(said.out, "Popularity")[1] == "25.0"
    assert cells(said.out, "Oracle")[1] == "62.5"
    lift = cells(said.out, "Recall@10, all items, against Popularity")
    assert lift[5:7] == ["+25.0", "points"]
    assert lift[-1] == "better", "each of ten users has one hit more"
    assert "Recall@10, all items: 80.0 % of the oracle's." in said.err
    assert "EASE: more than 10,000 items." in said.err
    assert "W-04 info: 7 steps are few. Use batches of 16." in said.err
    assert "Measured: time holdout split, seed 1; 40 rows of 10 users" in said.err


def test_show_says_the_same_later(trellis: Any, pair: Any) -> None:
    started = trellis("quick-tests", "start", *pair, "--name", "First try", "--epochs", 3, "--seed", 7)
    shown = trellis("quick-tests", "show", 1)
    table = started.out.split("\n", 1)[1]
    assert shown.out.endswith(table)
    assert [line for line in shown.err.splitlines() if line] == [
        line for line in started.err.splitlines() if line and not line.startswith("Test #")
    ]
    assert cells(shown.out, "Status")[1] == "completed"
    assert cells(shown.out, "Overrides")[1:] == ["epochs", "3"]
    assert cells(shown.out, "Test")[1:] == ["#1", "First", "try"]
    everything = trellis("quick-tests", "show", "#1", "--all").out
    assert cells(everything, "Recall@5, all items ")[3] == "50.0"


def test_every_setting_of_a_test_is_an_option(trellis: Any, told: Any, pair: Any) -> None:
    words = trellis("quick-tests", "start", "--help").out
    for spec in field_specs(TrialSettings):
        assert f"--{spec.name.replace('_', '-')}" in words
    flat = " ".join(words.replace("│", " ").split())
    for choices in (
        "users, rows",
        "catalog, train",
        "auto, yes, no",
        "auto, random, time_holdout, strict_time",
    ):
        assert f"One of {choices}" in flat
    idle = trellis("quick-tests", "start", *pair, "--rating-column", "stars")
    assert (idle.code, idle.out) == (1, "")
    assert "rating_column only applies when model_type is ranking or multitask" in idle.err
    told("recommenders", "create", "--set", "model_type=ranking", "--name", "R")
    made = told(
        "quick-tests", "start", "F", "R", "--split", "random", "--train", "0.7", "--val", 0.1, "--test", 0.2,
        "--sample-percent", 50, "--sample-unit", "rows", "--seed", 7, "--rating-column", "stars",
        "--epochs", 0, "--batch-size", 64, "--learning-rate", 0,
    )  # fmt: skip
    settings = made["settings"]
    assert (settings["split"], settings["train"], settings["test"]) == ("random", 0.7, 0.2)
    assert (settings["sample_percent"], settings["sample_unit"], settings["seed"]) == (50.0, "rows", 7)
    assert settings["rating_column"] == "stars"
    assert made["overrides"] == {"epochs": 0, "batch_size": 64, "learning_rate": 0.0}


def test_a_ranking_test_shows_errors_and_a_lower_one_is_better(trellis: Any, told: Any, pair: Any) -> None:
    told("recommenders", "create", "--set", "model_type=ranking", "--name", "R")
    said = trellis("quick-tests", "start", "F", "R")
    assert said.code == 0
    assert cells(said.out, "Model")[1:3] == ["0.5", "0.5"]
    assert cells(said.out, "Mean rating")[2:4] == ["1", "1"]
    lift = cells(said.out, "RMSE, against Mean rating")
    assert (lift[4], lift[-1]) == ("-0.5000", "better")


def test_everything_that_keeps_a_test_from_starting_is_said_with_codes(trellis: Any, told: Any) -> None:
    told("features", "create", "--data", "visits", "--name", "F")
    told("recommenders", "create", "--set", "model_type=ranking", "--name", "R")
    said = trellis(
        "quick-tests", "start", "F", "R", "--split", "time_holdout", "--batch-size", 0, "--epochs", 501
    )
    assert (said.code, said.out) == (1, "")
    assert "4 things are wrong, and nothing was changed." in said.err
    assert "(SPLIT_NO_TIMESTAMP)" in said.err
    assert "Rating column required for ranking/multitask models (C-2)" in said.err
    assert "batch_size_override must be between 16 and 65536" in said.err
    assert "epochs_override must be between 0 and 500" in said.err
    assert told("quick-tests", "list") == []
    wrong = trellis("quick-tests", "start", "F", "R", "--sample-percent", "much", "--rating-column", "stars")
    assert "sample_percent must be a number (got much)" in wrong.err


def test_a_failed_test_says_stage_code_and_what_to_do(
    trellis: Any, told: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = RunError(
        message="The loss is not finite.", code="NON_FINITE", stage="train", hint="Lower the rate."
    )
    monkeypatch.setattr(InstantWorkers, "failing", error)
    said = trellis("quick-tests", "start", *pair)
    assert said.code == 1
    assert "Run #1 failed after 0 epochs. The loss is not finite." in said.out
    assert "Lower the rate." in said.err
    shown = trellis("quick-tests", "show", 1).out
    assert cells(shown, "Status")[1:] == ["failed,", "NON_FINITE"]
    assert cells(shown, "Stage")[1:] == ["train"]
    found = told("quick-tests", "show", 1)
    assert (found["error_code"], found["error_stage"], found["hint"]) == (
        "NON_FINITE",
        "train",
        "Lower the rate.",
    )
    assert "results" not in found
    assert "has no code" in trellis("quick-tests", "code", 1).err


def test_a_pending_test_is_cancelled_and_an_ended_one_is_not(
    trellis: Any, told: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstantWorkers, "work", False)
    start_only(pair)
    start_only(pair)
    assert [t["status"] for t in told("quick-tests", "list")] == ["pending", "pending"]
    refused = trellis("quick-tests", "compare", 1, 2)
    assert refused.code == 1
    assert "Test #1 is pending and has no results." in refused.err
    cancelled = told("quick-tests", "cancel", 1)
    assert (cancelled["status"], cancelled["error_code"]) == ("cancelled", "CANCELLED")
    again = trellis("quick-tests", "cancel", 1)
    assert again.code == 1
    assert "has ended already" in again.err


def start_only(pair: tuple[str, str]) -> None:
    """Queue a test without following it."""
    from recsys.service import RecommenderService
    from workbench.cli.opening import opened

    with opened() as workbench:
        RecommenderService(workbench).tests.start(actor="user:me", feature_config=1, model_config=1)


def test_a_rerun_repeats_what_was_and_current_takes_what_is(trellis: Any, told: Any, pair: Any) -> None:
    told("quick-tests", "start", *pair)
    told("recommenders", "edit", "M", "--set", "learning_rate=0.02")
    assert told("quick-tests", "rerun", 1)["model_config"]["version"] == 1
    assert told("quick-tests", "rerun", 1, "--current")["model_config"]["version"] == 2
    trellis("recommenders", "delete", "M")
    gone = trellis("quick-tests", "rerun", 1, "--current")
    assert gone.code == 1
    assert "Restore it first" in gone.err
    assert told("quick-tests", "rerun", 1)["number"] == 4


def test_the_list_names_both_configurations_and_the_result(trellis: Any, told: Any, pair: Any) -> None:
    assert "No quick tests yet" in trellis("quick-tests").out
    told("quick-tests", "start", *pair)
    row = trellis("quick-tests").out.splitlines()[1].split()
    assert row == ["#1", "F", "+", "M", "completed", "Recall@10,", "all", "items", "50.0", "%", "2.5", "s"]
    assert trellis("quick-tests", "code", 1).out == "# what it ran\n"


def test_tests_are_compared_with_the_best_marked_and_differences_named(
    trellis: Any, told: Any, pair: Any
) -> None:
    told(
        "recommenders",
        "create",
        "--set",
        "model_type=multitask",
        "--set",
        "ranking_weight=0.5",
        "--name",
        "Both",
    )
    told("quick-tests", "start", *pair)
    told("quick-tests", "start", "F", "Both", "--split", "random", "--epochs", 3)
    said = trellis("quick-tests", "compare", 1, "#2")
    assert said.code == 0
    assert cells(said.out, "Recall@10, all items ")[3:] == ["50.0", "%", "50.0", "%"], (
        "equal figures: none is best"
    )
    assert cells(said.out, "RMSE")[1:] == ["–", "0.5"]
    assert cells(said.out, "Epochs ")[1:] == ["5", "epochs", "3", "epochs"]
    assert "last 30 days held out" in said.out
    assert "random 80/10/10 %, seed 42" in " ".join(said.out.split())
    assert cells(said.out, "Type ")[1:] == ["Retrieval", "Multitask"]
    assert "/" + "overrides" not in said.out
    assert "was measured differently. #1: time holdout split" in said.err
    assert "#2 against #1: no interval. They were not measured on the same test rows" in said.err
    told("quick-tests", "start", *pair, "--epochs", 4)
    alike = trellis("quick-tests", "compare", 1, 3)
    assert cells(alike.out, "Recall@10, all items: #3 against #1")[6:] == [
        "+0.0",
        "points",
        "+0.0",
        "points",
        "to",
        "+0.0",
        "points",
        "+0.0",
        "%",
        "may",
        "be",
        "none",
    ]
    found = told("quick-tests", "compare", 1, 2)
    assert [t["number"] for t in found["tests"]] == [1, 2]
    assert {"Setting": "Epochs", "#1": "5 epochs", "#2": "3 epochs"} in found["differences"]
    assert [(pair["number"], pair["against"], pair["figures"]) for pair in found["paired"]] == [(2, 1, {})]


def test_two_to_five_tests_are_compared_and_no_others(
    trellis: Any, told: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(InstantWorkers, "work", False)
    for _ in range(6):
        start_only(pair)
    for tests in (("1",), ("1", "#1"), ("1", "2", "3", "4", "5", "6")):
        said = trellis("quick-tests", "compare", *tests)
        assert (said.code, said.out) == (1, "")
        assert "2 to 5 different tests can be compared" in said.err


def test_tests_and_results_that_are_not_there_are_refused_in_a_sentence(
    trellis: Any, told: Any, pair: Any
) -> None:
    for verb in ("show", "cancel", "rerun", "code"):
        said = trellis("quick-tests", verb, 9)
        assert (said.code, said.out) == (1, "")
        assert "There is no quick test #9." in said.err
    made = told("quick-tests", "start", *pair)
    file = Path(made["folder"]) / "diagnostics.npz"
    file.write_bytes(file.read_bytes()[:200])
    damaged = trellis("quick-tests", "show", 1)
    assert damaged.code == 1
    assert "Traceback" not in damaged.err
    file.unlink()
    assert "are gone" in trellis("quick-tests", "show", 1).err
