"""Read-only mappings that differ little from an earlier one: a change costs what changes, not a copy of a hundred thousand entries.

Not a hash trie of a library: those lose the order in which entries were made, which lists of records keep.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from types import MappingProxyType
from typing import Any

FEW = 1_000
"""Entries up to which a mapping is copied as a whole, and changes from which on an overlay becomes a mapping of its own."""

_GONE: Any = object()
"""Stands above an entry of the base that is removed."""


class Overlay(Mapping[str, Any]):
    """A large mapping, shared with others and never changed, and above it what differs from it.

    Entries keep their place when they change; new ones stand at the end.
    """

    __slots__ = ("_above", "_base", "_size")

    def __init__(self, base: Mapping[str, Any], above: dict[str, Any]) -> None:
        self._base, self._above = base, above
        self._size = len(base) + sum((value is not _GONE) - (key in base) for key, value in above.items())

    def changed(self, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """The mapping with other entries; `REMOVED` takes one away."""
        above = {**self._above, **changes}
        if len(above) <= FEW:
            return Overlay(self._base, above)
        return MappingProxyType(dict(Overlay(self._base, above).items()))

    def __getitem__(self, key: str) -> Any:
        found = self._above.get(key, self)
        if found is self:
            return self._base[key]
        if found is _GONE:
            raise KeyError(key)
        return found

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        found = self._above.get(key, self)
        return self._base.get(key, default) if found is self else default if found is _GONE else found

    def __contains__(self, key: object) -> bool:
        found = self._above.get(key, self)  # pyright: ignore[reportArgumentType, reportCallIssue]
        return key in self._base if found is self else found is not _GONE

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._pairs())

    def items(self) -> ItemsView[str, Any]:
        """All entries."""
        return _Items(self)

    def values(self) -> ValuesView[Any]:
        """All values."""
        return _Values(self)

    def __repr__(self) -> str:
        return f"Overlay({dict(self)!r})"

    def _pairs(self) -> Iterator[tuple[str, Any]]:
        base, above = self._base, self._above
        for pair in base.items():
            if pair[0] not in above:
                yield pair
            elif above[pair[0]] is not _GONE:
                yield pair[0], above[pair[0]]
        for key, value in above.items():
            if key not in base and value is not _GONE:
                yield key, value


class _Items(ItemsView[str, Any]):
    """The entries of an overlay, without looking each of them up."""

    _mapping: Overlay

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return self._mapping._pairs()


class _Values(ValuesView[Any]):
    """Its values, likewise."""

    _mapping: Overlay

    def __iter__(self) -> Iterator[Any]:
        base, above = self._mapping._base, self._mapping._above
        for key, value in base.items():
            found = above.get(key, value)
            if found is not _GONE:
                yield found
        for key, value in above.items():
            if key not in base and value is not _GONE:
                yield value


REMOVED = _GONE
"""The new value of an entry that is taken away."""


def changed(mapping: Mapping[str, Any], changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """A mapping with other entries (`REMOVED` takes one away); the one that is given stays as it is."""
    if isinstance(mapping, Overlay):
        return mapping.changed(changes)
    if len(mapping) > FEW and len(changes) <= FEW:
        return Overlay(mapping, dict(changes))
    # many times faster for the read-only views of dicts that states hold than `dict(...)`
    new = mapping.copy() if isinstance(mapping, MappingProxyType) else dict(mapping)
    for key, value in changes.items():
        if value is REMOVED:
            new.pop(key, None)
        else:
            new[key] = value
    return MappingProxyType(new)
