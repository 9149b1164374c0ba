"""How many parameters and operations there are: exact for the published sizes, and counted from configs as in built networks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.traffic.model.making import KINDS
from tests.traffic.model.making import SHARED as SMALL_SHARED
from traffic import counting, sizes
from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture
from traffic.model.network import abstract_parameters
from traffic.neighbours import Neighbours
from traffic.shapes import shape_of
from workbench.fields import flat_values
from workbench.layered import resolve

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


SMALL: dict[str, Any] = {
    "input_size": 1, "output_size": 1, "exog_size": 5, "num_sensors": 60, "shared_weights": True, "prediction_length": 12, "head": "mlp",
    "sensor_embedding_dim": 16, "tod_embedding_dim": 16, "dow_embedding_dim": 8,
}  # fmt: skip


def built(architecture: AnyArchitecture, prefix: str = "") -> int:
    """Parameters of the built network whose names start so."""
    found = abstract_parameters(architecture, shape_of(architecture))
    return sum(math.prod(shape) for name, shape in found.items() if name.startswith(prefix))


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, (225_155, 654_883, 398_595)),
        ({"input_size": 9, "output_size": 9, "num_sensors": 3}, (228_617, 656_425, 400_137)),
        ({"input_size": 15, "output_size": 15, "num_sensors": 5}, (232_079, 657_967, 401_679)),
        ({"prediction_length": 12}, (227_300, 659_140, 402_852)),
        ({"prediction_length": 12, "exog_size": 7}, (230_884, 660_036, 403_748)),
        ({"prediction_length": 12, "exog_size": 19, "input_size": 15, "output_size": 15, "num_sensors": 5}, (252_532, 681_684, 425_396)),
    ],
)
def test_base_networks_have_the_published_sizes(more: dict[str, Any], counts: tuple[int, ...]) -> None:
    assert tuple(built(kind(**more)) for kind in TYPES) == tuple(counted(kind(**more)) for kind in TYPES) == counts


def test_small_networks_have_the_published_sizes() -> None:
    networks = (
        LSTMArchitecture(hidden_size=32, num_layers=1, **SMALL),
        XLSTMArchitecture(embedding_dim=32, num_blocks=2, slstm_at=(1,), **SMALL),
        TransformerArchitecture(embedding_dim=32, num_layers=2, ffn_dim=64, **SMALL),
    )
    assert tuple(map(built, networks)) == tuple(map(counted, networks)) == (15_860, 26_972, 26_580)


def test_blocks_have_the_published_sizes() -> None:
    assert built(LSTMArchitecture(input_size=5, output_size=5)) == 226_309
    base = XLSTMArchitecture()
    assert built(base, "encoder.blocks.0.") == 109_448
    assert built(base, "encoder.blocks.1.") == 108_032
    assert built(base, "encoder.") - built(base, "encoder.project.") == 653_984


@pytest.mark.parametrize("kind", KINDS)
def test_only_structural_fields_shape_the_parameters(kind: str) -> None:
    from workbench.fields import FieldKind, field_specs

    architecture = KINDS[kind](**SMALL_SHARED)
    shapes = abstract_parameters(architecture, shape_of(architecture))
    other = {
        "dropout": 0.7, "ffn_dropout": 0.3, "compute_dtype": "bfloat16", "slstm_backend": "vanilla", "mlstm_backend": "recurrent",
        "chunk_size": 3, "gradient_recurrent_cut": True, "gradient_recurrent_clipval": 0.1,
    }  # fmt: skip
    modifiable = [spec.name for spec in field_specs(type(architecture)) if spec.kind is FieldKind.MODIFIABLE and "." not in spec.name]
    changed = architecture.model_copy(update={name: other[name] for name in modifiable})
    assert changed != architecture
    assert abstract_parameters(changed, shape_of(changed)) == shapes
