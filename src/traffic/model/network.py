"""The whole network: embeddings, encoder, social pooling, head.

Parameters live in one flat mapping from dotted name to array. `create` makes it, `bind` puts it back into a module inside a
compiled function: the module is split once, and all training runs on the mapping.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from traffic.architecture_checks import require_sound
from traffic.config_lstm import LSTMArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.errors import Place, TrafficError
from traffic.kinds import AnyArchitecture
from traffic.model.dropout import Dropout
from traffic.model.embeddings import Embeddings
from traffic.model.encoder import Encoder
from traffic.model.head import ForecastHead
from traffic.model.lstm import LSTMEncoder
from traffic.model.social.pooling import Pooling
from traffic.model.transformer import TransformerEncoder
from traffic.model.xlstm import XLSTMEncoder
from traffic.shapes import DataShape, require_fit

Parameters = dict[str, Array]


class StreamState(NamedTuple):
    """Where step by step forecasting stands.

    Attributes:
        encoder: its state. steps: steps so far, int32 (). tokens: the latest states (N', T, W) if pooling looks at them.
    """

    encoder: Any
    steps: Array
    tokens: Array | None


class Network(nnx.Module):
    """A forecaster of scaled targets from scaled inputs."""

    def __init__(self, architecture: AnyArchitecture, shape: DataShape) -> None:
        self.embeddings = Embeddings(architecture)
        self.encoder: Encoder = _encoder(architecture)
        self.pooling = _pooling(architecture, shape)
        self.head = ForecastHead(architecture)
        self.architecture, self.sizes = architecture, replace(shape, neighbours=None)

    def __call__(self, inputs: Array, exog: Array, tod: Array, dow: Array, *, dropout: Dropout | None = None) -> Array:
        """The forecast of whole windows.

        Args:
            inputs: (B, L, N, F), scaled, without holes. exog: (B, L, N, X) with shared weights, else (B, L, X).
            tod, dow: slot of the day and day of the week at the last input step, int32 (B,).
            dropout: for training; without it nothing is dropped.

        Returns:
            (B, P, N, G), scaled as the targets' features; with quantiles (B, P, N, G, K).

        Raises:
            TrafficError: MODEL_SHAPE if a width is wrong.
        """
        tokens, z = self._encoded(inputs, exog, dropout)
        if self.pooling is not None:
            z = self.pooling(tokens, z, dropout=dropout)
        return self.head(z, self.embeddings.context(tod, dow, z.shape[1]), dropout)

    def neighbour_weights(self, inputs: Array, exog: Array) -> Array:
        """How much each detector looks at each of its neighbours in these windows, (B, N, k); of networks with social pooling alone."""
        assert self.pooling is not None
        return self.pooling.weights(*self._encoded(inputs, exog, None))

    def _encoded(self, inputs: Array, exog: Array, dropout: Dropout | None) -> tuple[Array, Array]:
        """The latest states that are looked at (B, N', T, W), and the encoder's output (B, N', W)."""
        x = self._steps(inputs, exog)
        batch, length, rows = x.shape[:3]
        self._require_length(length)
        seen = min(self._looked_back, length)
        h = self.encoder(x.swapaxes(0, 1), self.embeddings.of_sensors(), dropout, seen).reshape(seen, batch, rows, -1)
        return h.transpose(1, 2, 0, 3), h[-1]

    def init_state(self) -> StreamState:
        """The state before the first step. Raises NoStepsError if the network reads whole windows only."""
        rows, dtype = self.sizes.sequences, self.head.out.kernel[...].dtype
        tokens = jnp.zeros((rows, self._looked_back, self.encoder.width), dtype) if self._looked_back > 1 else None
        return StreamState(self.encoder.init_state(rows), jnp.zeros((), jnp.int32), tokens)

    def step(self, state: StreamState, inputs: Array, exog: Array, tod: Array, dow: Array) -> tuple[StreamState, Array]:
        """One step of all detectors, and the forecast after it: what the batch gives for the whole past.

        Args:
            inputs: (N, F). exog: (N, X) with shared weights, else (X,). tod, dow: of this step, int32 ().
        """
        x = self._steps(inputs[None, None], exog[None, None])[0, 0]
        encoder, z = self.encoder.step(state.encoder, x, self.embeddings.of_sensors())
        steps = state.steps + 1
        tokens = None if state.tokens is None else jnp.concatenate([state.tokens[:, 1:], z[:, None]], axis=1)
        pooled = z[None]
        if self.pooling is not None:
            seen = z[:, None] if tokens is None else tokens
            valid = jnp.arange(seen.shape[1]) >= seen.shape[1] - steps
            pooled = self.pooling(seen[None], pooled, valid=valid)
        context = self.embeddings.context(tod[None], dow[None], len(x))
        return StreamState(encoder, steps, tokens), self.head(pooled, context)[0]

    @property
    def _looked_back(self) -> int:
        """Latest steps whose states are needed."""
        pooling = self.architecture.social_pooling
        return pooling.time_window if pooling.enabled and pooling.type == "st_attention" else 1

    def _require_length(self, length: int) -> None:
        architecture = self.architecture
        if not isinstance(architecture, XLSTMArchitecture) or architecture.mlstm_backend not in ("parallel", "vanilla"):
            return
        if length > architecture.context_length:
            raise _wrong("context_length", architecture.context_length, length, "input steps, at most")

    def _steps(self, inputs: Array, exog: Array) -> Array:
        """Inputs of the encoder without what is constant over time, (B, L, N', F'). Raises TrafficError for a wrong width."""
        sizes = self.sizes
        if inputs.ndim != 4 or inputs.shape[2:] != (sizes.sensors, sizes.features):
            expected = ("B", "L", sizes.sensors, sizes.features)
            raise _wrong("input_size", expected, inputs.shape, "inputs of the shape (batch, steps, detectors, features)")
        batch, length = inputs.shape[:2]
        rows = inputs.reshape(batch, length, sizes.sequences, -1)
        wanted = (batch, length, sizes.sensors, sizes.exog) if sizes.shared else (batch, length, sizes.exog)
        if exog.shape != wanted:
            raise _wrong("exog_size", wanted, exog.shape, "exogenous inputs of that shape")
        return jnp.concatenate([rows, exog.reshape(batch, length, sizes.sequences, sizes.exog)], axis=-1) if sizes.exog else rows


def _encoder(architecture: AnyArchitecture) -> Encoder:
    if isinstance(architecture, LSTMArchitecture):
        return LSTMEncoder(architecture)
    return XLSTMEncoder(architecture) if isinstance(architecture, XLSTMArchitecture) else TransformerEncoder(architecture)


def _pooling(architecture: AnyArchitecture, shape: DataShape) -> Pooling | None:
    if not architecture.social_pooling.enabled:
        return None
    if shape.neighbours is None:
        raise TrafficError(
            "MODEL_SHAPE", "Social pooling needs to know which detectors are neighbours.", hint="Give coordinates or edges of the detectors.",
            at=Place(key="data.neighbours"),
        )  # fmt: skip
    return Pooling(architecture.social_pooling, shape.neighbours, architecture.width, dtype=architecture.compute_dtype)


def _wrong(key: str, expected: object, found: object, what: str) -> TrafficError:
    return TrafficError(
        "MODEL_SHAPE", f"The model expects {what}: {expected}, not {found}.", hint="Give data of the kind that the model was made for.",
        at=Place(key=key), expected=expected, found=found,
    )  # fmt: skip


def build(architecture: AnyArchitecture, shape: DataShape, *, seed: int) -> Network:
    """A fresh network. Raises as `create` does."""
    return bind(architecture, shape, create(architecture, shape, seed=seed))


def create(architecture: AnyArchitecture, shape: DataShape, *, seed: int) -> Parameters:
    """Fresh parameters. Each is drawn from `seed` and its own name, so that one more parameter changes no other.

    Raises:
        ConfigError: if the architecture contradicts itself. TrafficError: MODEL_SHAPE if it was made for other data.
    """
    require_sound(architecture)
    require_fit(architecture, shape)
    parameters: dict[str, Any] = {}
    for name, start in _starts(architecture, shape).items():
        generator = np.random.default_rng((seed, zlib.crc32(name.encode())))
        parameters[name] = start.get_metadata("start")(generator, tuple(start.shape)).astype(np.float32)
    return jax.device_put(parameters)


def bind(architecture: AnyArchitecture, shape: DataShape, parameters: Parameters) -> Network:
    """The network with these parameters; cheap inside a compiled function, where it only happens while tracing."""
    graph, _, rest = nnx.split(nnx.eval_shape(lambda: Network(architecture, shape)), nnx.Param, ...)
    state = nnx.from_flat_state([(_path(name), nnx.Param(value)) for name, value in parameters.items()])
    return nnx.merge(graph, state, rest)


def parameters_of(network: Network) -> Parameters:
    """The flat mapping of a network's parameters."""
    return {".".join(map(str, path)): value[...] for path, value in nnx.to_flat_state(nnx.state(network, nnx.Param))}


def abstract_parameters(architecture: AnyArchitecture, shape: DataShape) -> dict[str, tuple[int, ...]]:
    """Name and shape of every parameter, without building the network."""
    return {name: tuple(start.shape) for name, start in _starts(architecture, shape).items()}


def code_of(architecture: AnyArchitecture) -> AnyArchitecture:
    """The same architecture with its rates at their defaults: equal for those that need the same compiled code.

    Whether a rate is 0 is told by `rates_of`, which such code takes as an argument.
    """
    defaults = type(architecture)()
    update: dict[str, Any] = {"dropout": defaults.dropout}
    if isinstance(architecture, XLSTMArchitecture):
        update["ffn_dropout"] = None
    pooling = architecture.social_pooling
    update["social_pooling"] = pooling.model_copy(update={"dropout": defaults.social_pooling.dropout})
    return architecture.model_copy(update=update)


def _starts(architecture: AnyArchitecture, shape: DataShape) -> dict[str, Any]:
    state = nnx.state(nnx.eval_shape(lambda: Network(architecture, shape)), nnx.Param)
    return {".".join(map(str, path)): parameter for path, parameter in nnx.to_flat_state(state)}


def _path(name: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in name.split("."))
