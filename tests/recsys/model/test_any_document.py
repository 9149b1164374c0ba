"""Documents of every shape, made at random: none breaks the reader, and what is read comes back."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.issues import InvalidDocument
from recsys.model.config import SECTIONS, document_of
from recsys.model.validate import read, validate
from workbench.fields import applicability_problems, fields_of, flat_values

LAYER = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("dense"), "units": st.integers(1, 64)},
        optional={
            "activation": st.sampled_from(["relu", None, "gelu"]),
            "l2_reg": st.sampled_from([0, 0.5, 1]),
        },
    ),
    st.fixed_dictionaries({"type": st.just("dropout")}, optional={"rate": st.sampled_from([0, 0.5])}),
    st.just({"type": "batch_norm"}),
    st.fixed_dictionaries({"type": st.just("layer_norm")}, optional={"epsilon": st.just(0.001)}),
)


VALID = st.fixed_dictionaries(
    {},
    optional={
        "model_type": st.sampled_from(["retrieval", "ranking", "multitask"]),
        "buyer_tower_layers": st.lists(LAYER, min_size=1, max_size=3),
        "product_tower_layers": st.lists(LAYER, min_size=1, max_size=3),
        "output_embedding_dim": st.integers(8, 512),
        "optimizer": st.sampled_from(["adam", "sgd", "adamw"]),
        "learning_rate": st.sampled_from([0.01, 1, 10]),
        "batch_size": st.sampled_from([16, 4096, 4096.0]),
        "clipnorm": st.sampled_from(["auto", None, 1, 0.5]),
        "input_norm": st.sampled_from(["none", "layer_norm"]),
        "early_stopping": st.sampled_from([None, {"patience": 2, "restore_best": False}]),
        "loss_reduction": st.sampled_from(["auto", "sum", "mean"]),
    },
)


@settings(max_examples=80, deadline=None)
@given(VALID)
def test_a_configuration_comes_back_from_its_document_with_its_hash(document: dict[str, Any]) -> None:
    if document.get("model_type") == "ranking":
        document.pop("early_stopping", None)
    config = read(document)
    stored = document_of(config)
    assert read(json.loads(json.dumps(stored))) == config
    assert validate(stored) == ()
    names = list(stored)
    random.Random(1).shuffle(names)
    sparse = {
        name: stored[name]
        for name in names
        if name in document or stored[name] != document_of(read({}))[name]
    }
    assert read(sparse).content_hash == config.content_hash


@settings(max_examples=80, deadline=None)
@given(VALID)
def test_what_is_read_is_applicable_for_the_field_registry_too(document: dict[str, Any]) -> None:
    if document.get("model_type") == "ranking":
        document.pop("early_stopping", None)
    config = read(document)
    values = flat_values(config.architecture) | flat_values(config.training)
    assert applicability_problems(fields_of(SECTIONS).specs.values(), values, values) == []


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["dense", "ranking"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "units", "rate", "monitor", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*fields_of(SECTIONS).specs, "name", "description", "junk"]), JUNK, max_size=6
    )
)
def test_no_document_breaks_the_reader_and_only_one_without_issues_is_read(document: dict[str, Any]) -> None:
    issues = [i for i in validate(document) if i.path not in ("name", "description")]
    if not issues:
        assert validate(document_of(read(document))) == ()
        return
    with pytest.raises(InvalidDocument) as raised:
        read(document)
    assert list(raised.value.issues) == issues
