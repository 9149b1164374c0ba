"""A dataset whose parameters files may set beside its id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support import layered_family
from tests.support.fake_data import Making
from tests.workbench.layered.conftest import Files, refused
from workbench import families
from workbench.datasets import DatasetError
from workbench.families import DataSource, ImportString

HERE = "tests.workbench.layered.test_varied"


def foresee(params: Making) -> Any:
    """Facts of as many rows as are asked for; a hundred are too many."""
    if params.rows > 100:
        error = DatasetError("That is too much.", code="MADE_UP", hint="Take less.")
        error.key = "data.rows"
        raise error
    return replace(layered_family.fake_data.FACTS, n=params.rows)


@pytest.fixture
def varied(files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    def changed(source: DataSource) -> DataSource:
        return replace(source, varied="made") if source.id == "tiny" else source

    data = layered_family.FAMILY.data
    made = next((source for source in data.sources if source.id == "made"), None)
    assert made is not None
    sources = tuple(changed(source) for source in data.sources if source.id != "made")
    made = replace(made, foresees=ImportString(f"{HERE}:foresee"))
    changed_family = replace(layered_family.FAMILY, data=replace(data, sources=(*sources, made)))
    monkeypatch.setattr(layered_family, "FAMILY", changed_family)
    families.family.cache_clear()
    return files


def test_parameters_beside_the_id_mean_another_dataset(varied: Files) -> None:
    usual = varied.experiment("experiment: {name: a}\n")
    assert usual.dataset_params() is None
    other = varied.experiment("data: {rows: 24}\n")
    assert other.dataset_params() == Making(rows=24)
    assert other.sha256 != usual.sha256
    assert other.architecture_sha256 == usual.architecture_sha256
    varied_of = other.schema.varied
    assert varied_of is not None
    assert varied_of.name_of(Making(rows=24)).startswith("Tiny, ")


def test_parameters_beside_another_id_are_refused_where_they_stand(varied: Files) -> None:
    error = refused(lambda: varied.experiment("data:\n  dataset: big\n  rows: 24\n"))
    assert (error.code, error.key, error.file, error.line) == ("CFG_CROSS_FIELD", "data.rows", "experiments/x.yaml", 4)


def test_parameters_that_cannot_be_made_are_refused_with_the_familys_code(varied: Files) -> None:
    error = refused(lambda: varied.experiment("data:\n  rows: 101\n"))
    assert (error.code, error.key, error.line, error.hint) == ("MADE_UP", "data.rows", 3, "Take less.")


def test_a_rule_that_says_nothing_leaves_what_stands(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(values: Mapping[str, Any], facts: Any) -> bool:
        return values["width"] > 8

    alpha = layered_family.ALPHA
    rules = tuple(replace(rule, speaks=silent) if rule.key == "outputs" else rule for rule in alpha.rules)
    monkeypatch.setattr(layered_family, "FAMILY", replace(layered_family.FAMILY, models=(replace(alpha, rules=rules), layered_family.BETA)))
    families.family.cache_clear()
    files.basics()
    files.write("models/m.yaml", "model: {name: Alpha, alpha: {outputs: 77}}\n")
    assert files.resolve("models/m.yaml", "data/d.yaml")["model.alpha.outputs"] == 77
    files.write("models/m.yaml", "model: {name: Alpha, alpha: {outputs: 77, width: 9}}\n")
    assert files.resolve("models/m.yaml", "data/d.yaml")["model.alpha.outputs"] != 77


def test_an_experiment_says_how_many_seeds(files: Files) -> None:
    assert files.experiment("experiment: {seeds: 3}\n")["experiment.seeds"] == 3
    one, three = files.experiment(""), files.experiment("experiment: {seeds: 3}\n")
    assert one.sha256 == three.sha256
    assert refused(lambda: files.experiment("experiment: {seeds: 0}\n")).code == "CFG_RANGE"
