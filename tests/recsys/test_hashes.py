from __future__ import annotations

import hashlib
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.features.config import FeatureConfig
from recsys.hashes import canonical_json, content_hash
from recsys.model.config import ModelConfig, document_of
from recsys.model.training import Training
from workbench.fields import ConfigModel, Structural, field

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text(max_size=5), VALUES, max_size=5)


def shuffled(value: Any) -> Any:
    """The same with its keys in another order and lists as tuples."""
    if isinstance(value, dict):
        names = list(value)
        random.Random(0).shuffle(names)
        return {name: shuffled(value[name]) for name in names}
    return tuple(shuffled(entry) for entry in value) if isinstance(value, list) else value


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_order_of_keys_names_and_times_make_no_difference(document: dict[str, Any]) -> None:
    named = shuffled(document) | {
        "id": "m1",
        "name": "Mine",
        "description": "",
        "version": 7,
        "updated_at": "now",
    }
    assert content_hash(named) == content_hash({**document, "created_at": "then", "name": "Yours"})


def test_the_hash_is_sha_256_of_sorted_json_without_spaces() -> None:
    text = '{"a":[1,0.5],"b":{"c":null,"d":"é"}}'
    document = {"name": "x", "b": {"d": "é", "c": None}, "a": (1.0, 0.5)}
    assert canonical_json(document) == text
    assert content_hash(document) == hashlib.sha256(text.encode()).hexdigest()


def test_a_name_within_the_content_counts() -> None:
    assert content_hash({"a": {"name": "x"}}) != content_hash({"a": {"name": "y"}})


def test_values_and_places_count() -> None:
    base = content_hash({"a": [1, 2]})
    assert base != content_hash({"a": [2, 1]})
    assert base != content_hash({"b": [1, 2]})
    assert content_hash({"a": 1}) != content_hash({"a": True})


def test_a_feature_configuration_has_a_hash() -> None:
    config = FeatureConfig()
    assert content_hash(config) == content_hash(config.model_dump(mode="json"))


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        content_hash({"a": float("nan")})


STORED = {
    "model": (ModelConfig().content_hash, "3bc4250369f08240f74d69cb73db1214a14419ba3f7403ed4dfa54900b101144"),
    "features": (
        content_hash(FeatureConfig()),
        "62f15cf4c48a3fc163e566351067828557aa4f0f83c02d20513a305df3075547",
    ),
}
"""Hashes of configurations that say nothing, as the first Trellis that had any stored them."""


@pytest.mark.parametrize("which", STORED)
def test_hashes_are_those_that_were_stored_before_fields_were_added(which: str) -> None:
    now, stored = STORED[which]
    assert now == stored, (
        "mark a field that was added with field(..., later=True); a default that was changed, with introduced_default"
    )


class Before(ConfigModel):
    width: Structural[int] = field(8, label="Width")


class Since(Before):
    depth: Structural[int] = field(2, label="Depth", later=True)
    rate: Structural[float] = field(0.5, label="Rate", later=True, introduced_default=0.1)


class Holder(ConfigModel):
    parts: Structural[tuple[Before | Since, ...]] = field((), label="Parts")


def test_a_field_that_was_added_later_counts_where_it_is_not_as_before() -> None:
    before = content_hash(Before(width=4))
    assert content_hash(Since(width=4, rate=0.1)) == before
    assert content_hash(Since(width=4, rate=0.1, depth=3)) != before
    assert content_hash(Since(width=4)) != before, "its default has changed since"
    held = [
        content_hash(Holder(parts=(part,)))
        for part in (Before(width=4), Since(width=4, rate=0.1), Since(width=4))
    ]
    assert held[0] == held[1] != held[2]
    assert content_hash({"x": Since(width=4, rate=0.1)}) == content_hash({"x": Before(width=4)})


def test_the_same_model_settings_with_histograms_are_others() -> None:
    asked = ModelConfig(training=Training(histogram_epochs=5))
    assert asked.content_hash != ModelConfig().content_hash
    assert "histogram_epochs" in document_of(ModelConfig())
