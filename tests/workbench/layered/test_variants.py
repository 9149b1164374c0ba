"""Variants: the same experiment with other files or values."""

from __future__ import annotations

import pytest

from tests.workbench.layered.conftest import DATA, MODEL, Files, refused
from workbench.layered.files import Library
from workbench.layered.resolve import resolve_variants
from workbench.layered.resolved import ResolvedConfig


def both(files: Files, text: str) -> dict[str | None, ResolvedConfig]:
    files.write("models/m.yaml", MODEL)
    files.write("models/beta.yaml", "model: {name: Beta}")
    files.write("data/d.yaml", DATA)
    files.write("training/t.yaml", "training: {max_epochs: 3}")
    files.write("training/t2.yaml", "training: {max_epochs: 4, learning_rate: 0.4}")
    files.write("experiments/v.yaml", text)
    found = resolve_variants([files.root / "experiments/v.yaml"], library=Library(files.root))
    return {config.variant: config for config in found}


def test_a_variants_files_stand_in_their_layers_place_and_its_values_come_last(files: Files) -> None:
    text = """
includes: [../data/d.yaml, ../training/t.yaml]
training: {learning_rate: 0.9}
variants:
  - name: alpha
    includes: [../models/m.yaml, ../training/t2.yaml]
  - name: beta
    includes: [../models/beta.yaml]
    set: {training.learning_rate: 0.2, training: {clip: null}}
"""
    found = both(files, text)
    assert [config.entry.name for config in found.values()] == ["Alpha", "Beta"]
    assert (found["alpha"]["training.max_epochs"], found["alpha"]["training.learning_rate"]) == (4, 0.9)
    assert (found["beta"]["training.max_epochs"], found["beta"]["training.learning_rate"], found["beta"]["training.clip"]) == (3, 0.2, None)
    assert found["alpha"].sha256 != found["beta"].sha256


def test_what_no_variant_sets_is_the_same_in_all(files: Files) -> None:
    text = "includes: [../models/m.yaml, ../data/d.yaml]\nvariants: [{name: a}, {name: b, set: {training.clip: 1}}]"
    a, b = both(files, text).values()
    assert {path for path in a.leaves if a.leaves[path].value != b.leaves[path].value} == {("training", "clip")}


def test_every_variant_is_checked(files: Files) -> None:
    text = "includes: [../models/m.yaml, ../data/d.yaml]\nvariants:\n  - {name: a, set: {training.clip: -1}}\n  - {name: b, set: {training.clips: 1}}"
    error = refused(lambda: both(files, text))
    assert [(problem.code, problem.line) for problem in error.problems] == [("CFG_RANGE", 3), ("CFG_UNKNOWN_KEY", 4)]


@pytest.mark.parametrize(
    ("variants", "code"),
    [
        ("{}", "CFG_TYPE"), ("[a]", "CFG_TYPE"), ("[{}]", "CFG_NULL"), ("[{name: null}]", "CFG_NULL"), ("[{name: a}, {name: a}]", "CFG_DUPLICATE_KEY"),
        ("[{name: a, sets: {}}]", "CFG_UNKNOWN_KEY"), ("[{name: a, set: 3}]", "CFG_TYPE"), ("[{name: a, includes: x}]", "CFG_TYPE"),
        ("[{name: a, includes: [nowhere.yaml]}]", "CFG_MISSING_FILE"), ("[{name: a, set: {model.alpha.width: 3}}]", "CFG_STRUCTURAL"),
        ("[{name: a, set: {variants: []}}]", "CFG_LAYER_CONTENT"), ("[{name: a, set: {training.clip: 1, training: {clip: 2}}}]", "CFG_DUPLICATE_KEY"),
        ("[{name: a, includes: [../models/beta.yaml]}]", "CFG_LAYER_ORDER"),
    ],
)  # fmt: skip
def test_variants_that_make_no_sense_are_refused(files: Files, variants: str, code: str) -> None:
    error = refused(lambda: both(files, f"includes: [../models/m.yaml, ../data/d.yaml]\nvariants: {variants}"))
    assert (error.code, error.file) == (code, "experiments/v.yaml")
    assert error.line is not None


def test_an_experiment_with_variants_cannot_be_included(files: Files) -> None:
    both(files, "includes: [../models/m.yaml, ../data/d.yaml]\nvariants: [{name: a}]")
    files.write("experiments/w.yaml", "includes: [v.yaml]")
    error = refused(lambda: files.resolve("experiments/w.yaml"))
    assert (error.code, error.key, error.file) == ("CFG_LAYER_CONTENT", "variants", "experiments/v.yaml")


def test_one_variant_is_chosen_by_its_name(files: Files) -> None:
    both(files, "includes: [../models/m.yaml, ../data/d.yaml]\nvariants: [{name: first}, {name: second}]")
    assert files.resolve("experiments/v.yaml", variant="second").variant == "second"
    assert refused(lambda: files.resolve("experiments/v.yaml", variant="secnod")).hint == "Did you mean second?"
    assert refused(lambda: files.resolve("experiments/v.yaml")).hint == "It has first, second."


def test_the_variants_of_the_last_file_count_when_several_are_named(files: Files) -> None:
    both(files, "variants: [{name: a, set: {training.max_epochs: 8}}]\nincludes: [../models/m.yaml, ../data/d.yaml]")
    files.write("experiments/short.yaml", "variants: [{name: a, set: {training.max_epochs: 8}}]")
    (config,) = resolve_variants(
        [files.root / name for name in ("models/m.yaml", "data/d.yaml", "experiments/short.yaml")], library=Library(files.root)
    )
    assert (config.variant, config["training.max_epochs"]) == ("a", 8)
