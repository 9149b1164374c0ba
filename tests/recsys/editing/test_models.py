"""Edits of a model's document: each gesture of the tower builder, what it refuses, and that it leaves its input alone."""

from __future__ import annotations

import copy

import pytest

from recsys.editing import models as edits
from recsys.model.presets import HEADS, PRESETS
from recsys.model.validate import read, validate
from workbench.commands.base import CommandError


def kinds(document: dict, stack: edits.Stack) -> list[str]:
    return [layer["type"] for layer in edits.layers_of(document, stack)]


def units(document: dict, stack: edits.Stack) -> list[int]:
    return [layer["units"] for layer in edits.layers_of(document, stack) if layer["type"] == "dense"]


@pytest.mark.parametrize("kind", ["retrieval", "ranking", "multitask"])
def test_a_new_model_of_every_type_can_be_stored(kind: str) -> None:
    assert validate(edits.started(kind)) == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("key", list(PRESETS))
def test_a_preset_gives_its_towers_and_can_be_stored(key: str) -> None:
    document = edits.with_preset(edits.started(), key)
    model = read(document).architecture
    preset = PRESETS[key]
    assert (model.buyer_tower_layers, model.product_tower_layers) == (
        preset.buyer_tower_layers,
        preset.product_tower_layers,
    )
    assert model.output_embedding_dim == preset.output_embedding_dim


def test_a_preset_with_towers_that_differ_ends_sharing() -> None:
    shared = edits.with_sharing(edits.started(), True)
    assert validate(edits.with_preset(shared, "asymmetric")) == ()


def test_an_unknown_preset_head_layer_or_optimizer_is_refused() -> None:
    document = edits.started("ranking")
    for edit in (
        lambda: edits.with_preset(document, "huge"), lambda: edits.with_head(document, "huge"),
        lambda: edits.with_layer(document, "buyer", "conv"), lambda: edits.with_optimizer(document, "lion", keep_rate=False),  # type: ignore[arg-type]
    ):  # fmt: skip
        with pytest.raises(CommandError) as refused:
            edit()
        assert refused.value.code == "not_found"


def test_a_new_layer_stands_before_the_last_dense() -> None:
    document, place = edits.with_layer(edits.started(), "buyer", "dropout")
    assert (kinds(document, "buyer"), place) == (["dense", "dense", "dropout", "dense"], 2)
    assert kinds(document, "product") == ["dense"] * 3


def test_a_new_layer_of_a_tower_without_dense_stands_at_its_end() -> None:
    document = edits.started() | {"buyer_tower_layers": [{"type": "dropout", "rate": 0.1}]}
    document, place = edits.with_layer(document, "buyer", "layer_norm")
    assert (kinds(document, "buyer"), place) == (["dropout", "layer_norm"], 1)


def test_a_tower_takes_no_more_layers_than_can_be_stored() -> None:
    document = edits.started()
    while len(edits.layers_of(document, "buyer")) < 32:
        document, _ = edits.with_layer(document, "buyer", "dropout")
    assert validate(document) == ()
    with pytest.raises(CommandError, match="32 layers already"):
        edits.with_layer(document, "buyer", "dropout")


@pytest.mark.parametrize(
    ("place", "to", "wanted"),
    [(0, 2, [64, 32, 128]), (2, 0, [32, 128, 64]), (1, 1, [128, 64, 32]), (0, 99, [64, 32, 128])],
)
def test_a_layer_moves_to_every_place(place: int, to: int, wanted: list[int]) -> None:
    assert units(edits.with_layer_moved(edits.started(), "buyer", place, to), "buyer") == wanted


def test_a_layer_that_is_gone_cannot_be_moved_changed_or_removed() -> None:
    document = edits.started()
    for edit in (
        lambda: edits.with_layer_moved(document, "buyer", 3, 0), lambda: edits.with_layer_removed(document, "buyer", 3),
        lambda: edits.with_layer_set(document, "buyer", -1, {"units": 8}),
    ):  # fmt: skip
        with pytest.raises(CommandError, match="no longer there"):
            edit()


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("buyer", "Buyer tower must have at least one layer"),
        ("product", "Product tower must have at least one layer"),
    ],
)
def test_the_last_layer_of_a_tower_stays(stack: edits.Stack, message: str) -> None:
    document = edits.with_layer_removed(edits.with_layer_removed(edits.started(), stack, 0), stack, 0)
    with pytest.raises(CommandError) as refused:
        edits.with_layer_removed(document, stack, 0)
    assert refused.value.message == message


