"""How arrays lie on the devices of a run. With one device every function here leaves things as they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

import jax
import numpy as np
from jax.flatten_util import ravel_pytree
from jax.sharding import Mesh, NamedSharding, PartitionSpec

Tree = TypeVar("Tree")

DATA = "data"
"""The mesh's one axis."""


@cache
def mesh(devices: int) -> Mesh:
    """The first `devices`, side by side: as many of each process, where several train together."""
    crew = jax.process_count()
    each = [[device for device in jax.devices() if device.process_index == index][: devices // crew] for index in range(crew)]
    return Mesh(np.array([device for own in each for device in own]), (DATA,))


def split(tree: Tree, devices: int) -> Tree:
    """Inside a compiled function: arrays (B, ...) whose rows are split over the devices."""
    return tree if devices == 1 else jax.lax.with_sharding_constraint(tree, NamedSharding(mesh(devices), PartitionSpec(DATA)))


def whole(tree: Tree, devices: int) -> Tree:
    """Inside a compiled function: arrays that lie whole on each device."""
    return tree if devices == 1 else jax.lax.with_sharding_constraint(tree, _everywhere(devices))


def giving_whole(function: Callable[..., Tree], devices: int) -> Callable[..., Tree]:
    """`function`, to be compiled, whose results lie whole on each device."""
    if devices == 1:
        return function

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Tree:
        return whole(function(*args, **kwargs), devices)

    return wrapped


def each_summed(function: Callable[[Any, Any], Tree], devices: int) -> Callable[[Any, Any], Tree]:
    """Inside a compiled function: `function(rows, shared)` of each device's rows of `rows`, summed over devices.

    What a device works out is its own affair, loops included: they meet once, for one sum of all arrays as one vector.
    """

    def own(rows: Any, shared: Any) -> Tree:
        vector, back = ravel_pytree(function(rows, shared))
        return back(jax.lax.psum(vector, DATA))

    # what each device has is not followed through the function: a gradient by what all share is to be its own, and not be summed here
    specs = (PartitionSpec(DATA), PartitionSpec())
    return jax.shard_map(own, mesh=mesh(devices), in_specs=specs, out_specs=PartitionSpec(), check_vma=False)


def placed(tree: Tree, devices: int) -> Tree:
    """Device arrays of a tree, whole on each of the devices. Compiles nothing.

    Where several processes train together, each brings the same arrays.
    """
    if devices == 1:
        return tree
    where = _everywhere(devices)
    if jax.process_count() == 1:
        return jax.device_put(tree, where)
    return jax.tree.map(lambda leaf: _of_each_process(leaf, where), tree)


def copied(tree: Tree) -> Tree:
    """A copy of a tree of device arrays that shares no memory with it, and compiles nothing."""
    return jax.tree.map(_copied, tree)


def local(tree: Tree) -> Tree:
    """Arrays that lie whole on several devices as arrays on the first of them alone, sharing its memory; others as they are."""
    return jax.tree.map(_local, tree)


def bytes_on_each(tree: Any) -> int:
    """Bytes that the arrays of a tree take on one of their devices; one that stands in it twice counts once."""
    arrays = {id(leaf): leaf for leaf in jax.tree.leaves(tree) if isinstance(leaf, jax.Array)}
    return sum(array.addressable_shards[0].data.nbytes for array in arrays.values())


def _of_each_process(leaf: Any, where: NamedSharding) -> Any:
    if isinstance(leaf, jax.Array) and not leaf.is_fully_addressable:
        return leaf
    own = np.asarray(leaf)
    return jax.make_array_from_callback(own.shape, where, lambda rows: own[rows])


def _copied(leaf: Any) -> Any:
    if not isinstance(leaf, jax.Array) or leaf.is_fully_addressable:
        return jax.device_put(leaf, may_alias=False)
    own = [jax.device_put(shard.data, may_alias=False) for shard in leaf.addressable_shards]
    return jax.make_array_from_single_device_arrays(leaf.shape, leaf.sharding, own)


def _everywhere(devices: int) -> NamedSharding:
    return NamedSharding(mesh(devices), PartitionSpec())


def _local(value: Any) -> Any:
    several = isinstance(value, jax.Array) and len(value.sharding.device_set) > 1
    return value.addressable_data(0) if several else value
