"""What is proposed can be searched, of every tunable setting of every family."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from workbench import families
from workbench.families import ModelType
from workbench.fields import FieldSpec
from workbench.sweeps.checks import checked_space, objective_of, objectives
from workbench.sweeps.proposing import proposed, searchable

KINDS = [(name, kind) for name in families.FAMILIES for kind in families.family(name).models]
ids = [f"{name}-{kind.name}" for name, kind in KINDS]


def stored_of(kind: ModelType) -> dict[str, dict[str, Any]]:
    """The defaults as a record holds them, with what follows from data made up."""

    def made_up(spec: FieldSpec) -> Any:
        entries = get_args(spec.annotation)
        return (8,) * (1 if Ellipsis in entries else len(entries)) if spec.value_type is tuple else 10

    flat = {name: made_up(spec) if spec.required else spec.default for name, spec in kind.fields.specs.items()}
    return {section: {n: v for n, v in flat.items() if kind.fields.section[n] == section} for section in kind.sections}


@pytest.mark.parametrize(("name", "kind"), KINDS, ids=ids)
def test_every_proposal_of_a_tunable_setting_is_accepted(name: str, kind: ModelType) -> None:
    found = 0
    for spec in searchable(kind, _resolved(kind), architectures=False):
        parameter = proposed(spec, _resolved(kind).get(spec.name))
        space, problems = checked_space(kind, stored_of(kind), [parameter.text], None, architectures=False)
        assert not problems, (parameter.text, problems)
        assert space[0].path == spec.name
        found += 1
    assert found > 5


@pytest.mark.parametrize(("name", "kind"), KINDS, ids=ids)
def test_a_family_has_a_metric_that_a_search_can_be_about(name: str, kind: ModelType) -> None:
    declared = families.family(name)
    known = objectives(declared)
    assert known
    assert objective_of(declared, "auto") in known
    assert all(declared.measures.of(key).direction for key in known)


def _resolved(kind: ModelType) -> dict[str, Any]:
    stored = stored_of(kind)
    return kind.resolve({name: value for part in stored.values() for name, value in part.items()})