def test_the_heads_last_layer_neither_moves_nor_goes_and_none_moves_behind_it() -> None:
    document = edits.started("ranking")
    for edit in (
        lambda: edits.with_layer_moved(document, "head", 2, 0),
        lambda: edits.with_layer_removed(document, "head", 2),
    ):
        with pytest.raises(CommandError, match=r"Dense\(1\)"):
            edit()
    assert units(edits.with_layer_moved(document, "head", 0, 2), "head") == [64, 256, 1]


@pytest.mark.parametrize("key", list(HEADS))
def test_every_head_preset_can_be_stored(key: str) -> None:
    document = edits.with_head(edits.started("ranking"), key)
    assert validate(document) == ()
    assert read(document).architecture.rating_head_layers == HEADS[key].rating_head_layers


def test_towers_that_share_weights_are_edited_together() -> None:
    document, _ = edits.with_layer(edits.with_sharing(edits.started(), True), "buyer", "dropout")
    document = edits.with_layer_set(document, "product", 0, {"units": 256})
    assert edits.layers_of(document, "buyer") == edits.layers_of(document, "product")
    assert validate(document) == ()


def test_towers_that_differ_cannot_share_until_one_is_copied() -> None:
    document = edits.with_layer_set(edits.started(), "buyer", 0, {"units": 256})
    with pytest.raises(CommandError) as refused:
        edits.with_sharing(document, True)
    assert [problem.code for problem in refused.value.problems] == ["M-42"]
    assert validate(edits.with_sharing(edits.with_buyer_copied(document), True)) == ()


def test_another_type_drops_what_does_not_apply_and_adds_what_is_needed() -> None:
    multitask = edits.started("multitask")
    assert (multitask["retrieval_weight"], multitask["ranking_weight"]) == (0.5, 0.5)
    retrieval = edits.with_type(multitask | {"loss_function": "mae"}, "retrieval")
    assert validate(retrieval) == ()
    assert not {"rating_head_layers", "ranking_weight", "loss_function"} & retrieval.keys()
    assert kinds(edits.with_type(retrieval, "ranking"), "head") == ["dense"] * 3


def test_another_optimizer_brings_its_rate_unless_one_was_chosen() -> None:
    document = edits.started() | {"learning_rate": 0.03}
    assert edits.with_optimizer(document, "adam", keep_rate=False)["learning_rate"] == 0.005
    assert edits.with_optimizer(document, "adam", keep_rate=True)["learning_rate"] == 0.03


def test_the_rate_of_shallow_towers_is_their_own() -> None:
    shallow = edits.started() | {
        "buyer_tower_layers": [{"type": "dense", "units": 32}],
        "product_tower_layers": [{"type": "dropout", "rate": 0}],
    }
    assert edits.recommended_rate(shallow, "adam") == 0.01


def test_another_optimizer_drops_the_settings_of_the_one_before() -> None:
    decayed = edits.with_optimizer(edits.started(), "adamw", keep_rate=False) | {"weight_decay": 0.1}
    assert validate(edits.with_optimizer(decayed, "adam", keep_rate=False)) == ()


@pytest.mark.parametrize("ratio", [0.0, 0.35, 1.0])
def test_the_slider_sets_a_pair_that_adds_up_to_one(ratio: float) -> None:
    document = edits.with_ratio(edits.started("multitask"), ratio)
    assert document["retrieval_weight"] + document["ranking_weight"] == pytest.approx(1)
    assert edits.ratio_of(document) == ratio


def test_a_pair_that_does_not_add_up_is_no_place_of_the_slider_and_can_be_normalised() -> None:
    document = edits.started("multitask") | {"retrieval_weight": 3.0, "ranking_weight": 1.0}
    assert edits.ratio_of(document) is None
    assert edits.ratio_of(edits.normalised(document)) == 0.75


def test_weights_of_zero_cannot_be_normalised() -> None:
    with pytest.raises(CommandError, match="greater than 0"):
        edits.normalised(edits.started("multitask") | {"retrieval_weight": 0, "ranking_weight": 0})


def test_no_edit_changes_the_document_that_it_was_given() -> None:
    document = edits.started("multitask")
    before = copy.deepcopy(document)
    edits.with_layer(document, "buyer", "dropout")
    edits.with_layer_moved(document, "product", 0, 1)
    edits.with_layer_set(document, "head", 0, {"units": 32})
    edits.with_layer_removed(document, "buyer", 0)
    edits.with_buyer_copied(document)
    edits.with_type(document, "retrieval")
    assert document == before
