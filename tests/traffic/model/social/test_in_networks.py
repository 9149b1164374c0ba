"""Social pooling inside the three networks: published parameter counts, shapes, gradients, detectors that see each other."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.model.social.making import near, places
from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.counting import parameter_count
from traffic.model.network import bind, create
from traffic.shapes import shape_of
from workbench.fields import flat_values

SENSORS = 6
SMALL = {
    "lstm": (LSTMArchitecture, {"hidden_size": 8, "num_layers": 1}),
    "lstm-both-ways": (LSTMArchitecture, {"hidden_size": 4, "num_layers": 1, "bidirectional": True}),
    "xlstm": (XLSTMArchitecture, {"embedding_dim": 8, "num_blocks": 2, "num_heads": 2, "slstm_at": (1,)}),
    "transformer": (TransformerArchitecture, {"embedding_dim": 8, "num_layers": 1, "num_heads": 2, "ffn_dim": 16}),
}
POOLINGS = {"attention": {}, "distance": {"type": "distance", "aggregation": "max"}}


def architecture(kind: str, pooling: dict[str, Any]) -> Any:
    made, settings = SMALL[kind]
    sizes = {
        "input_size": 2, "output_size": 1, "exog_size": 3, "num_sensors": SENSORS, "shared_weights": True, "prediction_length": 4,
        "sensor_embedding_dim": 2, "tod_embedding_dim": 2,
    }  # fmt: skip
    return made.model_validate({**sizes, **settings, "social_pooling": {"enabled": True, "heads": 2, "radius_m": 3000.0, **pooling}})


def windows(batch: int = 2, seed: int = 0) -> tuple[Any, ...]:
    generator = np.random.default_rng(seed)
    x = (generator.standard_normal((batch, 12, SENSORS, width)).astype(np.float32) for width in (2, 3))
    return (*map(jnp.asarray, x), jnp.arange(batch, dtype=jnp.int32), jnp.arange(batch, dtype=jnp.int32))


def test_the_base_model_with_attention_has_as_many_parameters_as_published() -> None:
    base = XLSTMArchitecture.model_validate(
        {
            "input_size": 1, "output_size": 1, "prediction_length": 3, "num_sensors": SENSORS, "shared_weights": True,
            "sensor_embedding_dim": 0, "head": "mlp", "social_pooling": {"enabled": True},
        }
    )  # fmt: skip
    parameters = create(base, shape_of(base, near(places(SENSORS))), seed=0)
    assert sum(value.size for value in parameters.values()) == 794_551
    assert parameter_count(flat_values(base)) == 794_551


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("kind", SMALL)
def test_forecasts_have_their_shape_gradients_reach_all_and_the_count_is_right(kind: str, pooling: str) -> None:
    built = architecture(kind, POOLINGS[pooling])
    shape = shape_of(built, near(places(SENSORS)))
    parameters = create(built, shape, seed=0)
    assert sum(value.size for value in parameters.values()) == parameter_count(flat_values(built))

    @jax.jit
    def loss(values: Any) -> Any:
        forecast = bind(built, shape, values)(*windows())
        assert forecast.shape == (2, 4, SENSORS, 1)
        return jnp.mean(forecast**2)

    gradients = jax.grad(loss)(parameters)
    assert all(np.isfinite(each).all() for each in gradients.values())
    reached = {name for name, each in gradients.items() if np.asarray(each).any() and name.startswith("pooling.")}
    # the same number added to all logits changes nothing, whatever rounding leaves
    assert {name for name in parameters if name.startswith("pooling.")} - reached <= {"pooling.attention.key.bias"}


@pytest.mark.parametrize("kind", SMALL)
def test_a_detector_sees_its_neighbours_and_nobody_else(kind: str) -> None:
    built = architecture(kind, {})
    neighbours = near(places(SENSORS))
    shape = shape_of(built, neighbours)
    forward = jax.jit(bind(built, shape, create(built, shape, seed=1)).__call__)
    inputs, *others = windows(16)  # in one of them some unit of the narrow head is open
    before = np.asarray(forward(inputs, *others))
    for sensor in range(SENSORS):
        after = np.asarray(forward(inputs.at[:, :, sensor].add(1.0), *others))
        changed = (after != before).any((0, 1, 3))
        sees = [row == sensor or sensor in neighbours.index[row][neighbours.mask[row]] for row in range(SENSORS)]
        np.testing.assert_array_equal(changed, sees)
    assert neighbours.alone.any()
