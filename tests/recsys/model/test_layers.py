from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from recsys.model.config import Architecture
from recsys.model.layers import BatchNorm, Dense, Dropout, LayerNorm, TaggedLayer, dense_layers, is_linear
from tests.recsys.model.examples import EVERY_LAYER
from workbench.fields import ConfigModel

LAYERS = TypeAdapter(tuple[TaggedLayer, ...])
SCHEMA = jsonschema_rs.validator_for(LAYERS.json_schema())

NUMBERS = st.one_of(
    st.integers(-3, 2052),
    st.floats(-1, 3, allow_nan=False),
    st.sampled_from([0, 0.0, 1, 0.9, 2048, 64.0, 1e-12, 0.1]),
)
ANYTHING = st.one_of(
    NUMBERS, st.none(), st.booleans(), st.sampled_from(["relu", "none", "64", "swish", "auto"])
)
TYPES = st.sampled_from(["dense", "dropout", "batch_norm", "layer_norm", "conv", None, 1])
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES,
        "units": ANYTHING,
        "activation": ANYTHING,
        "l2_reg": ANYTHING,
        "rate": ANYTHING,
        "epsilon": ANYTHING,
        "width": ANYTHING,
    },
)


def plausible(kind: str, **settings: Any) -> st.SearchStrategy:
    return st.fixed_dictionaries({"type": st.just(kind)}, optional=settings)


PLAUSIBLE = st.one_of(
    plausible("dense", units=NUMBERS, activation=ANYTHING, l2_reg=ANYTHING),
    plausible("dropout", rate=ANYTHING),
    plausible("batch_norm"),
    plausible("layer_norm", epsilon=ANYTHING),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(PLAUSIBLE, ENTRIES), max_size=3))
@example([{"units": 5}])
@example([{"type": "dense", "units": True}])
@example([{"type": "dense", "units": 64.0}])
@example([{"type": "dense", "units": "64"}])
@example([{"type": "dropout", "rate": True}])
@example([{"type": "dense", "units": 8, "activation": "auto"}])
@example([{"type": "layer_norm", "epsilon": "auto"}])
@example([])
def test_the_published_schema_accepts_just_what_the_model_accepts(document: list[dict[str, Any]]) -> None:
    try:
        LAYERS.validate_python(document)
        accepted = True
    except ValidationError:
        accepted = False
    assert SCHEMA.is_valid(document) is accepted


def test_omitted_settings_have_their_defaults() -> None:
    document = [
        {"type": "dense", "units": 64},
        {"type": "dropout"},
        {"type": "batch_norm"},
        {"type": "layer_norm"},
    ]
    assert [layer.model_dump() for layer in LAYERS.validate_python(document)] == [
        {"type": "dense", "units": 64, "activation": "relu", "l2_reg": 0.0},
        {"type": "dropout", "rate": 0.2},
        {"type": "batch_norm"},
        {"type": "layer_norm", "epsilon": 1e-6},
    ]


def test_layers_come_back_from_their_json() -> None:
    assert LAYERS.validate_json(LAYERS.dump_json(EVERY_LAYER)) == EVERY_LAYER


@pytest.mark.parametrize(
    ("layer", "setting", "least", "most"),
    [
        (Dense, "units", 1, 2048),
        (Dense, "l2_reg", 0, 1),
        (Dropout, "rate", 0, 0.9),
        (LayerNorm, "epsilon", 1e-12, 0.1),
    ],
)
def test_settings_have_ranges(layer: type[ConfigModel], setting: str, least: float, most: float) -> None:
    rest: dict[str, Any] = {"units": 4} if layer is Dense else {}
    step = 1 if setting == "units" else 1e-13
    for value in (least, most):
        assert getattr(layer.model_validate(rest | {setting: value}), setting) == value
    for value in (least - step, most + step, float("nan"), float("inf")):
        with pytest.raises(ValidationError):
            layer.model_validate(rest | {setting: value})


def test_dense_layers_and_linear_ones_are_told_apart() -> None:
    assert [layer.units for layer in dense_layers(EVERY_LAYER)] == [48, 24]
    assert [is_linear(layer) for layer in EVERY_LAYER] == [False, False, False, False, True]
    assert not is_linear(BatchNorm())


@pytest.mark.parametrize("count", [0, 1, 16, 17, 32, 33])
@pytest.mark.parametrize("name", ["buyer_tower_layers", "product_tower_layers", "rating_head_layers"])
def test_the_published_schema_counts_layers_as_the_model_does(name: str, count: int) -> None:
    document = {name: [{"type": "dense", "units": 8}] * count}
    try:
        Architecture.model_validate(document)
        accepted = True
    except ValidationError:
        accepted = False
    assert jsonschema_rs.validator_for(Architecture.model_json_schema()).is_valid(document) is accepted
