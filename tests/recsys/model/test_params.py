from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.features.config import TOWERS, FeatureConfig, Tower
from recsys.features.fit import fit
from recsys.features.shipped import SHIPPED
from recsys.model.config import Architecture, ModelConfig
from recsys.model.layers import BatchNorm, Dense, Dropout, Layer, LayerNorm
from recsys.model.params import dense_count, embedding_count, expected_rows, tables
from recsys.model.plan import ASSUMED_DIMS, network_plan
from recsys.model.presets import PRESETS, RATING, relu
from tests.recsys.features.examples import SCHEMA, rich, table
from tests.recsys.model.examples import EMBEDDINGS_ONLY, EVERY_LAYER, rating, towers

WIDE = (104, 72)


def preset(key: str) -> ModelConfig:
    chosen = PRESETS[key]
    return towers(
        chosen.buyer_tower_layers,
        chosen.product_tower_layers,
        output_embedding_dim=chosen.output_embedding_dim,
    )


def count(config: ModelConfig, dims: tuple[int, int] = WIDE) -> Any:
    return dense_count(network_plan(config, *dims))


@pytest.mark.parametrize(
    ("key", "buyer", "product", "assumed"),
    [
        ("minimal", 8_800, 6_752, 13_888),
        ("standard", 23_776, 19_680, 40_128),
        ("regularized", 23_776, 19_680, 40_128),
        ("deep", 70_112, 61_920, 125_376),
        ("asymmetric", 68_032, 17_600, 81_792),
    ],
)
def test_presets_have_their_parameters(key: str, buyer: int, product: int, assumed: int) -> None:
    found = count(preset(key))
    assert (found.buyer, found.product, found.total) == (buyer, product, buyer + product)
    assert count(preset(key), ASSUMED_DIMS).total == assumed


def test_towers_of_two_depths_are_counted_apart() -> None:
    found = count(towers(relu(128, 32), relu(64, 32)), ASSUMED_DIMS)
    assert (found.buyer, found.product, found.total) == (17_056, 5_344, 22_400)


def test_projections_are_counted_apart_from_layers() -> None:
    found = count(towers(relu(128), relu(64)))
    assert asdict(found) == {
        "buyer": 13_440,
        "product": 4_672,
        "head": 0,
        "shared": 0,
        "projections": 4_128 + 2_080,
        "total": 13_440 + 4_672 + 4_128 + 2_080,
        "input_dims": {"buyer": 104, "product": 72},
        "non_trainable": 0,
    }


def test_shared_towers_are_counted_once() -> None:
    found = count(towers(share_tower_weights=True))
    assert (found.projections, found.shared, found.total) == (7_560, 19_680, 27_240)
    assert (found.buyer, found.product) == (0, 0)


@pytest.mark.parametrize(
    ("layers", "dim", "expected"),
    [
        ((*relu(256, 64), RATING), 32, 33_153),
        ((*relu(256, 64), RATING), 64, 49_537),
        ((*relu(64), RATING), 32, 4_225),
        ((*relu(512, 256, 64), RATING), 32, 181_121),
        ((*relu(256, 128), RATING), 32, 49_665),
    ],
)
def test_heads_have_their_parameters(layers: tuple[Layer, ...], dim: int, expected: int) -> None:
    config = ModelConfig(
        Architecture(model_type="multitask", rating_head_layers=layers, output_embedding_dim=dim)
    )
    assert count(config).head == expected


def test_an_embeddings_only_model_has_no_dense_parameters() -> None:
    assert count(towers(EMBEDDINGS_ONLY), (32, 32)).total == 0


def test_normalisation_counts_scale_and_shift_and_lists_moving_statistics_apart() -> None:
    found = count(towers((BatchNorm(), *relu(32)), (LayerNorm(), *relu(32))), (10, 20))
    assert (found.buyer, found.product) == (2 * 10 + 11 * 32, 2 * 20 + 21 * 32)
    assert found.non_trainable == 2 * 10
    normed = count(towers(input_norm="layer_norm"))
    assert normed.total == 43_456 + 2 * (104 + 72)


WIDTHS = st.integers(1, 24)
LAYERS = st.lists(
    st.one_of(
        st.builds(Dense, units=WIDTHS),
        st.just(Dropout()),
        st.just(BatchNorm()),
        st.just(LayerNorm()),
    ),
    min_size=1,
    max_size=4,
).map(tuple)


