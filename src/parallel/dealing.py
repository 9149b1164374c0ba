"""Several arrays of rows as one, in an order in which each device keeps its own rows of all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
from jax import Array
from jax.sharding import PartitionSpec

from parallel.mesh import DATA, mesh, split, whole

Tree = TypeVar("Tree")


@dataclass(frozen=True)
class Deal:
    """How arrays of so many rows each become one of R = sum(sizes) rows.

    On one device they follow each other. Over several, each device's rows of all arrays do: to put split arrays behind each other would
    move most rows to another device. Where sizes are no multiples of the devices they follow each other, too.

    Attributes:
        sizes: rows of each array.
    """

    sizes: tuple[int, ...]
    devices: int

    @property
    def mixed(self) -> bool:
        """Whether rows lie in another order than on one device."""
        return self.devices > 1 and all(size % self.devices == 0 for size in self.sizes)

    def together(self, arrays: Sequence[Array]) -> Array:
        """Arrays of these sizes, or some that were put together before, as one (R, ...)."""
        if not self.mixed:
            return split(jnp.concatenate(arrays), self.devices)
        one = jnp.concatenate([split(array.reshape(self.devices, -1, *array.shape[1:]), self.devices) for array in arrays], axis=1)
        return split(one.reshape(-1, *one.shape[2:]), self.devices)

    def parts(self, tree: Tree) -> list[Tree]:
        """The arrays (size, ...) again that arrays (R, ...) of a tree were put together from."""
        rows = sum(self.sizes) // self.devices if self.mixed else sum(self.sizes)
        shares = [size // self.devices if self.mixed else size for size in self.sizes]
        starts = (stop - share for stop, share in zip(accumulate(shares), shares, strict=True))

        def part(array: Array, start: int, share: int) -> Array:
            if not self.mixed:
                return array[start : start + share]
            dealt = split(array.reshape(self.devices, rows, *array.shape[1:]), self.devices)
            return dealt[:, start : start + share].reshape(-1, *array.shape[1:])

        return [
            split(jax.tree.map(lambda array, start=start, share=share: part(array, start, share), tree), self.devices)
            for start, share in zip(starts, shares, strict=True)
        ]

    def by_row(self, function: Callable[..., Array], shared: Any, *arrays: Any) -> Array:
        """`function(shared, *arrays)`, which works on each row by itself, of arrays that were put together.

        It may gather: over several devices each works on its rows alone, where the compiler would first bring all rows to all devices.
        """
        if not self.mixed:
            return function(shared, *arrays)
        rows = PartitionSpec(DATA)
        specs = (PartitionSpec(), *[rows for _ in arrays])
        return jax.shard_map(function, mesh=mesh(self.devices), in_specs=specs, out_specs=rows)(shared, *arrays)

    def dealt(self, tree: Tree) -> Tree:
        """Arrays of a tree whose R rows, each of one entry or more, follow each other, in the order of `together`; of the same shapes."""
        return jax.tree.map(self._dealt, tree) if self.mixed else tree

    def _dealt(self, array: Any) -> Array:
        rows = whole(array.reshape(sum(self.sizes), -1), self.devices)
        stops = list(accumulate(self.sizes))
        # each device takes its rows of what lies whole on it
        parts = [whole(rows[stop - size : stop], self.devices) for stop, size in zip(stops, self.sizes, strict=True)]
        return self.together(parts).reshape(array.shape)
