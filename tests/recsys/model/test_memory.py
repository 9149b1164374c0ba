"""About how much memory a test needs, against sums made by hand."""

from __future__ import annotations

from typing import Any

from recsys.features.config import FeatureConfig
from recsys.model.facts import schedule_of
from recsys.model.memory import FRAMEWORK_BYTES, MemoryNeed, expected_memory
from recsys.model.validate import read
from tests.support.recommender_family import features, load_sales

SCHEMA = load_sales().schema


def need(rows: int = 1_000_000, items: int = 4_000, **document: Any) -> MemoryNeed:
    model = read(
        {
            "buyer_tower_layers": [{"type": "dense", "units": 32}],
            "product_tower_layers": [{"type": "dense", "units": 32}],
            **document,
        }
    )
    config = FeatureConfig.model_validate(features())
    return expected_memory(config, model, SCHEMA, schedule_of(model), rows=rows, items=items)


def test_rows_cost_their_columns_and_their_tensors() -> None:
    # 10 columns; the tensors are two ids and an age
    assert need().rows == 1_000_000 * (10 * 24 + 3 * 8)


def test_parameters_cost_gradients_slots_and_a_checkpoint() -> None:
    # tables: 12 customers and 7 products with a row for others; towers: 9 and 8 numbers to 32
    parameters = 13 * 8 + 8 * 8 + 9 * 32 + 32 + 8 * 32 + 32
    assert need(optimizer="sgd").parameters == parameters * 4 * 2 * 2
    assert need(optimizer="adam").parameters == parameters * 4 * 2 * 4


def test_a_batch_costs_its_scores_against_its_own_products() -> None:
    wide = need(batch_size=8192)
    assert wide.training - need(batch_size=8192, items=0).training == 12 * 8192 * 4000 * 4
    assert (
        need(batch_size=8192, items=100_000).training - need(batch_size=8192, items=0).training
        == 12 * 8192 * 8192 * 4
    )
    rated = need(model_type="ranking", batch_size=8192)
    assert rated.training < wide.training
    assert rated.baselines == 0


def test_what_is_not_held_at_once_is_not_added() -> None:
    found = need()
    assert found.total == FRAMEWORK_BYTES + found.rows + found.parameters + max(
        found.training, found.evaluation, found.baselines
    )
    assert need(items=1_000_000).baselines == need(items=10_000).baselines, "EASE is left out beyond"