def weights_of_a_forward_pass(config: ModelConfig, dims: tuple[int, int]) -> int:
    """The entries of all weights that a row needs on its way through both towers and the head, made on the way."""
    made: dict[str, np.ndarray] = {}

    def dense(name: str, x: np.ndarray, units: int) -> np.ndarray:
        weight = made.setdefault(f"{name} weight", np.ones((x.size, units)))
        return x @ weight + made.setdefault(f"{name} bias", np.ones(units))

    def norm(name: str, x: np.ndarray) -> np.ndarray:
        scale, shift = (made.setdefault(f"{name} {part}", np.ones(x.size)) for part in ("scale", "shift"))
        return x * scale + shift

    def run(name: str, layers: tuple[Layer, ...], x: np.ndarray) -> np.ndarray:
        for place, layer in enumerate(layers):
            if isinstance(layer, Dense):
                x = dense(f"{name} {place}", x, layer.units)
            elif not isinstance(layer, Dropout):
                x = norm(f"{name} {place}", x)
        return x

    a, embeddings = config.architecture, []
    for tower, dim, layers in zip(
        ("buyer", "product"), dims, (a.buyer_tower_layers, a.product_tower_layers), strict=True
    ):
        x = np.ones(dim)
        if a.input_norm == "layer_norm":
            x = norm(f"{tower} input", x)
        if a.share_tower_weights and dim != max(16, min(dims)):
            x = dense(f"{tower} own", x, max(16, min(dims)))
        body = "both" if a.share_tower_weights else tower
        x = run(body, layers, x)
        embeddings.append(
            x if x.size == a.output_embedding_dim else dense(f"{body} out", x, a.output_embedding_dim)
        )
    if a.model_type != "retrieval":
        assert run("head", a.rating_head_layers, np.concatenate(embeddings)).size == 1
    return sum(weight.size for weight in made.values())


@settings(max_examples=60, deadline=None)
@given(LAYERS, LAYERS, st.booleans(), st.booleans(), st.booleans(), WIDTHS, WIDTHS, st.integers(8, 20))
def test_the_count_is_that_of_the_weights_a_row_meets(
    buyer: tuple,
    product: tuple,
    share: bool,
    norm: bool,
    rates: bool,
    buyer_dim: int,
    product_dim: int,
    dim: int,
) -> None:
    config = ModelConfig(
        Architecture(
            model_type="ranking" if rates else "retrieval",
            buyer_tower_layers=buyer,
            product_tower_layers=buyer if share else product,
            share_tower_weights=share,
            input_norm="layer_norm" if norm else "none",
            output_embedding_dim=dim,
            rating_head_layers=(*relu(8), BatchNorm(), RATING),
        )
    )
    found = count(config, (buyer_dim, product_dim))
    assert found.total == weights_of_a_forward_pass(config, (buyer_dim, product_dim))
    assert found.total == found.buyer + found.product + found.head + found.shared + found.projections


def test_tables_are_counted_once_also_where_a_history_shares_one() -> None:
    config = FeatureConfig.model_validate(rich())
    frame = table()
    fitted = fit(config, frame)
    rows: dict[Tower, dict[str, int]] = {tower: fitted.table_rows(tower) for tower in TOWERS}
    found = {(t.tower, t.name): (t.rows, t.dim) for t in tables(config, rows)}
    assert ("buyer", "product_id_history") not in found
    assert found["product", "product_id"] == (frame["product_id"].n_unique() + 1, 32)
    assert found["product", "category_x_sub_category_cross"] == (1000, 16)
    assert embedding_count(config, rows) == sum(rows * dim for rows, dim in found.values())


def test_rows_are_expected_from_the_columns_figures() -> None:
    rows = expected_rows(SHIPPED["retail-104-72"].config, SCHEMA)
    assert rows == {
        "buyer": {"customer_id": 1001, "customer_revenue_90d_bucket": 101},
        "product": {
            "product_id": 501,
            "category": 9,
            "sub_category": 25,
            "category_x_sub_category_cross": 1000,
        },
    }


def test_more_batch_normalisation_is_more_moving_statistics() -> None:
    assert count(towers(EVERY_LAYER)).non_trainable == 2 * 2 * 48
    assert count(towers(EVERY_LAYER, share_tower_weights=True)).non_trainable == 2 * 48
    assert count(rating()).non_trainable == 0
