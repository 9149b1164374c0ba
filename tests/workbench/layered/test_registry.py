"""The models that files can name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import layered_family
from tests.workbench.layered.conftest import Files, refused
from workbench import families
from workbench.families import DerivedRule, ModelType
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
    ],
)  # fmt: skip
def test_declarations_that_contradict_each_other_are_refused(layered: object, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_beta(replace(layered_family.BETA, layered=layered), words, monkeypatch)


def test_rules_in_a_circle_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = (DerivedRule("width", "", lambda v, f: 1, ("depth",)), DerivedRule("depth", "", lambda v, f: 1, ("width",)))
    refuse_beta(replace(layered_family.BETA, rules=rules), "circle", monkeypatch)


def refuse_beta(beta: ModelType, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "all_families", lambda: (replace(layered_family.FAMILY, models=(layered_family.ALPHA, beta)),))
    with pytest.raises(ValueError, match=words):
        registry()


def test_a_declaration_that_names_fields_which_do_not_exist_is_refused() -> None:
    rule = DerivedRule("nothing", "nothing", lambda values, facts: 1)
    for change in ({"rules": (rule,)}, {"length": "nothing"}, {"seed": "nothing"}, {"alternatives": ("nothing",)}):
        with pytest.raises(TypeError, match="nothing"):
            replace(layered_family.BETA, **change)


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
