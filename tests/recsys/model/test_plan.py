from __future__ import annotations

import pytest

from recsys.model.layers import Dense, Dropout
from recsys.model.plan import network_plan
from recsys.model.presets import RATING, relu
from tests.recsys.model.examples import EMBEDDINGS_ONLY, EVERY_LAYER, STANDARD, rating, towers


def shapes(steps: tuple) -> list[tuple[str, int, int]]:
    return [(step.name, step.inputs, step.outputs) for step in steps]


def test_towers_of_the_right_width_are_their_layers() -> None:
    plan = network_plan(towers(), 104, 72)
    assert shapes(plan.buyer.steps) == [
        ("buyer_dense_1", 104, 128),
        ("buyer_dense_2", 128, 64),
        ("buyer_dense_3", 64, 32),
    ]
    assert shapes(plan.product.steps)[0] == ("product_dense_1", 72, 128)
    assert (plan.head, plan.shared, plan.unit_length) == (None, (), False)


def test_a_tower_that_ends_at_another_width_gets_a_linear_projection() -> None:
    plan = network_plan(towers(relu(128), relu(64)), 104, 72)
    assert shapes(plan.buyer.steps) == [("buyer_dense_1", 104, 128), ("buyer_projection", 128, 32)]
    assert shapes(plan.product.steps) == [("product_dense_1", 72, 64), ("product_projection", 64, 32)]
    assert plan.buyer.steps[-1].layer == Dense(units=32, activation=None)
    assert [step.trainable for step in (*plan.buyer.steps, *plan.product.steps)] == [
        13_440,
        4_128,
        4_672,
        2_080,
    ]


def test_a_tower_without_dense_layers_gives_its_input_or_projects_it() -> None:
    plan = network_plan(towers(EMBEDDINGS_ONLY), 32, 48)
    assert shapes(plan.buyer.steps) == [("buyer_dropout_1", 32, 32)]
    assert shapes(plan.product.steps) == [("product_dropout_1", 48, 48), ("product_projection", 48, 32)]


@pytest.mark.parametrize(
    ("dims", "own"),
    [
        ((104, 72), [("buyer_input_projection", 104, 72)]),
        ((40, 72), [("product_input_projection", 72, 40)]),
        ((64, 64), []),
        ((8, 90), [("buyer_input_projection", 8, 16), ("product_input_projection", 90, 16)]),
        ((16, 16), []),
        ((4, 4), [("buyer_input_projection", 4, 16), ("product_input_projection", 4, 16)]),
    ],
)
def test_shared_towers_meet_at_the_smaller_width_but_16_at_least(dims: tuple, own: list) -> None:
    plan = network_plan(towers(share_tower_weights=True), *dims)
    assert shapes((*plan.buyer.own, *plan.product.own)) == own
    assert plan.buyer.shared is plan.product.shared
    assert [step.name for step in plan.shared] == ["shared_dense_1", "shared_dense_2", "shared_dense_3"]
    assert plan.shared[0].inputs == max(16, min(dims))


def test_the_output_projection_of_shared_towers_is_shared() -> None:
    plan = network_plan(towers(relu(48), share_tower_weights=True), 104, 72)
    assert shapes(plan.shared) == [("shared_dense_1", 72, 48), ("shared_projection", 48, 32)]
    assert [step.owner for step in plan.steps] == ["buyer", "shared", "shared"]


def test_each_tower_normalises_its_own_input_before_anything_else() -> None:
    plan = network_plan(towers(input_norm="layer_norm", share_tower_weights=True), 104, 72)
    assert shapes(plan.buyer.steps)[:2] == [
        ("buyer_input_norm", 104, 104),
        ("buyer_input_projection", 104, 72),
    ]
    assert shapes(plan.product.own) == [("product_input_norm", 72, 72)]


def test_layers_are_numbered_by_type() -> None:
    plan = network_plan(towers((*EVERY_LAYER, Dropout())), 10, 20)
    assert [step.name for step in plan.product.steps] == [
        "product_dense_1",
        "product_batch_norm_1",
        "product_dropout_1",
        "product_layer_norm_1",
        "product_dense_2",
        "product_dropout_2",
        "product_projection",
    ]


@pytest.mark.parametrize(
    "config", [towers(EVERY_LAYER), towers(EVERY_LAYER, share_tower_weights=True), rating("deep")]
)
def test_every_step_has_a_name_of_its_own_and_takes_what_the_one_before_gives(config) -> None:
    plan = network_plan(config, 104, 72)
    assert len({step.name for step in plan.steps}) == len(plan.steps)
    for tower in (plan.buyer, plan.product):
        widths = [tower.input_dim, *(step.outputs for step in tower.steps)]
        assert [step.inputs for step in tower.steps] == widths[:-1]
        assert widths[-1] == tower.output_dim == 32


def test_the_head_reads_both_embeddings() -> None:
    plan = network_plan(rating(), 104, 72)
    assert plan.head is not None
    assert shapes(plan.head.steps) == [
        ("head_dense_1", 64, 256),
        ("head_dense_2", 256, 64),
        ("head_dense_3", 64, 1),
    ]


@pytest.mark.parametrize(
    ("last", "loss", "from_logits"),
    [
        (None, "mse", False),
        (None, "binary_crossentropy", True),
        ("sigmoid", "binary_crossentropy", False),
    ],
)
def test_a_linear_head_gives_logits_to_binary_cross_entropy(last, loss: str, from_logits: bool) -> None:
    config = rating(loss_function=loss)
    layers = (*relu(8), Dense(units=1, activation=last))
    config = type(config)(
        config.architecture.model_copy(update={"rating_head_layers": layers}), config.training
    )
    head = network_plan(config, 10, 10).head
    assert head is not None
    assert head.from_logits is from_logits


def test_a_retrieval_model_has_no_head_even_beside_stored_head_layers() -> None:
    assert network_plan(towers(STANDARD, rating_head_layers=(RATING,)), 10, 10).head is None


@pytest.mark.parametrize("dims", [(0, 5), (5, 0), (-1, 5)])
def test_a_tower_without_input_is_refused(dims: tuple) -> None:
    with pytest.raises(ValueError, match="at least one feature"):
        network_plan(towers(), *dims)
