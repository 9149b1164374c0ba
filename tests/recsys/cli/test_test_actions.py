"""`trellis quick-tests`: what is done with a test that has ended."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from recsys import histograms
from recsys.commands.promoting import CHANGEABLE
from tests.recsys.cli.instant import ARGUMENTS, InstantWorkers
from tests.recsys.cli.test_quick_tests_command import start_only
from tests.support.recommender_family import SALES, features
from workbench.runs.rates import learn
from workbench.services import models
from workbench.settings import host_name


@pytest.fixture
def pair(told: Any, document: Any) -> tuple[str, str]:
    """The names of a feature configuration and of a model configuration."""
    told("features", "create", "--data", "sales", "--file", document(features()), "--name", "F")
    told("recommenders", "create", "--preset", "standard", "--name", "M")
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
    assert "The model F + M was made from test #1." in said.err
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


def test_a_test_is_exported_into_a_file_that_is_whole_or_as_it_was(
    trellis: Any, told: Any, pair: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = told("quick-tests", "start", *pair)
    said = trellis("quick-tests", "export", 1)
    assert said.code == 0, said.err
    assert said.out.startswith("quick-test-1.zip, ")
    with zipfile.ZipFile("quick-test-1.zip") as archive:
        assert archive.read("trainer.py") == b"# what it ran\n"
        assert {"README.md", "manifest.json", "metrics.json", "snapshot.json"} < set(archive.namelist())
        manifest, metrics = (json.loads(archive.read(name)) for name in ("manifest.json", "metrics.json"))
        assert manifest["arguments"] == ARGUMENTS
        assert "arguments" not in metrics
    found = told("quick-tests", "export", "#1", "--to", tmp_path / "other.zip")
    whole = (tmp_path / "other.zip").read_bytes()
    assert (found["size"], found["sha256"]) == (len(whole), hashlib.sha256(whole).hexdigest())
    (Path(made["folder"]) / "embeddings.npz").unlink()
    there = trellis("quick-tests", "export", 1, "--to", "other.zip")
    assert (there.code, there.out) == (1, "")
    assert "other.zip is there already." in there.err
    assert "--force" in there.err
    refused = trellis("quick-tests", "export", 1, "--to", "other.zip", "--force")
    assert (refused.code, refused.out) == (1, "")
    assert "it has no embeddings.npz" in refused.err
    assert (tmp_path / "other.zip").read_bytes() == whole
    assert sorted(path.name for path in tmp_path.glob("*.zip*")) == ["other.zip", "quick-test-1.zip"]
    assert "Name a file in it" in trellis("quick-tests", "export", 1, "--to", tmp_path).err


def binned(low: float, counts: list[int]) -> dict[str, Any]:
    return {"low": low, "high": low + 2, "counts": counts, "norm": 2.5}


@pytest.fixture
def looked_at(told: Any, pair: Any) -> Path:
    """A completed test that kept histograms of its first and its fifth epoch."""
    folder = Path(told("quick-tests", "start", *pair)["folder"])
    for epoch in (1, 5):
        layers = [
            {
                "name": "buyer_dense_1/kernel",
                "weights": binned(-epoch, [1, 0, 7, 14]),
                "gradients": binned(0, [3, 1]),
            },
            {"name": "product_id/table", "weights": binned(0.5, [2, 2]), "gradients": None},
        ]
        histograms.append(folder / histograms.FILE, epoch, layers)
    return folder


def test_histograms_of_the_last_epoch_are_shown_as_bars(trellis: Any, told: Any, looked_at: Path) -> None:
    said = trellis("quick-tests", "histograms", 1)
    assert said.code == 0, said.err
    weights, gradients, table, none = [line.rstrip().split(maxsplit=5) for line in said.out.splitlines()[1:]]
    assert weights == ["buyer_dense_1/kernel", "weights", "-5", "-3", "2.5", "▁ ▄█"]
    assert gradients[:3] == ["buyer_dense_1/kernel", "gradients", "0"]
    assert table[0:2] == ["product_id/table", "weights"]
    assert none[-1] == "none in this batch"
    assert "Epoch 5: weights at its end, gradients of its first batch. Looked at: 1, 5." in said.err
    first = trellis("quick-tests", "histograms", "#1", "--epoch", 1)
    assert first.out.splitlines()[1].split()[2:4] == ["-1", "1"]
    assert [epoch["epoch"] for epoch in told("quick-tests", "histograms", 1)] == [1, 5]
    (fifth,) = told("quick-tests", "histograms", 1, "--epoch", 5)
    assert fifth["layers"][0]["weights"]["counts"] == [1, 0, 7, 14]
    assert fifth["layers"][1]["gradients"] is None


def test_histograms_that_there_are_none_of_are_refused_with_what_there_is(
    trellis: Any, looked_at: Path
) -> None:
    said = trellis("quick-tests", "histograms", 1, "--epoch", 2)
    assert (said.code, said.out) == (1, "")
    assert "Epoch 2 was not looked at." in said.err
    assert "Choose from 1, 5." in said.err
    (looked_at / histograms.FILE).unlink()
    none = trellis("quick-tests", "histograms", 1)
    assert (none.code, none.out) == (1, "")
    assert "Test #1 kept no histograms." in none.err
    assert "Set histogram_epochs of its model" in none.err
    assert trellis("quick-tests", "histograms", 77).code == 1


def test_a_deleted_test_is_gone_from_the_list_and_can_be_brought_back(
    trellis: Any, told: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("quick-tests", "start", *pair)
    said = trellis("quick-tests", "delete", 1)
    assert said.code == 0
    assert "Deleted test #1." in said.err
    assert told("quick-tests", "list") == []
    assert trellis("quick-tests", "delete", 1).code == 1
    assert told("quick-tests", "restore", "#1")["status"] == "completed"
    assert [test["number"] for test in told("quick-tests", "list")] == [1]
    monkeypatch.setattr(InstantWorkers, "work", False)
    start_only(pair)
    refused = trellis("quick-tests", "delete", 2)
    assert (refused.code, refused.out) == (1, "")
    assert "stop it before deleting it" in refused.err


def test_an_estimate_says_what_a_test_would_take_and_starts_nothing(
    trellis: Any, told: Any, pair: Any
) -> None:
    said = trellis("quick-tests", "estimate", *pair, "--epochs", 0, "--learning-rate", 0.5)
    assert said.code == 0, said.err
    shown = dict(line.split(maxsplit=1) for line in said.out.splitlines() if "  " in line and line[0] != "C")
    assert (shown["Time"].strip(), shown["Memory"][:6]) == ("not calibrated yet", "up to ")
    assert "$0.00 · local" in said.out
    assert "W-02 high" in said.err
    found = told("quick-tests", "estimate", *pair, "--batch-size", 64)
    assert (found["can_start"], found["checklist"], found["forecast"]["cost"]["usd"]) == (True, [], 0)
    assert found["forecast"]["memory"] > 900 * 2**20
    assert [warning["code"] for warning in found["forecast"]["warnings"]] == ["W-03", "W-04"]
    assert told("quick-tests", "list") == []


def test_what_may_not_fit_into_memory_starts_only_with_a_yes(
    trellis: Any, told: Any, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told("quick-tests", "start", *pair)
    monkeypatch.setattr(models, "memory_limit", lambda: 2**30)
    assert "yes, with --yes" in trellis("quick-tests", "estimate", *pair).out
    for asked in (("start", *pair), ("rerun", 1), ("rerun", 1, "--current"), ("promote", 1)):
        refused = trellis("quick-tests", *asked)
        assert (refused.code, refused.out) == (1, "")
        assert "GiB that a worker may have" in refused.err
        assert "--yes" in refused.err
        assert told("quick-tests", *asked, "--yes")["status"] == "completed"
    assert len(told("quick-tests", "list")) == 4


def test_finished_tests_correct_the_time_that_is_expected(
    told: Any, pair: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expected() -> dict[str, Any]:
        return told("quick-tests", "estimate", *pair)["forecast"]["duration"]

    def finish(number: int, times: float, host: str) -> None:
        """As if every stage of a finished test had taken so many times as long as was expected first."""
        folder = Path(told("quick-tests", "show", number)["folder"])
        results = json.loads((folder / "results.json").read_text())
        results["seconds"] = {stage: times * seconds for stage, seconds in first["stages"].items()}
        results["baselines_took"] = {"seconds": times, "waited": 0.0}
        (folder / "results.json").write_text(json.dumps(results))
        (folder / "environment.json").write_text(json.dumps({"host": host}))

    assert expected()["seconds"] is None
    learn(home, "recsys/recommender", 1e9)
    first = expected()
    assert (first["seconds"], first["low"]) == (pytest.approx(sum(first["stages"].values())), None)
    for number, (times, host) in enumerate(((0.5, host_name()), (90.0, "elsewhere"), (3.0, host_name())), 1):
        told("quick-tests", "start", *pair)
        finish(number, times, host)
    found = expected()
    assert found["low"] == pytest.approx(0.5 * first["seconds"])
    assert found["high"] == pytest.approx(3 * first["seconds"])
    assert found["seconds"] == pytest.approx(1.75 * first["seconds"])
    longer = told("quick-tests", "estimate", *pair, "--epochs", 200)["forecast"]["duration"]
    assert longer["stages"]["train"] > found["stages"]["train"]
    assert longer["stages"]["export"] == found["stages"]["export"]


def test_an_estimate_of_what_cannot_start_says_why(trellis: Any, told: Any, pair: Any) -> None:
    told("features", "create", "--data", "visits", "--name", "V")
    said = trellis("quick-tests", "estimate", "V", "M", "--split", "strict_time", "--batch-size", 3)
    assert said.code == 0
    assert "Can start  no" in said.out
    assert "error: batch_size_override: batch_size_override must be between 16 and 65536" in said.err
    assert "(SPLIT_NO_TIMESTAMP) Choose the timestamp column" in said.err
    found = told("quick-tests", "estimate", "V", "M", "--split", "strict_time")
    assert (found["can_start"], found["forecast"]) == (False, None)
    assert [(line["code"], line["severity"]) for line in found["checklist"]] == [
        ("SPLIT_NO_TIMESTAMP", "error")
    ]


def test_a_models_own_training_asks_for_the_same_yes(trellis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "memory_limit", lambda: 2**30)
    made = ("train", "--preset", "minimal", "--data", SALES, "--name", "Big")
    refused = trellis(*made)
    assert (refused.code, refused.out) == (1, "")
    assert "GiB that a worker may have" in refused.err
    assert "--yes` trains it" in refused.err
    assert trellis("train", "--model", "Big").code == 1
    assert trellis("train", "--model", "Big", "--yes", "--json").code == 0
