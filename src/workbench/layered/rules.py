"""Derived values: the rules of a model, those of its data included, in the order in which they can be carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from workbench.families import DatasetFacts, DerivedRule, ModelType
from workbench.fields import field_specs
from workbench.values import data_values

DATASET = "data.dataset"


def rules_of(model_type: ModelType, section: str, declared: Iterable[DerivedRule]) -> tuple[DerivedRule, ...]:
    """Every rule of a model whose architecture stands in `section`: what its dataset determines, then what it declares."""
    return ordered_rules((*_data_rules(model_type, section), *declared))


def ordered_rules(rules: Iterable[DerivedRule]) -> tuple[DerivedRule, ...]:
    """Rules with each after those whose values it reads. Raises ValueError for a circle or a key with two rules."""
    by_key: dict[str, DerivedRule] = {}
    for rule in rules:
        if rule.key in by_key:
            raise ValueError(f"{rule.key} has two rules: {by_key[rule.key].words} and {rule.words}")
        by_key[rule.key] = rule
    try:
        order = list(TopologicalSorter({key: rule.reads for key, rule in by_key.items()}).static_order())
    except CycleError as error:
        raise ValueError(f"the rules of derived values form a circle: {' -> '.join(error.args[1])}") from error
    return tuple(by_key[key] for key in order if key in by_key)


def _data_rules(model_type: ModelType, section: str) -> list[DerivedRule]:
    """A rule for each structural field that the dataset determines."""
    nothing_yet = DatasetFacts(shape=(), n=0, class_names=(), n_train=0, n_test=0)
    labels = {spec.name: spec.label.lower() for spec in field_specs(model_type.architecture)}
    return [
        DerivedRule(f"{section}.{name}", f"{labels[name]} of {DATASET}", _from_data(model_type, name), (DATASET,))
        for name in data_values(model_type, nothing_yet)
    ]


def _from_data(model_type: ModelType, name: str) -> Any:
    def compute(_: Mapping[str, Any], facts: DatasetFacts) -> Any:
        return data_values(model_type, facts)[name]

    return compute
