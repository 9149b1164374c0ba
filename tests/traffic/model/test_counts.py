"""How many parameters there are: exact for the published sizes, and equal to what is counted without a framework."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.traffic.model.making import KINDS, SHARED
from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture
from traffic.model.network import abstract_parameters
from traffic.shapes import shape_of

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
    assert tuple(built(kind(**more)) for kind in (LSTMArchitecture, XLSTMArchitecture, TransformerArchitecture)) == counts


def test_small_networks_have_the_published_sizes() -> None:
    networks = (
        LSTMArchitecture(hidden_size=32, num_layers=1, **SMALL),
        XLSTMArchitecture(embedding_dim=32, num_blocks=2, slstm_at=(1,), **SMALL),
        TransformerArchitecture(embedding_dim=32, num_layers=2, ffn_dim=64, **SMALL),
    )
    assert tuple(map(built, networks)) == (15_860, 26_972, 26_580)


def test_blocks_have_the_published_sizes() -> None:
    assert built(LSTMArchitecture(input_size=5, output_size=5)) == 226_309
    base = XLSTMArchitecture()
    assert built(base, "encoder.blocks.0.") == 109_448
    assert built(base, "encoder.blocks.1.") == 108_032
    assert built(base, "encoder.") - built(base, "encoder.project.") == 653_984


@pytest.mark.parametrize("kind", KINDS)
def test_only_structural_fields_shape_the_parameters(kind: str) -> None:
    from workbench.fields import FieldKind, field_specs

    architecture = KINDS[kind](**SHARED)
    shapes = abstract_parameters(architecture, shape_of(architecture))
    other = {
        "dropout": 0.7, "ffn_dropout": 0.3, "compute_dtype": "bfloat16", "slstm_backend": "vanilla", "mlstm_backend": "recurrent",
        "chunk_size": 3, "gradient_recurrent_cut": True, "gradient_recurrent_clipval": 0.1,
    }  # fmt: skip
    modifiable = [spec.name for spec in field_specs(type(architecture)) if spec.kind is FieldKind.MODIFIABLE and "." not in spec.name]
    changed = architecture.model_copy(update={name: other[name] for name in modifiable})
    assert changed != architecture
    assert abstract_parameters(changed, shape_of(changed)) == shapes
