"""Every combination of shipped files resolves, or is declared as one that cannot."""

from __future__ import annotations

import time

import pytest

from tests.workbench.layered.conftest import Files, refused
from workbench.layered.files import SHIPPED, Library
from workbench.layered.matrix import check_matrix


def test_every_shipped_combination_is_as_declared_and_checked_in_time() -> None:
    begun = time.process_time()
    matrix = check_matrix()
    assert matrix.problems == ()
    assert time.process_time() - begun < 5
    shipped = {path.relative_to(SHIPPED).as_posix() for path in SHIPPED.glob("*/*.yaml")}
    assert {file for outcome in matrix.outcomes for file in outcome.files} == shipped


@pytest.fixture
def tree(files: Files) -> Files:
    files.write("models/m.yaml", "family: fake\nmodel: {name: Alpha, alpha: {shape: plain}}")
    files.write("data/d.yaml", "family: fake\ndata: {dataset: tiny}")
    files.write("training/ok.yaml", "family: fake")
    files.write("training/mixing.yaml", "family: fake\ntraining: {mixing: 0.9}")
    return files


def declare(files: Files, training: str, code: str = "CFG_CROSS_FIELD") -> None:
    text = f'fake:\n  - {{models: ["*"], data: ["*"], training: ["{training}"], code: {code}, why: because}}\n'
    files.write("incompatible.yaml", text)


def problems(files: Files) -> tuple[str, ...]:
    return check_matrix(Library(files.root)).problems


def test_an_undeclared_error_fails(tree: Files) -> None:
    (problem,) = problems(tree)
    assert problem.startswith("models/m.yaml + data/d.yaml + training/mixing.yaml: training/mixing.yaml:2: CFG_CROSS_FIELD")


def test_a_declared_error_is_as_it_should_be(tree: Files) -> None:
    declare(tree, "mix*")
    assert problems(tree) == ()


def test_a_declaration_with_another_code_fails(tree: Files) -> None:
    declare(tree, "mix*", "CFG_RANGE")
    assert len(problems(tree)) == 2


def test_a_declared_error_that_no_longer_occurs_fails(tree: Files) -> None:
    declare(tree, "*")
    (problem,) = problems(tree)
    assert "training/ok.yaml resolves, although incompatible.yaml:2 declares CFG_CROSS_FIELD" in problem
    declare(tree, "mix*")
    (tree.root / "training" / "mixing.yaml").unlink()
    assert problems(tree) == ("incompatible.yaml:2: nothing fails in this way any more",)


def test_experiments_and_their_variants_are_checked(tree: Files) -> None:
    declare(tree, "mix*")
    tree.write(
        "experiments/x.yaml", "includes: [../models/m.yaml, ../data/d.yaml]\nvariants: [{name: a}, {name: b, set: {training.clip: -1}}]"
    )
    (problem,) = problems(tree)
    assert problem.startswith("experiments/x.yaml: experiments/x.yaml:2: CFG_RANGE")


def test_a_declaration_that_cannot_be_understood_is_refused(tree: Files) -> None:
    tree.write("incompatible.yaml", "fake:\n  - {models: ['*'], code: CFG_RANGE}\n")
    error = refused(lambda: problems(tree))
    assert (error.code, error.file, error.line) == ("CFG_TYPE", "incompatible.yaml", 2)


def test_a_shipped_file_that_names_no_family_is_refused(tree: Files) -> None:
    tree.write("training/ok.yaml", "")
    assert refused(lambda: problems(tree)).code == "CFG_FAMILY"
