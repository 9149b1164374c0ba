"""The cell transmission model (Daganzo 1994, 1995) with a capacity drop, ramps, incidents and weather, in sub-steps of seconds.

A cell sends what it holds and receives what it has room for; where a ramp merges, both get a share of the room. The road's upstream end
and the ramps have queues in a point; the downstream end is free.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from traffic.corridor.diagram import SUBSTEP_S, FundamentalDiagram, require_reachable

RAMP_CAPACITY = 1800.0
"""Vehicles per hour that an on-ramp lets through."""


class Traffic(NamedTuple):
    """Vehicles on the road: in cells (M,), in the queue before the road (), and on each cell's on-ramp (M,)."""

    cells: Any
    origin: Any
    ramps: Any


class Conditions(NamedTuple):
    """What drives the road, by record.

    Attributes:
        capacity: vehicles per hour, incidents and weather included, (T, M). speed_factor: of free speed, (T,).
        origin: demand at the upstream end, vehicles per hour, (T,). ramps: into each cell, (T, M). exits: share of each cell's
            outflow that leaves, (T, M).
    """

    capacity: Any
    speed_factor: Any
    origin: Any
    ramps: Any
    exits: Any


class Records(NamedTuple):
    """What happened, by record.

    Attributes:
        flow: mean outflow of the watched cells, vehicles per hour, all lanes, (T, N). density: mean before each sub-step, per km, (T, N).
        entered, left: vehicles, (T,). queues: before the road first, then of each cell's ramp, (T, 1 + M).
        least_room, least: smallest room for vehicles in any cell, and smallest number in any, after any sub-step, (T,).
    """

    flow: Any
    density: Any
    entered: Any
    left: Any
    queues: Any
    least_room: Any
    least: Any


class _Sums(NamedTuple):
    """Over the sub-steps of a record: outflow and density by cell, flows over the road's ends, and the extremes of each cell."""

    flow: Array
    density: Array
    entered: Array
    left: Array
    low: Array
    high: Array


def simulate_cells(
    conditions: Conditions,
    start: Traffic,
    *,
    lanes: np.ndarray,
    diagram: FundamentalDiagram,
    cell_km: float,
    watched: np.ndarray,
    substeps: int,
    dtype: Any = np.float32,
) -> tuple[Traffic, Records]:
    """Run the road for T records of `substeps` sub-steps.

    Args:
        start: traffic before the first. lanes: (M,). watched: cells that are recorded, (N,). dtype: of the state.

    Returns:
        The traffic at the end, and the records, as NumPy arrays.

    Raises:
        TrafficError: SIM_PARAM if a vehicle could pass a cell in one sub-step.
    """
    require_reachable(diagram, cell_km)
    constants = (diagram.free_speed, diagram.wave_speed, diagram.jam_density, diagram.curvature, diagram.capacity_drop, cell_km)
    cast = partial(np.asarray, dtype=dtype)
    end, records = _run(
        Conditions(*map(cast, conditions)),
        Traffic(*map(cast, start)),
        cast(lanes),
        cast(constants),
        np.asarray(watched, np.int32),
        substeps,
    )
    return Traffic(*map(np.asarray, end)), Records(*map(np.asarray, records))


@partial(jax.jit, static_argnums=5)
def _run(conditions: Conditions, start: Traffic, lanes: Array, constants: Array, watched: Array, substeps: int) -> tuple[Traffic, Records]:
    free_speed, wave_speed, jam_density, curvature, drop, cell_km = constants
    hours = SUBSTEP_S / 3600.0
    critical = lanes * wave_speed * jam_density / (free_speed * (1 - curvature) + wave_speed)
    jam = lanes * jam_density
    mainline = lanes / (lanes + 1)  # of the room, where a ramp merges

    def record(traffic: Traffic, now: Conditions) -> tuple[Traffic, Records]:
        capacity = now.capacity
        discharge = (1 - drop) * jnp.minimum(capacity, jnp.append(capacity[1:], capacity[-1]))
        speed = now.speed_factor * free_speed
        stays = 1 - now.exits

        def substep(_: Array, carry: tuple[Traffic, _Sums]) -> tuple[Traffic, _Sums]:
            traffic, sums = carry
            k = traffic.cells / cell_km
            free = jnp.minimum(speed * k * (1 - curvature * k / critical), capacity)
            sending = jnp.where(k <= critical, free, discharge)
            receiving = jnp.clip(wave_speed * (jam - k), 0, capacity)
            origin = traffic.origin / hours + now.origin
            above = jnp.concatenate([origin[None], (sending * stays)[:-1]])
            ramp = jnp.minimum(traffic.ramps / hours + now.ramps, RAMP_CAPACITY)
            both = above + ramp <= receiving
            main = jnp.where(both, above, _median(above, receiving - ramp, mainline * receiving))
            merging = jnp.where(both, ramp, _median(ramp, receiving - above, (1 - mainline) * receiving))
            out = jnp.append(main[1:] / stays[:-1], sending[-1])
            cells = traffic.cells + hours * (main + merging - out)
            after = Traffic(cells, traffic.origin + hours * (now.origin - main[0]), traffic.ramps + hours * (now.ramps - merging))
            gone = (out * now.exits).sum() + out[-1] * stays[-1]
            return after, _Sums(
                flow=sums.flow + out,
                density=sums.density + k,
                entered=sums.entered + main[0] + merging.sum(),
                left=sums.left + gone,
                low=jnp.minimum(sums.low, cells),
                high=jnp.maximum(sums.high, cells),
            )

        nothing, none = jnp.zeros_like(lanes), jnp.zeros((), lanes.dtype)
        begun = _Sums(nothing, nothing, none, none, low=traffic.cells, high=traffic.cells)
        traffic, sums = lax.fori_loop(0, substeps, substep, (traffic, begun))
        seen = Records(
            flow=sums.flow[watched] / substeps,
            density=sums.density[watched] / substeps,
            entered=sums.entered * hours,
            left=sums.left * hours,
            queues=jnp.append(traffic.origin, traffic.ramps),
            least_room=(jam * cell_km - sums.high).min(),
            least=sums.low.min(),
        )
        return traffic, seen

    return lax.scan(record, start, conditions)


def _median(a: Array, b: Array, c: Array) -> Array:
    """The middle one of three."""
    return jnp.maximum(jnp.minimum(a, b), jnp.minimum(jnp.maximum(a, b), c))
