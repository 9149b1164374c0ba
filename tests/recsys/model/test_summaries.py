from __future__ import annotations

from recsys.model.config import Architecture
from recsys.model.layers import Dense
from recsys.model.plan import network_plan
from recsys.model.presets import relu
from recsys.model.summaries import (
    count_layers,
    effective_summary,
    head_summary,
    tower_path,
    tower_summary,
    towers_are_identical,
    type_label,
)
from tests.recsys.model.examples import EMBEDDINGS_ONLY, EVERY_LAYER, STANDARD, towers


def test_a_tower_is_its_dense_widths() -> None:
    assert tower_summary(STANDARD) == "128→64→32"
    assert tower_summary(EVERY_LAYER) == "48→24"
    assert tower_summary(EMBEDDINGS_ONLY) == "Empty"
    assert tower_summary(()) == "Empty"


def test_a_head_without_layers_is_none() -> None:
    assert head_summary(()) == "None"
    assert head_summary(relu(8, 1)) == "8→1"


def test_projections_stand_in_brackets() -> None:
    plan = network_plan(towers(relu(128), relu(64, 32)), 104, 72)
    assert effective_summary(plan.buyer) == "128→[32]"
    assert effective_summary(plan.product) == "64→32"
    plan = network_plan(towers(EMBEDDINGS_ONLY), 56, 32)
    assert effective_summary(plan.buyer) == "[32]"
    assert effective_summary(plan.product) == "Empty"


def test_shared_towers_say_what_is_their_own() -> None:
    plan = network_plan(towers(share_tower_weights=True, input_norm="layer_norm"), 104, 72)
    assert tower_path(plan.buyer) == "104→72 (own) → shared 128→64→32"
    assert tower_path(plan.product) == "shared 128→64→32"
    assert effective_summary(plan.buyer) == "[72]→128→64→32"
    assert tower_path(network_plan(towers(), 104, 72).buyer) == "128→64→32"
    assert (
        tower_path(network_plan(towers(relu(48), share_tower_weights=True), 8, 8).buyer)
        == "8→16 (own) → shared 48→[32]"
    )


def test_layers_of_every_type_are_counted() -> None:
    assert count_layers(EVERY_LAYER) == 5
    assert count_layers(()) == 0


def test_towers_are_identical_when_their_settings_are() -> None:
    assert towers_are_identical(Architecture())
    spelled = {"type": "dense", "units": 8, "activation": "relu", "l2_reg": 0}
    short = {"type": "dense", "units": 8}
    same = Architecture.model_validate({"buyer_tower_layers": [short], "product_tower_layers": [spelled]})
    assert towers_are_identical(same)
    assert not towers_are_identical(towers(relu(8), (Dense(units=8, l2_reg=0.1),)).architecture)


def test_types_have_names() -> None:
    assert [type_label(kind) for kind in ("retrieval", "ranking", "multitask")] == [
        "Retrieval",
        "Ranking",
        "Multitask",
    ]
