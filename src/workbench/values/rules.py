"""Values that follow from the data or from other values: the one engine behind forms, commands, REST and layered files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from workbench.families import DerivedRule
from workbench.fields import AUTO
from workbench.values.kinds import ConfigType


def derived(kind: ConfigType, values: Mapping[str, Any], given: Collection[str], facts: Any) -> dict[str, Any]:
    """`values` with what the rules of `kind` make of them; arguments as in `by_rules`."""
    return by_rules(kind.rules, values, given, facts)


def by_rules(rules: tuple[DerivedRule, ...], values: Mapping[str, Any], given: Collection[str], facts: Any) -> dict[str, Any]:
    """`values` with what the rules make of them.

    Args:
        values: by path, defaults included. given: paths whose value somebody gave; a rule that answers no `auto` leaves them.
        facts: of the data.
    """
    full = dict(values)
    for rule in ordered_rules(rules):
        asked = full.get(rule.key) == AUTO if rule.on_auto else rule.key not in given
        if asked and all(path in full for path in rule.reads) and rule.speaks(full, facts):
            full[rule.key] = rule.compute(full, facts)
    return full


def sources(kind: ConfigType, values: Mapping[str, Any], facts: Any) -> dict[str, str]:
    """Path -> the words of its rule, for every value that is what its rule gives now."""
    found = {}
    for rule in ordered_rules(kind.rules):
        readable = rule.key in values and all(path in values for path in rule.reads)
        if readable and rule.speaks(values, facts) and rule.compute(values, facts) == values[rule.key]:
            found[rule.key] = rule.words
    return found


@cache
def ordered_rules(rules: tuple[DerivedRule, ...]) -> tuple[DerivedRule, ...]:
    """Rules with each after those whose values it reads. Raises ValueError for a circle or a field with two rules."""
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


@cache
def answers_auto(rules: tuple[DerivedRule, ...]) -> frozenset[str]:
    """Paths whose `auto` a rule answers."""
    return frozenset(rule.key for rule in rules if rule.on_auto)


def rule_of(rules: Iterable[DerivedRule], path: str) -> DerivedRule | None:
    """The rule of a field, if it has one."""
    return next((rule for rule in rules if rule.key == path), None)
