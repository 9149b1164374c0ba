"""The architectures of the three networks as configs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from traffic.config_architecture import Architecture
from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import architecture_of
from traffic.shapes import DataShape, require_fit, shape_of
from workbench.fields import field_specs, flat_values

KINDS = (LSTMArchitecture, XLSTMArchitecture, TransformerArchitecture)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_words(kind: type[Architecture]) -> None:
    for spec in field_specs(kind):
        assert spec.meta.help.endswith("."), spec.name
        assert spec.section, spec.name


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (LSTMArchitecture, {"quantiles": (0.5, 0.1)}, "increase"),
        (LSTMArchitecture, {"quantiles": (0.5, 0.5)}, "increase"),
        (LSTMArchitecture, {"quantiles": (0.1, 0.9)}, "0.5"),
        (LSTMArchitecture, {"quantiles": (0.0, 0.5)}, "greater than 0"),
        (LSTMArchitecture, {"batch_first": False}, "batch"),
        (LSTMArchitecture, {"dropout": 1.0}, "less than 1"),
        (LSTMArchitecture, {"compute_dtype": "float16"}, "bfloat16"),
        (XLSTMArchitecture, {"slstm_at": (1, 1)}, "once"),
        (XLSTMArchitecture, {"slstm_at": (-1,)}, "at least 0"),
        (XLSTMArchitecture, {"slstm_backend": "cuda"}, "'scan' or 'vanilla'"),
        (XLSTMArchitecture, {"mlstm_backend": "cuda"}, "chunkwise"),
        (TransformerArchitecture, {"prediction_length": 0}, "1 to"),
        (TransformerArchitecture, {"exog_size": -1}, "0 to"),
    ],
)
def test_values_out_of_range_are_refused_in_words(kind: Any, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        kind(**values)


def test_a_detector_embedding_is_made_where_detectors_share_weights() -> None:
    assert LSTMArchitecture().sensor_embedding == 0
    assert LSTMArchitecture(num_sensors=3).sensor_embedding == 0
    assert LSTMArchitecture(num_sensors=3, shared_weights=True).sensor_embedding == 16
    assert LSTMArchitecture(num_sensors=3, shared_weights=True, sensor_embedding_dim=4).sensor_embedding == 4
    assert LSTMArchitecture(num_sensors=3, shared_weights=True, sensor_embedding_dim=0).sensor_embedding == 0


@pytest.mark.parametrize(("width", "inner", "ffn"), [(128, 256, 192), (32, 64, 64), (100, 256, 192)])
def test_inner_widths_are_rounded_up_to_64(width: int, inner: int, ffn: int) -> None:
    architecture = XLSTMArchitecture(embedding_dim=width)
    assert (architecture.inner_width, architecture.ffn_width) == (inner, ffn)


@pytest.mark.parametrize("kind", KINDS)
def test_an_architecture_is_found_among_flat_values(kind: type[Architecture]) -> None:
    architecture = kind(prediction_length=7)
    assert architecture_of({**flat_values(architecture), "epochs": 3, "optimizer.name": "adam"}) == architecture


def test_the_shape_of_data_follows_from_the_architecture() -> None:
    joined = LSTMArchitecture(input_size=15, output_size=5, num_sensors=5, exog_size=19)
    assert shape_of(joined) == DataShape(sensors=5, features=3, targets=1, exog=19)
    shared = LSTMArchitecture(input_size=3, output_size=1, num_sensors=5, shared_weights=True, slots_per_day=96)
    assert shape_of(shared) == DataShape(sensors=5, features=3, targets=1, slots_per_day=96, shared=True)
    for architecture in (joined, shared):
        require_fit(architecture, shape_of(architecture))
