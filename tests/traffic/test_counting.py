"""Counts from configs are those of built networks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from traffic import counting, sizes
from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture
from traffic.neighbours import Neighbours
from traffic.shapes import shape_of
from workbench.fields import flat_values
from workbench.layered import resolve

BARE = {
    (3, 3, 1): (225_155, 654_883, 398_595), (9, 9, 1): (228_617, 656_425, 400_137), (15, 15, 1): (232_079, 657_967, 401_679),
    (3, 3, 12): (227_300, 659_140, 402_852),
}  # fmt: skip
TYPES: tuple[type[AnyArchitecture], ...] = (LSTMArchitecture, XLSTMArchitecture, TransformerArchitecture)
SHARED = {"shared_weights": True, "num_sensors": 6, "input_size": 2, "output_size": 1, "exog_size": 5, "prediction_length": 4}
POOLING = {"enabled": True, "heads": 2, "time_window": 3}
VARIED: tuple[tuple[type[AnyArchitecture], dict[str, Any]], ...] = (
    (LSTMArchitecture, {"bidirectional": True, "num_layers": 3, "hidden_size": 10}),
    (LSTMArchitecture, {**SHARED, "head": "linear", "tod_embedding_dim": 3, "dow_embedding_dim": 2, "quantiles": (0.1, 0.5, 0.9)}),
    (LSTMArchitecture, {**SHARED, "hidden_size": 16, "social_pooling": POOLING}),
    (LSTMArchitecture, {**SHARED, "hidden_size": 16, "social_pooling": {**POOLING, "type": "distance"}}),
    (XLSTMArchitecture, {"embedding_dim": 32, "num_blocks": 3, "slstm_at": "all", "group_norm_weight": False}),
    (XLSTMArchitecture, {"embedding_dim": 32, "num_blocks": 2, "slstm_at": (), "bias": True, "conv1d_kernel_size": 0, "add_post_blocks_norm": False}),
    (XLSTMArchitecture, {**SHARED, "embedding_dim": 32, "num_blocks": 2, "slstm_at": (1,), "head": "mlp", "social_pooling": {**POOLING, "learnable_tau": False}}),
    (TransformerArchitecture, {**SHARED, "embedding_dim": 16, "num_heads": 2, "num_layers": 1, "ffn_dim": 24, "sensor_embedding_dim": 5}),
)  # fmt: skip


def counted(architecture: AnyArchitecture) -> int:
    return counting.parameter_count(flat_values(architecture))


@pytest.mark.parametrize("sizes", BARE)
def test_the_bare_base_models_have_the_published_counts(sizes: tuple[int, int, int]) -> None:
    inputs, outputs, steps = sizes
    given: dict[str, Any] = {"input_size": inputs, "output_size": outputs, "prediction_length": steps}
    assert tuple(counted(kind(**given)) for kind in TYPES) == BARE[sizes]


@pytest.mark.parametrize(
    ("model", "data", "count"),
    [
        ("lstm_base", "single_vd", 230_884), ("xlstm_base", "single_vd", 660_036), ("transformer_base", "single_vd", 403_748),
        ("lstm_base", "multi_vd_5", 252_532), ("xlstm_base", "multi_vd_5", 681_684), ("transformer_base", "multi_vd_5", 425_396),
        ("lstm_small", "metr_la_60", 15_860), ("xlstm_small", "metr_la_60", 26_972), ("transformer_small", "metr_la_60", 26_580),
    ],
)  # fmt: skip
def test_the_shipped_files_give_the_published_counts(model: str, data: str, count: int) -> None:
    config = resolve([f"models/{model}.yaml", f"data/{data}.yaml", "training/default.yaml"])
    assert counted(config.built.sections["architecture"]) == count  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "values"), VARIED, ids=[f"{kind.__name__}-{place}" for place, (kind, _) in enumerate(VARIED)])
def test_a_count_is_that_of_the_built_network(kind: type[AnyArchitecture], values: dict[str, Any]) -> None:
    from traffic.model.network import abstract_parameters

    architecture = kind(**values)
    around = Neighbours(np.zeros((6, 2), np.int32), np.ones((6, 2)), np.ones((6, 2), bool))
    built = abstract_parameters(architecture, shape_of(architecture, around if architecture.social_pooling.enabled else None))
    assert counted(architecture) == sum(math.prod(shape) for shape in built.values())


def test_operations_follow_windows_detectors_and_the_most_windows() -> None:
    values = flat_values(LSTMArchitecture(**SHARED))
    once = counting.operations_per_epoch(values, 100)
    assert once > 0
    assert counting.operations_per_epoch(values, 200) == pytest.approx(2 * once)
    assert sizes.operations_per_epoch({**values, "max_train_windows": 50}, 100) == pytest.approx(once / 2)
    assert sizes.operations_per_epoch({**values, "max_train_windows": None}, 100) == pytest.approx(once)
    fewer = flat_values(LSTMArchitecture(**{**SHARED, "num_sensors": 3}))
    assert counting.operations_per_epoch(fewer, 100) == pytest.approx(once / 2)
    longer = flat_values(LSTMArchitecture(**{**SHARED, "sequence_length": 24}))
    assert counting.operations_per_epoch(longer, 100) > 1.8 * once
