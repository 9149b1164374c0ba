"""`trellis density` asks the model's family, with the sample's rows and the kept weights."""

import dataclasses
import json

import pytest

from rcmvae.density_kept import keep
from tests.support import fake_data, fake_family
from workbench import families
from workbench.artefacts import DiskFull
from workbench.settings import Settings


@pytest.fixture
def trained(trellis):
    said = trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)


def test_the_density_is_said_with_everything_that_it_depends_on(trellis, trained):
    said = trellis("density", "First", "--samples", "123", "--split", "validation", "--binarise")
    assert said.code == 0, said.err
    for words in ("81.500 nats an image (standard error 0.250)", "validation images", "static", "123 an image"):
        assert words in said.out


def test_as_json_it_is_one_document_about_the_test_images(trellis, trained):
    values = json.loads(trellis("density", "#1", "--json").out)
    assert values == {
        "model": trained["model_id"], "nll": 81.5, "standard_error": 0.25, "samples": 5000, "binarisation": "none", "split": "test",
        "n": fake_data.TEST_ROWS,
    }  # fmt: skip


def test_it_is_kept_with_the_run_whose_weights_it_is_of(trellis, trained, home):
    folder = Settings.load(home=home).written / "runs" / trained["id"]
    read = lambda name: json.loads((folder / name).read_text())  # noqa: E731
    before = read("summary.json")
    for arguments in ((), ("--split", "validation"), ("--binarise",), ()):
        said = trellis("density", "First", *arguments)
        assert said.code == 0, said.err
        assert f"with run #{trained['number']}" in said.out
    kept = read("density.json")
    assert kept["checkpoint"] == before["kept"]
    asked = [(found["split"], found["binarisation"], found["nll"]) for found in kept["results"]]
    assert asked == [("validation", "none", 81.5), ("test", "static", 81.5), ("test", "none", 81.5)]
    summary = read("summary.json")
    assert summary.pop("metrics")["density"]["nll"] == {
        "value": 81.5, "split": "test", "n": fake_data.TEST_ROWS, "state": "success", "reason": None
    }  # fmt: skip
    assert summary == {name: value for name, value in before.items() if name != "metrics"}
    assert "| Nll | 81.5 | test" in (folder / "REPORT.md").read_text()
    files = {entry["name"]: entry["size"] for entry in read("manifest.json")["files"]}
    assert files["density.json"] == (folder / "density.json").stat().st_size
    assert files["summary.json"] == (folder / "summary.json").stat().st_size


def test_a_later_run_s_weights_never_show_an_earlier_run_s_density(trellis, trained, home):
    assert trellis("density", "First").code == 0
    later = json.loads(trellis("train", "--model", "First", "--json").out)
    folder = Settings.load(home=home).written / "runs"
    assert "density" not in json.loads((folder / later["id"] / "summary.json").read_text())["metrics"]
    assert not (folder / later["id"] / "density.json").exists()
    assert "density" in json.loads((folder / trained["id"] / "summary.json").read_text())["metrics"]


def test_weights_that_the_run_no_longer_keeps_leave_its_summary_alone(trellis, trained, bench, home):
    assert trellis("density", "First").code == 0
    model = bench.models.get(trained["model_id"])
    folder = Settings.load(home=home).written / "runs" / trained["id"]
    before = (folder / "summary.json").read_text()
    other = model.weights.model_copy(update={"path": f"{model.weights.path}.old", "sha256": "0" * 64})
    assert not keep(bench, other, {"nll": 3.0, "split": "test"}, {"nll": {"value": 3.0}})
    assert (folder / "summary.json").read_text() == before
    assert [found["nll"] for found in json.loads((folder / "density.json").read_text())["results"]] == [3.0]


def test_a_result_that_cannot_be_kept_is_told_all_the_same(trellis, trained, monkeypatch):
    def full(*_):
        raise DiskFull("The disk is full.")

    monkeypatch.setattr("rcmvae.cli.density.keep", full)
    said = trellis("density", "First")
    assert said.code == 0
    assert "81.500 nats" in said.out
    assert "could not be kept with run #1. The disk is full." in said.err


def test_what_has_no_density_says_why(trellis, trained, monkeypatch):
    assert "There is no model" in trellis("density", "Second").err
    assert trellis("density", "First", "--samples", "0").code != 0
    monkeypatch.setattr(fake_family, "FAMILY", dataclasses.replace(fake_family.FAMILY, abilities={}))
    families.family.cache_clear()
    said = trellis("density", "First")
    assert said.code == 1
    assert "First is no density of its data" in said.err
    assert "Traceback" not in said.err


def test_a_model_without_weights_is_sent_to_training(trellis, bench):
    record = bench.models.create(actor="user", family="fake", model_type="toy", dataset_id="tiny", values={}, sample={}, name="Raw")
    said = trellis("density", "Raw")
    assert said.code == 1
    assert f"trellis train --model {record.id}" in said.err
