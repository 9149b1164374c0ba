"""`trellis suggest`, `predict` and `label-curve`: tables, documents, files and errors in words."""

import json

import polars
import pytest

from tests.support import fake_abilities, fake_data
from workbench.runs.folder import BUNDLE
from workbench.settings import Settings


@pytest.fixture
def trained(trellis, home):
    """A trained model, number 1, whose run has diagnostics."""
    said = trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--json")
    assert said.code == 0, said.err
    run = json.loads(said.out)
    (Settings.load(home=home).written / "runs" / run["id"] / BUNDLE).write_bytes(b"diagnostics")
    fake_abilities.asked.clear()
    return run


def test_suggestions_are_a_table_with_what_cannot_be_used_beside_it(trellis, trained):
    said = trellis("suggest", "First", "-n", "4")
    assert said.code == 0, said.err
    assert len(said.out.strip().splitlines()) == 5
    assert "4 of" in said.err
    assert "bald cannot be used: there is no dropout." in said.err


def test_suggestions_as_json_are_one_document(trellis, trained):
    said = trellis("suggest", "1", "--n", "2", "--seed", "7", "--no-diverse", "--blend", "0.5", "--json")
    found = json.loads(said.out)
    assert [item["predicted"] for item in found["items"]] == [item["index"] % len(fake_data.CLASSES) for item in found["items"]]
    assert found["strategies"][1]["disabled"] == "there is no dropout"
    ask = fake_abilities.asked[-1]
    assert (ask.n, ask.seed, ask.diverse, ask.blend) == (2, 7, False, 0.5)
    assert ask.model is not None


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("suggest", "1", "--strategy", "margn"), 1, "did you mean margin?"),
        (("suggest", "nobody"), 1, "There is no model 'nobody'"),
        (("suggest", "1", "-n", "0"), 2, "-n"),
        (("predict", "1", "--out", "table.xlsx"), 2, "must end in .csv or .parquet"),
        (("predict", "nobody"), 1, "There is no model 'nobody'"),
        (("label-curve",), 2, "--out"),
        (("label-curve", "--out", "x", "--data", "tinny"), 1, "Did you mean tiny?"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(trellis, trained, arguments, code, text):
    said = trellis(*arguments)
    assert said.code == code
    assert text in said.err
    assert "Traceback" not in said.err


def test_predictions_go_to_standard_output_as_csv(trellis, trained):
    said = trellis("predict", "1", "--split", "train", "--blend", "0.5")
    assert said.out == "index,split,class,ood\n1,train,'=one,0.25\n2,train,,0.5\n"


def test_predictions_are_written_as_csv_or_parquet_and_as_json(trellis, trained, tmp_path):
    for name in ("p.csv", "p.parquet"):
        assert trellis("predict", "1", "--out", str(tmp_path / name)).code == 0
    assert (tmp_path / "p.csv").read_text().startswith("index,split,class,ood\n1,test,")
    assert polars.read_parquet(tmp_path / "p.parquet").rows() == [(1, "test", "=one", 0.25), (2, "test", None, 0.0)]
    assert json.loads(trellis("predict", "1", "--json").out)["class"] == ["=one", None]


def test_a_label_curve_shows_its_end_and_what_it_says(trellis, home, tmp_path):
    arguments = (
        "label-curve",
        "--data",
        "tiny",
        "--preset",
        "mixed",
        "--strategies",
        "random, margin",
        "--start",
        "5",
        "--out",
        str(tmp_path),
    )
    said = trellis(*arguments)
    assert said.code == 0, said.err
    assert "margin needs 30 labels." in said.out
    assert "table.csv" in said.err
    document = json.loads(trellis(*arguments, "--json").out)
    assert [row["strategy"] for row in document["rows"]] == ["random", "margin"]
    assert document["rows"][0]["labels"] == 5


def test_a_label_curve_of_a_model_trains_what_the_model_is(trellis, trained, tmp_path):
    fake_abilities.asked_curves.clear()
    said = trellis("label-curve", "--model", "First", "--step", "2", "--out", str(tmp_path))
    assert said.code == 0, said.err
    settings = fake_abilities.asked_curves[-1]
    assert settings.configuration is not None
    config, sample = settings.configuration.config, settings.configuration.sample
    assert (settings.data, settings.preset) == ("tiny", None)
    assert config["architecture"]
    assert settings.start == max(sample["num_labeled"], 1) or settings.start == 20
    assert settings.budget == settings.start + 18
    refused = trellis("label-curve", "--model", "First", "--preset", "mixed", "--out", str(tmp_path))
    assert refused.code == 1
    assert "name either a model, or data and a preset" in refused.err


def test_an_interrupted_label_curve_says_that_the_same_command_goes_on(trellis, home, tmp_path):
    said = trellis("label-curve", "--data", "tiny", "--epochs", "13", "--out", str(tmp_path))
    assert said.code == 130
    assert "the same command goes on" in said.err
