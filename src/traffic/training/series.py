"""A prepared series on the device, and the windows that a compiled function gathers from it by index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct
from jax import Array

from traffic.windows.prepare import Prepared
from traffic.windows.time_features import TimeFeature, day_of_week, encodings, slot_of_day


@struct.dataclass
class Series:
    """Arrays of a whole series (T rows, N detectors, F features, G targets, E time features).

    Attributes:
        inputs: (T, N, F), scaled. observed: bool (T, N, F), where an input was measured. time: (T, E).
        slot, day: int32 (T,), interval of the day and day of the week.
        targets: (T, N, G), original units. measured: bool (T, N, G), where errors count.
        offset, scale: (N or 1, G), from a network's output to original units. deviation: (G,), in which the loss is measured.
    """

    inputs: Array
    observed: Array
    time: Array
    slot: Array
    day: Array
    targets: Array
    measured: Array
    offset: Array
    scale: Array
    deviation: Array


@dataclass(frozen=True)
class Reading:
    """How windows are read from a series.

    Attributes:
        lookback, horizon: L input and P target rows. shared: whether one set of weights reads each detector apart.
        mask_as_input: whether a network is told what was measured.
    """

    lookback: int
    horizon: int
    shared: bool
    mask_as_input: bool


@struct.dataclass
class Windows:
    """B windows: `inputs` (B, L, N, F), `exog` (B, L, N, X) or (B, L, X), `tod` and `dow` int32 (B,), `targets` (B, P, N, G) and
    `counted`, 1 where an error counts."""

    inputs: Array
    exog: Array
    tod: Array
    dow: Array
    targets: Array
    counted: Array


def on_device(tree: object) -> object:
    """Arrays of a tree on the default device, in memory of their own, compiling nothing."""
    return jax.device_put(jax.tree.map(np.array, tree))


def series_of(prepared: Prepared, time_features: Sequence[TimeFeature]) -> Series:
    """The device's copy of a prepared series."""
    columns = list(prepared.target_columns)
    offset, scale = (np.atleast_2d(part)[:, columns].astype(np.float32) for part in (prepared.scaler.offset, prepared.scaler.scale))
    arrays = Series(
        inputs=prepared.inputs,  # pyright: ignore[reportArgumentType]
        observed=prepared.mask > 0,  # pyright: ignore[reportArgumentType]
        time=encodings(prepared.timestamps, time_features),  # pyright: ignore[reportArgumentType]
        slot=slot_of_day(prepared.timestamps, prepared.interval_s).astype(np.int32),  # pyright: ignore[reportArgumentType]
        day=day_of_week(prepared.timestamps).astype(np.int32),  # pyright: ignore[reportArgumentType]
        targets=prepared.targets,  # pyright: ignore[reportArgumentType]
        measured=prepared.target_mask,  # pyright: ignore[reportArgumentType]
        offset=offset,  # pyright: ignore[reportArgumentType]
        scale=scale,  # pyright: ignore[reportArgumentType]
        deviation=prepared.target_sd.astype(np.float32),  # pyright: ignore[reportArgumentType]
    )
    return on_device(arrays)  # pyright: ignore[reportReturnType]


def gather(series: Series, ends: Array, reading: Reading) -> Windows:
    """The windows whose last inputs lie at rows `ends` (B,); one at -1 is padding and counts nothing."""
    real = ends >= 0
    last = jnp.where(real, ends, reading.lookback - 1)
    rows = last[:, None] + jnp.arange(1 - reading.lookback, 1, dtype=last.dtype)
    ahead = last[:, None] + jnp.arange(1, reading.horizon + 1, dtype=last.dtype)
    inputs = series.inputs[rows]
    exog = exogenous(series.time[rows], series.observed[rows].astype(inputs.dtype), reading)
    counted = (series.measured[ahead] & real[:, None, None, None]).astype(inputs.dtype)
    return Windows(inputs, exog, series.slot[last], series.day[last], series.targets[ahead], counted)


def targets_counted(series: Series, ends: Array, reading: Reading) -> Array:
    """How many errors count in these windows by target, float32 (G,)."""
    ahead = jnp.where(ends >= 0, ends, reading.lookback - 1)[:, None] + jnp.arange(1, reading.horizon + 1, dtype=ends.dtype)
    counted = series.measured[ahead] & (ends >= 0)[:, None, None, None]
    return jnp.sum(counted, axis=(0, 1, 2), dtype=series.inputs.dtype)


def exogenous(time: Array, observed: Array, reading: Reading) -> Array:
    """What a network reads besides features: (B, L, N, X) with shared weights, else (B, L, X).

    Args:
        time: (B, L, E), time features. observed: (B, L, N, F), 1 where an input was measured.
    """
    batch, steps, sensors, features = observed.shape
    exog = jnp.broadcast_to(time[:, :, None], (batch, steps, sensors, time.shape[-1])) if reading.shared else time
    if not reading.mask_as_input:
        return exog
    masks = observed if reading.shared else observed.reshape(batch, steps, sensors * features)
    return jnp.concatenate([exog, masks], axis=-1)
