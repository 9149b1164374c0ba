"""Everything that is wrong is told at once, and nothing that only follows from a mistake told already."""

from __future__ import annotations

import pytest

from tests.workbench.layered.conftest import Files, refused
from workbench.layered.resolve import resolve_variants


def told(error: object) -> list[tuple[str, str]]:
    return [(problem.code, problem.key) for problem in getattr(error, "problems", ())]


def test_mistakes_of_every_stage_are_told_together(files: Files) -> None:
    overrides = ["training.max_epoch=3", "training.learning_rate=fast", "data.num_labeled=45", "training.noise_scale=0.5"]
    error = refused(lambda: files.experiment("allow_structural: [model.alpha.parts]\nmodel: {alpha: {parts: 2}}\n", overrides=overrides))
    assert [problem.file for problem in error.problems] == ["experiments/x.yaml", "cli#1", "cli#2", "cli#3", "cli#4"]
    assert told(error) == [
        ("CFG_CROSS_FIELD", "model.alpha.parts"), ("CFG_UNKNOWN_KEY", "training.max_epoch"), ("CFG_TYPE", "training.learning_rate"),
        ("CFG_CROSS_FIELD", "data.num_labeled"), ("CFG_CROSS_FIELD", "training.noise_scale"),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["training.use_nose=true", "training.use_noise=maybe"])
def test_what_would_be_right_if_the_mistake_were_mended_is_not_told(files: Files, wrong: str) -> None:
    error = refused(lambda: files.experiment("", overrides=[wrong, "training.noise_scale=0.5"]))
    assert [problem.file for problem in error.problems] == ["cli#1"]


def test_a_dataset_that_is_not_there_hides_no_mistake_that_any_data_has(files: Files) -> None:
    overrides = ["data.dataset=tinny", "data.num_labeled=45", "training.noise_scale=0.5", "model.alpha.outputs=12"]
    assert told(refused(lambda: files.experiment("", overrides=overrides))) == [
        ("CFG_RANGE", "data.dataset"), ("CFG_CROSS_FIELD", "data.num_labeled"), ("CFG_CROSS_FIELD", "training.noise_scale"),
    ]  # fmt: skip
    assert told(refused(lambda: files.experiment("", overrides=["model.alpha.outputs=12"]))) == [
        ("CFG_DERIVED_CONFLICT", "model.alpha.outputs")
    ]


def test_without_any_data_the_rest_is_judged_all_the_same(files: Files) -> None:
    files.basics()
    error = refused(lambda: files.resolve("models/m.yaml", overrides=["training.noise_scale=0.5"]))
    assert sorted(told(error)) == [("CFG_CROSS_FIELD", "training.noise_scale"), ("CFG_NULL", "data.dataset")]


def test_a_sample_that_cannot_be_drawn_hides_no_mistake_of_training(files: Files) -> None:
    error = refused(lambda: files.experiment("", overrides=["data.num_labeled=45", "training.noise_scale=0.5"]))
    assert told(error) == [("CFG_CROSS_FIELD", "data.num_labeled"), ("CFG_CROSS_FIELD", "training.noise_scale")]


def test_a_rule_that_reads_a_refused_value_accuses_nobody(files: Files) -> None:
    overrides = ["model.alpha.size=hughe", "model.alpha.outputs=9"]
    error = refused(lambda: files.experiment("allow_structural: [model.alpha.size]\n", overrides=overrides))
    assert told(error) == [("CFG_RANGE", "model.alpha.size")]


def test_a_mistake_that_variants_share_is_told_once(files: Files) -> None:
    files.basics()
    text = "includes: [../models/m.yaml, ../data/d.yaml]\nvariants:\n- {name: a}\n- {name: b, set: {training: {noise_scale: 0.5}}}\n"
    path = files.write("experiments/x.yaml", text)
    error = refused(lambda: resolve_variants([path], ["training.max_epoch=3"]))
    assert told(error) == [("CFG_UNKNOWN_KEY", "training.max_epoch"), ("CFG_CROSS_FIELD", "training.noise_scale")]
