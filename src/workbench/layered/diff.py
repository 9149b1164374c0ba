"""Two configurations, value by value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from workbench.layered.provenance import Leaf
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.schema import Path


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
        kinds = {leaf.source.kind for leaf in (one, two) if leaf is not None}
        found = [
            Difference(".".join((*path, *rest)), a, b, _source(one, rest), _source(two, rest))
            for rest, a, b in _differing(_value(one), _value(two))
        ]
        (derived if kinds == {"derived"} else chosen).extend(found)
    names = dict.fromkeys((*left.versions, *right.versions))
    versions = [(name, left.versions.get(name), right.versions.get(name)) for name in names]
    return Differences(
        tuple(chosen), tuple(derived), tuple(Difference(n, a, b, None, None) for n, a, b in versions if a is not None and b is not None and a != b)
    )  # fmt: skip


def _value(leaf: Leaf | None) -> Any:
    return None if leaf is None else leaf.value


def _differing(left: Any, right: Any) -> Iterator[tuple[Path, Any, Any]]:
    """What differs within two values, entry by entry and field by field as far as they go along; (place, left, right)."""
    if isinstance(left, dict) and isinstance(right, dict):
        pairs = [(name, left.get(name), right.get(name)) for name in dict.fromkeys((*left, *right))]
    elif _is_entries(left) and _is_entries(right):
        pairs = [(str(i), a, b) for i, (a, b) in enumerate(zip_longest(left, right))]
    else:
        yield (), left, right
        return
    for name, a, b in pairs:
        if a != b:
            yield from (((name, *rest), one, two) for rest, one, two in _differing(a, b))


def _is_entries(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _source(leaf: Leaf | None, rest: Path = ()) -> str | None:
    if leaf is None:
        return None
    return ((leaf.place_of(".".join(rest)) if rest else None) or leaf.source).short
