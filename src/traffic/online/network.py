"""One compiled step of a network: new measurements in, the next state and a forecast out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from traffic.config_data import Impute
from traffic.errors import Place, TrafficError
from traffic.kinds import AnyArchitecture
from traffic.model.encoder import NoStepsError
from traffic.model.network import bind
from traffic.shapes import DataShape
from traffic.training.series import Reading, exogenous

Mode = Literal["windowed", "stateful"]
Parameters = Mapping[str, Any]


class Moment(NamedTuple):
    """What is known of a step without measuring.

    Attributes:
        time: (E,), its time features. tod, dow: int32 (), interval of the day and day of the week.
        usual: (N, F), scaled, what stands in for a missing value unless the last one does.
    """

    time: np.ndarray | Array
    tod: np.ndarray | Array
    dow: np.ndarray | Array
    usual: np.ndarray | Array


class Ring(NamedTuple):
    """The last L steps, oldest first: `inputs` (L, N, F), `observed` (L, N, F), `time` (L, E)."""

    inputs: Array
    observed: Array
    time: Array


class OnlineState(NamedTuple):
    """Where a stream stands.

    Attributes:
        last: (N, F), scaled, the last measured values. past: the ring of a windowed stream, or the network's own state.
    """

    last: Array
    past: Any


class OnlineNetwork:
    """Compiled functions of an architecture; weights and state are their arguments.

    `windowed` reads the last L steps anew at each step, as in training. `stateful` carries the network's state on, so that its past has
    no end.

    Args:
        reading: how windows are read. impute: what stands in for missing values.
        mean: (N, F), scaled, the last values before any was measured.

    Raises:
        TrafficError: MODEL_ONLINE if the network cannot go on step by step.
    """

    def __init__(
        self,
        architecture: AnyArchitecture,
        shape: DataShape,
        *,
        reading: Reading,
        impute: Impute,
        mean: np.ndarray,
        mode: Mode = "windowed",
    ) -> None:
        self.mode: Mode = mode
        self._architecture, self._shape, self._reading, self._impute, self._mean = architecture, shape, reading, impute, mean
        self.step = jax.jit(self._step)

    def init_state(self, parameters: Parameters, time_width: int) -> OnlineState:
        """The state before the first step, with `time_width` time features (E)."""
        dtype = next(iter(parameters.values())).dtype
        last = jnp.asarray(self._mean, dtype)
        if self.mode == "windowed":
            steps = self._reading.lookback
            zeros = jnp.zeros((steps, *last.shape), dtype)
            return OnlineState(last, Ring(zeros, zeros, jnp.zeros((steps, time_width), dtype)))
        try:
            return OnlineState(last, bind(self._architecture, self._shape, dict(parameters)).init_state())
        except NoStepsError as error:
            raise TrafficError(
                "MODEL_ONLINE", str(error), hint="Stream it windowed.", at=Place(key="online.mode"), expected="windowed", found=self.mode
            ) from error

    def _step(self, parameters: Parameters, state: OnlineState, x: Array, observed: Array, moment: Moment) -> tuple[OnlineState, Array]:
        """One step of all detectors.

        Args:
            x: (N, F), scaled, anything where not observed. observed: bool (N, F).

        Returns:
            The next state, and the forecast (P, N, G), scaled; with quantiles (P, N, G, K).
        """
        network = bind(self._architecture, self._shape, dict(parameters))
        known = jnp.where(observed, x, state.last)
        filled = known if self._impute == "ffill" else jnp.where(observed, x, moment.usual)
        seen = observed.astype(filled.dtype)
        if self.mode == "stateful":
            exog = exogenous(jnp.asarray(moment.time)[None, None], seen[None, None], self._reading)[0, 0]
            past, forecast = network.step(state.past, filled, exog, *map(jnp.asarray, (moment.tod, moment.dow)))
            return OnlineState(known, past), forecast
        new = (filled, seen, jnp.asarray(moment.time))
        past = Ring(*(jnp.concatenate([ring[1:], each[None]]) for ring, each in zip(state.past, new, strict=True)))
        exog = exogenous(past.time[None], past.observed[None], self._reading)
        forecast = network(past.inputs[None], exog, *(jnp.asarray(each)[None] for each in (moment.tod, moment.dow)))[0]
        return OnlineState(known, past), forecast
