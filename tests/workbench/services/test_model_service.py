from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from rcmvae.holding import held
from workbench.commands.base import CommandError


def create(bench: Any, **more: Any) -> Any:
    given = {"actor": "me", "family": "fake", "model_type": "toy", "dataset_id": "tiny", "values": {}, **more}
    return bench.models.create(**given)


def nothing_is_left(bench: Any) -> bool:
    folder = bench.artefacts.path("models")
    return not bench.state().models and not (folder.exists() and list(folder.iterdir()))


@pytest.mark.parametrize(
    ("more", "paths", "words"),
    [
        ({"sample": {"num_samples": 10, "num_labeled": 11}}, ["sample.num_labeled"], "11 labelled samples are more than the 10 in total"),
        ({"sample": {"num_samples": 10, "num_labeled": 9}}, ["sample.num_labeled"], "9 are more than the 8 training rows"),
        ({"sample": {"num_sampels": 10}}, ["sample.num_sampels"], "did you mean num_samples"),
        ({"values": {"parts": 2}, "sample": {"val_split": 0.9}}, ["parts", "sample.val_split"], "3 classes, 2 parts"),
        ({"values": {"with": 3}}, ["with"], "did you mean width"),
        ({"values": "{"}, ["config"], "not valid JSON"),
        ({"family": "fakes"}, ["family"], "no family 'fakes'"),
        ({"model_type": "toyy"}, ["model_type"], "no model type 'toyy'"),
        ({"dataset_id": "nothing"}, ["id"], "no dataset nothing"),
        ({"dataset_id": "../etc"}, ["id"], "is not the id of a dataset"),
        ({"name": "x" * 101}, ["name"], "at most 100 characters"),
        ({"tags": ["x" * 51]}, ["tags"], "A tag has"),
    ],
)
def test_bad_input_is_refused_at_its_place_and_leaves_nothing(bench: Any, more: Any, paths: list[str], words: str) -> None:
    before = bench.state().models
    with pytest.raises(CommandError) as caught:
        create(bench, **more)
    assert [p.path for p in caught.value.problems] == paths
    assert words in caught.value.message
    assert bench.state().models == before
    assert nothing_is_left(bench)


def test_what_is_misspelt_gets_a_hint(bench: Any) -> None:
    with pytest.raises(CommandError) as caught:
        create(bench, family="fak")
    assert caught.value.hint == "Did you mean fake?"


def test_a_full_disk_leaves_nothing(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(CommandError, match="disk is full"):
            create(bench)
    assert not bench.state().models
    assert create(bench).number == 1


def test_the_same_seed_draws_the_same_sample(bench: Any) -> None:
    first, second, other = (create(bench, sample={"sampling_seed": seed}) for seed in (1, 1, 2))
    assert held(first).sample.sha256 == held(second).sample.sha256 != held(other).sample.sha256
    rows = bench.models.read(first)
    assert rows.labelable == set(rows.train.tolist()) | set(rows.validation.tolist())
    assert not rows.labelable & set(rows.test.tolist())


def test_a_models_config_in_words_and_resolved(bench: Any) -> None:
    model = create(bench, values={"width": 16})
    assert bench.models.resolved(model)["parts"] == 3
    assert ("Width", "16") in bench.models.summary(model)


def test_labels_of_an_unknown_model_are_not_found(bench: Any) -> None:
    with pytest.raises(CommandError) as caught:
        bench.models.labels("model_0000000000000")
    assert caught.value.code == "not_found"
