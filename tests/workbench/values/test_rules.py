"""Values that follow from the data or from others: in which order, when, and what is said about them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.fake_data import FACTS as IMAGES
from tests.support.layered_family import ALPHA, BIG_FACTS
from tests.support.nested_config import FACTS, KIND, Columns
from workbench.families import DerivedRule
from workbench.values import derived, ordered_rules, sources, validate


def rule(key: str, *reads: str) -> DerivedRule:
    return DerivedRule(key, f"rule of {key}", lambda values, facts: 1, reads)


def test_rules_are_carried_out_after_those_that_they_read() -> None:
    assert [
        r.key
        for r in ordered_rules(
            (
                rule("a", "b"),
                rule("b", "c"),
                rule("c", "data.dataset"),
            )
        )
    ] == ["c", "b", "a"]


def test_rules_in_a_circle_and_two_rules_for_one_key_are_faults_of_the_declaration() -> None:
    with pytest.raises(ValueError, match="circle"):
        ordered_rules(
            (
                rule("a", "b"),
                rule("b", "a"),
            )
        )
    with pytest.raises(ValueError, match="two rules"):
        ordered_rules(
            (
                rule("a"),
                rule("a"),
            )
        )


def test_a_rule_gives_what_nobody_gave_and_leaves_what_somebody_did() -> None:
    values = {"encoder.kind": "plain", "inputs": 3}
    assert derived(KIND, values, (), Columns(9))["inputs"] == 9
    assert derived(KIND, values, {"inputs"}, Columns(9))["inputs"] == 3


def test_auto_is_answered_by_its_rule_wherever_it_is_given() -> None:
    for given in ({"size": "auto"}, {"size": " Auto "}, {"architecture": {"size": "auto"}}):
        assert validate(ALPHA, given, BIG_FACTS).stored()["architecture"]["size"] == "large"
        assert validate(ALPHA, given, IMAGES).stored()["architecture"]["size"] == "small"


def test_a_rule_reads_what_other_rules_gave() -> None:
    assert validate(ALPHA, {"size": "auto"}, BIG_FACTS).stored()["architecture"]["outputs"] == 9
    assert validate(ALPHA, {"size": "small"}, BIG_FACTS).stored()["architecture"]["outputs"] == 6


def test_only_a_value_that_is_its_rules_is_said_to_come_from_it() -> None:
    values: dict[str, Any] = {"encoder.kind": "gated", "decoder.kind": "plain", "inputs": 7}
    assert sources(KIND, values, FACTS) == {"inputs": "columns of the table"}
    assert sources(KIND, {**values, "decoder.kind": "gated", "inputs": 8}, FACTS) == {"decoder.kind": "that of the encoder"}


def test_a_rule_without_what_it_reads_gives_nothing() -> None:
    kind = replace(KIND, rules=(DerivedRule("inputs", "from nowhere", lambda values, _: values["nowhere"], ("nowhere",)),))
    assert [p.path for p in validate(kind, {}, FACTS).problems] == ["inputs"]
