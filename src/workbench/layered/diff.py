"""Two configurations, value by value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.layered.provenance import Leaf
from workbench.layered.resolved import ResolvedConfig


@dataclass(frozen=True)
class Difference:
    """A key with both values and both sources; None where a configuration does not have it."""

    key: str
    left: Any
    right: Any
    left_source: str | None
    right_source: str | None


@dataclass(frozen=True)
class Differences:
    """What differs: `chosen` by people, `derived` from that in both, and `versions` of what wrote the two, if they say so."""

    chosen: tuple[Difference, ...]
    derived: tuple[Difference, ...]
    versions: tuple[Difference, ...]


def differences(left: ResolvedConfig, right: ResolvedConfig) -> Differences:
    """Every key whose values differ, in the order of the keys."""
    chosen, derived = [], []
    for path in dict.fromkeys((*left.leaves, *right.leaves)):
        one, two = left.leaves.get(path), right.leaves.get(path)
        if one is not None and two is not None and one.value == two.value:
            continue
        found = Difference(".".join(path), _value(one), _value(two), _source(one), _source(two))
        kinds = {leaf.source.kind for leaf in (one, two) if leaf is not None}
        (derived if kinds == {"derived"} else chosen).append(found)
    names = dict.fromkeys((*left.versions, *right.versions))
    versions = [(name, left.versions.get(name), right.versions.get(name)) for name in names]
    return Differences(
        tuple(chosen), tuple(derived), tuple(Difference(n, a, b, None, None) for n, a, b in versions if a is not None and b is not None and a != b)
    )  # fmt: skip


def _value(leaf: Leaf | None) -> Any:
    return None if leaf is None else leaf.value


def _source(leaf: Leaf | None) -> str | None:
    return None if leaf is None else leaf.source.short
