"""Values have the type of their key: whole numbers pass for numbers, and nothing else for something else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workbench.layered.conftest import Files, refused


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("learning_rate", "1", 1.0), ("learning_rate", "1e-3", 1e-3), ("max_epochs", "012", 12), ("clip", "null", None), ("clip", "~", None),
        ("use_noise", "True", True), ("monitor", "accuracy", "accuracy"),
    ],
)  # fmt: skip
def test_values_that_fit_are_taken(files: Files, key: str, text: str, value: Any) -> None:
    found = files.experiment(f"training: {{{key}: {text}}}")[f"training.{key}"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        ("max_epochs", "3.0", "CFG_TYPE"), ("max_epochs", "true", "CFG_TYPE"), ("max_epochs", "'3'", "CFG_TYPE"), ("max_epochs", "[3]", "CFG_TYPE"),
        ("max_epochs", "{a: 3}", "CFG_TYPE"), ("max_epochs", "0", "CFG_RANGE"), ("max_epochs", "null", "CFG_NULL"), ("max_epochs", "", "CFG_NULL"),
        ("max_epochs", "auto", "CFG_TYPE"), ("learning_rate", "true", "CFG_TYPE"), ("learning_rate", ".nan", "CFG_RANGE"),
        ("learning_rate", ".inf", "CFG_RANGE"), ("learning_rate", "2", "CFG_RANGE"), ("learning_rate", "1" + "0" * 400, "CFG_RANGE"),
        ("use_noise", "yes", "CFG_TYPE"), ("use_noise", "1", "CFG_TYPE"), ("monitor", "los", "CFG_RANGE"), ("monitor", "null", "CFG_NULL"),
        ("monitor", "true", "CFG_TYPE"), ("monitor", "1.5", "CFG_TYPE"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused_with_key_and_line(files: Files, key: str, text: str, code: str) -> None:
    error = refused(lambda: files.experiment(f"training:\n  {key}: {text}"))
    assert (error.code, error.key, error.file, error.line) == (code, f"training.{key}", "experiments/x.yaml", 3)


def test_a_wrong_choice_offers_the_closest(files: Files) -> None:
    assert refused(lambda: files.experiment("training: {monitor: acuracy}")).hint == "Did you mean accuracy?"


def test_text_fields_take_a_whole_number_as_it_is_written(files: Files) -> None:
    assert files.experiment("experiment: {name: 0717450, tags: [007, b]}").values()["experiment"] == {
        "name": "0717450",
        "tags": ("007", "b"),
        "note": "",
        "seeds": 1,
        "sweep": None,
    }
    assert refused(lambda: files.experiment("experiment: {name: 1e-3}")).hint == "Put it in quotes."


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[4, 2, 1]", None),
        ("[]", "CFG_RANGE"),
        ("[1, 2, 3, 4, 5]", "CFG_RANGE"),
        ("[4, 0]", "CFG_RANGE"),
        ("[4, x]", "CFG_TYPE"),
        ("4", "CFG_TYPE"),
    ],
)
def test_lists_have_their_length_and_entries_checked(files: Files, text: str, code: str | None) -> None:
    body = f"allow_structural: [model.alpha.layers]\nmodel: {{alpha: {{layers: {text}}}}}"
    if code is None:
        assert files.experiment(body)["model.alpha.layers"] == (4, 2, 1)
    else:
        assert refused(lambda: files.experiment(body)).code == code


def test_a_list_of_fixed_length_says_how_long_it_is() -> None:
    from rcmvae.family import FAMILY
    from workbench.layered.registry import registry
    from workbench.layered.schema import schema_of
    from workbench.layered.typed import Refused, typed
    from workbench.layered.yaml12 import parse_value

    assert FAMILY.models
    key = schema_of(registry()["RCMVAE"]).keys["model", "rcmvae", "input_shape"]
    assert typed(key, parse_value("[8, 8, 1]", "x")) == (8, 8, 1)
    with pytest.raises(Refused, match="a list of 3 values"):
        typed(key, parse_value("[8, 8]", "x"))


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("experiment.name=1e-3", "1e-3"), ("experiment.name= a: b # c", " a: b # c"), ("experiment.name=null", None), ("experiment.name=", ""),
        ("experiment.tags=[a, '1']", ("a", "1")), ("training.clip=null", None), ("training.clip=2", 2.0), ("training.monitor=accuracy", "accuracy"),
        ("training.use_noise=true", True), ("training.max_epochs = 7", 7),
    ],
)  # fmt: skip
def test_overrides_are_typed_by_their_key(files: Files, override: str, value: Any) -> None:
    config = files.experiment("", overrides=[override])
    assert config[override.partition("=")[0].strip()] == value


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ("training.max_epochs", "CFG_OVERRIDE"), ("=3", "CFG_OVERRIDE"), ("", "CFG_OVERRIDE"), ("layer=data", "CFG_OVERRIDE"),
        ("includes=[a]", "CFG_OVERRIDE"), ("variants=[]", "CFG_OVERRIDE"), ("allow_structural=[]", "CFG_OVERRIDE"),
        ("training.max_epochs=[", "CFG_OVERRIDE"), ("training.max_epochs={a: 1}", "CFG_OVERRIDE"), ("training.max_epochs=x", "CFG_TYPE"),
        ("training.max_epochs=0", "CFG_RANGE"), ("training.max_epochs=null", "CFG_NULL"), ("training=3", "CFG_UNKNOWN_KEY"),
        ("training.epochs=3", "CFG_UNKNOWN_KEY"), ("training..max_epochs=3", "CFG_UNKNOWN_KEY"),
    ],
)  # fmt: skip
def test_an_override_that_cannot_be_used_names_its_number(files: Files, override: str, code: str) -> None:
    error = refused(lambda: files.experiment("", overrides=["training.max_epochs=2", override]))
    assert (error.code, error.file) == (code, "cli#2")


def test_an_override_without_its_section_is_told_the_whole_key(files: Files) -> None:
    assert refused(lambda: files.experiment("", overrides=["max_epochs=2"])).hint == "Did you mean training.max_epochs?"


def test_of_two_overrides_the_last_wins_and_both_are_explained(files: Files) -> None:
    config = files.experiment("", overrides=["training.max_epochs=5", "training.max_epochs=6"])
    assert config["training.max_epochs"] == 6
    assert [str(write.source) for write in config.leaves["training", "max_epochs"].chain] == ["default(Training)", "cli#1", "cli#2"]
