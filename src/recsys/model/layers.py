"""The layers that towers and rating heads are built of, told apart by `type`.

An omitted setting has its default, but `type` must be given:

    {"type": "dense", "units": 64}  is  {"type": "dense", "units": 64, "activation": "relu", "l2_reg": 0.0}
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field

from recsys.model.exact import Exact
from workbench.fields import ConfigModel, Structural, field

Activation = Literal["relu", "leaky_relu", "gelu", "tanh", "sigmoid", "elu", "selu", "swish"]

BATCH_NORM_MOMENTUM = 0.99
BATCH_NORM_EPSILON = 1e-3
LEAKY_RELU_SLOPE = 0.2

_ACTIVATIONS = (
    ("relu", "ReLU", "Zero below zero; the usual choice."),
    ("leaky_relu", "LeakyReLU", f"A slope of {LEAKY_RELU_SLOPE} below zero, so that no unit dies."),
    ("gelu", "GELU", "A smooth ReLU: x times the normal distribution's Φ(x), exactly."),
    ("tanh", "Tanh", "Between -1 and 1."),
    ("sigmoid", "Sigmoid", "Between 0 and 1."),
    ("elu", "ELU", "Exponential below zero, down to -1."),
    ("selu", "SELU", "ELU scaled so that activations keep mean 0 and variance 1."),
    ("swish", "Swish", "x times its sigmoid."),
)


def _with_tag(schema: dict[str, Any]) -> None:
    schema["required"] = ["type", *(name for name in schema.get("required", ()) if name != "type")]


class _Layer(ConfigModel):
    model_config = ConfigDict(json_schema_extra=_with_tag)


class Dense(_Layer):
    """A matrix, a bias and an activation."""

    type: Structural[Literal["dense"]] = field("dense", label="Type", help="A matrix and a bias.")
    units: Structural[Exact[int]] = field(label="Units", ge=1, le=2048, help="Width of its output.")
    activation: Structural[Activation | None] = field(
        "relu", label="Activation", choices=_ACTIVATIONS, help="Applied to its output; none leaves it linear."
    )
    l2_reg: Structural[Exact[float]] = field(
        0.0,
        label="L2 penalty",
        ge=0,
        le=1,
        help="Times the sum of its squared weights, added to the loss. Raise it when validation gets worse.",
    )


class Dropout(_Layer):
    """Sets a share of its inputs to zero while training."""

    type: Structural[Literal["dropout"]] = field("dropout", label="Type", help="Drops inputs while training.")
    rate: Structural[Exact[float]] = field(
        0.2, label="Rate", ge=0, le=0.9, help="Share dropped; 0 changes nothing."
    )


class BatchNorm(_Layer):
    """Normalises each feature over the batch; moving statistics serve outside training."""

    type: Structural[Literal["batch_norm"]] = field(
        "batch_norm", label="Type", help="Normalises over the batch."
    )


class LayerNorm(_Layer):
    """Normalises the features of each row."""

    type: Structural[Literal["layer_norm"]] = field("layer_norm", label="Type", help="Normalises each row.")
    epsilon: Structural[Exact[float]] = field(
        1e-6, label="Epsilon", ge=1e-12, le=0.1, log_scale=True, help="Added to the variance."
    )


Layer = Dense | Dropout | BatchNorm | LayerNorm

LAYERS: tuple[type[Layer], ...] = get_args(Layer)

TaggedLayer = Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]
"""A layer as an entry of a list: its type is read off its tag."""


def dense_layers(layers: tuple[Layer, ...]) -> tuple[Dense, ...]:
    """The Dense layers among some."""
    return tuple(layer for layer in layers if isinstance(layer, Dense))


def is_linear(layer: Layer) -> bool:
    """Whether a layer is a Dense without an activation."""
    return isinstance(layer, Dense) and layer.activation is None
