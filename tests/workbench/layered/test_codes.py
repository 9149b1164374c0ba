"""Every error code: one minimal file each in `wrong/<code>/entry.yaml`, and the key and line that the error must name."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest

from tests.support import layered_family
from tests.workbench.layered.conftest import refused
from workbench import families
from workbench.layered.problems import Code, LayeredProblem, fail
from workbench.layered.resolve import resolve

WRONG = Path(__file__).parent / "wrong"
EXPECTED: dict[Code, tuple[str | None, int | None]] = {
    "CFG_MISSING_FILE": (None, 3),
    "CFG_UNREADABLE": (None, 3),
    "CFG_PARSE": (None, 4),
    "CFG_DUPLICATE_KEY": ("max_epochs", 5),
    "CFG_LIMIT": (None, 3),
    "CFG_CYCLE": (None, 3),
    "CFG_PATH_OUTSIDE": (None, 3),
    "CFG_LAYER_UNKNOWN": ("layer", 1),
    "CFG_LAYER_ORDER": (None, 5),
    "CFG_LAYER_CONTENT": ("training", 3),
    "CFG_UNKNOWN_KEY": ("training.max_epoch", 5),
    "CFG_UNKNOWN_MODEL": ("model.name", 3),
    "CFG_INACTIVE_SECTION": ("model.beta", 5),
    "CFG_STRUCTURAL": ("model.rcmvae.latent_dim", 7),
    "CFG_DERIVED_CONFLICT": ("model.rcmvae.num_classes", 5),
    "CFG_TYPE": ("training.max_epochs", 5),
    "CFG_RANGE": ("training.learning_rate", 5),
    "CFG_NULL": ("training.max_epochs", 5),
    "CFG_CROSS_FIELD": ("training.consistency_weight", 5),
    "CFG_FAMILY": ("family", 2),
    "CFG_OVERRIDE": ("training.max_epochs", None),
}


DATA: dict[Code, str] = {"CFG_LAYER_CONTENT": "digits", "CFG_INACTIVE_SECTION": "tiny"}
"""Datasets of files that may name none, whose want of one would be told, too."""


@pytest.fixture(autouse=True)
def two_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped families and one whose models are two."""
    monkeypatch.setattr(families, "FAMILIES", {**families.FAMILIES, "fake": f"{layered_family.HERE}:FAMILY"})


def test_every_code_has_its_file() -> None:
    codes = set(typing.get_args(Code))
    assert codes == set(EXPECTED) == {folder.name for folder in WRONG.iterdir()}


@pytest.mark.parametrize("code", EXPECTED)
def test_the_error_names_its_code_key_file_and_line(code: Code) -> None:
    overrides = ["training.max_epochs"] if code == "CFG_OVERRIDE" else [f"data.dataset={DATA[code]}"] if code in DATA else []
    error = refused(lambda: resolve([WRONG / code / "entry.yaml"], overrides))
    assert (error.code, error.key, error.line) == (code, *EXPECTED[code])
    assert error.file == ("cli#1" if code == "CFG_OVERRIDE" else "entry.yaml")
    assert len(error.problems) == 1


def test_a_problem_reads_as_file_line_code_text_and_hint() -> None:
    assert str(LayeredProblem("CFG_TYPE", "it is wrong", "a.b", "x.yaml", 3, "Mend it.")) == "x.yaml:3: CFG_TYPE: it is wrong (Mend it.)"
    assert str(fail("CFG_TYPE", "it is wrong", file="cli#1")) == "cli#1: CFG_TYPE: it is wrong"
