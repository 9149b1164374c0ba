"""The models that files can name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import layered_family
from tests.workbench.layered.conftest import Files, refused
from workbench import families
from workbench.families import DerivedRule
from workbench.fields import field_specs
from workbench.layered.registry import entry_of, registry
from workbench.layered.schema import Experiment, ModelChoice, schema_of


def test_every_shipped_model_is_registered_with_its_section_and_factory() -> None:
    entries = registry()
    assert {(e.name, e.family, e.key) for e in entries.values()} >= {("RCMVAE", "rcmvae", "rcmvae")}
    assert all(entry.description for entry in entries.values())
    assert entry_of("rcmvae", "rcmvae").name == "RCMVAE"


def test_every_key_of_the_shipped_models_has_a_help_text() -> None:
    for entry in registry().values():
        assert [key.name for key in schema_of(entry).keys.values() if not key.spec.meta.help.endswith(".")] == []
    assert all(spec.meta.help for owner in (Experiment, ModelChoice) for spec in field_specs(owner))


@pytest.mark.parametrize(
    ("layered", "words"),
    [
        (replace(layered_family.BETA.layered, name="Alpha"), "two models are named Alpha"),
        (replace(layered_family.BETA.layered, key="alpha"), "have the key alpha"),
        (replace(layered_family.BETA.layered, rules=(DerivedRule("a", "", lambda v, f: 1, ("b",)), DerivedRule("b", "", lambda v, f: 1, ("a",)))), "circle"),
    ],
)  # fmt: skip
def test_declarations_that_contradict_each_other_are_refused(layered: object, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    beta = replace(layered_family.BETA, layered=layered)
    monkeypatch.setattr(families, "all_families", lambda: (replace(layered_family.FAMILY, models=(layered_family.ALPHA, beta)),))
    with pytest.raises(ValueError, match=words):
        registry()


def test_a_rule_for_a_key_that_does_not_exist_is_refused(family: None) -> None:
    entry = registry()["Beta"]
    rule = DerivedRule("model.beta.nothing", "nothing", lambda values, facts: 1)
    with pytest.raises(ValueError, match=r"model\.beta\.nothing"):
        schema_of(replace(entry, layered=replace(entry.layered, rules=(rule,))))


@pytest.mark.parametrize(("name", "hint"), [("Alhpa", "Did you mean Alpha?"), ("Nothing", "fake: Alpha, Beta")])
def test_an_unknown_model_offers_the_closest_and_lists_all(files: Files, name: str, hint: str) -> None:
    files.basics()
    files.write("models/m.yaml", f"model:\n  name: {name}\n")
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml"))
    assert (error.code, error.file, error.line) == ("CFG_UNKNOWN_MODEL", "models/m.yaml", 2)
    assert error.hint is not None
    assert hint in error.hint


def test_a_configuration_without_a_model_is_refused(files: Files) -> None:
    files.basics()
    error = refused(lambda: files.resolve("data/d.yaml", "training/t.yaml"))
    assert (error.code, error.key) == ("CFG_UNKNOWN_MODEL", "model.name")


def test_files_of_another_family_are_refused(files: Files) -> None:
    files.basics()
    files.write("training/t.yaml", "\nfamily: other\n")
    error = refused(lambda: files.resolve("models/m.yaml", "data/d.yaml", "training/t.yaml"))
    assert (error.code, error.key, error.file, error.line) == ("CFG_FAMILY", "family", "training/t.yaml", 2)
