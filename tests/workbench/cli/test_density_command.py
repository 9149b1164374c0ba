"""`trellis density` asks the model's family, with the sample's rows and the kept weights."""

import dataclasses
import json

import pytest

from tests.support import fake_family
from workbench import families


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
        "n": fake_family.TEST_ROWS,
    }  # fmt: skip


def test_what_has_no_density_says_why(trellis, trained, monkeypatch):
    assert "There is no model" in trellis("density", "Second").err
    assert trellis("density", "First", "--samples", "0").code != 0
    monkeypatch.setattr(fake_family, "FAMILY", dataclasses.replace(fake_family.FAMILY, density=None))
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
