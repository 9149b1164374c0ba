"""Read-only dicts and lists of JSON values, so that many records can hold one and none can change it for the others.

They are real dicts and lists: they compare, serialise and validate as such, and `copy`, `|`, `{**value}` or `deepcopy` of one give an
ordinary one that may be changed.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Never


class FrozenError(TypeError):
    """Somebody tried to change what is shared."""


def _refuse(self: Any, *_arguments: Any, **_named: Any) -> Never:
    ordinary = type(self).__mro__[1]
    raise FrozenError(f"This {ordinary.__name__} belongs to a record and is shared: change a copy of it.")


class FrozenDict(dict[Any, Any]):
    """A dict that refuses to be changed."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __copy__(self) -> dict[Any, Any]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return {key: deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> Any:
        return FrozenDict, (dict(self),)


class FrozenList(list[Any]):
    """A list that refuses to be changed."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __copy__(self) -> list[Any]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [deepcopy(value, memo) for value in self]

    def __reduce__(self) -> Any:
        return FrozenList, (list(self),)


class FrozenSet(set[Any]):
    """A set that refuses to be changed; copies can be (pydantic copies the set of given fields with a record, and adds to the copy)."""

    __slots__ = ()
    __iand__ = __ior__ = __isub__ = __ixor__ = add = clear = difference_update = discard = intersection_update = pop = remove = _refuse
    symmetric_difference_update = update = _refuse

    def __copy__(self) -> set[Any]:
        return set(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> set[Any]:
        return set(self)

    def __reduce__(self) -> Any:
        return FrozenSet, (set(self),)


class Same:
    """A value as a cache's key, known by which object it is: for values that cannot be hashed, or compare slowly."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value


def frozen(value: Any) -> Any:
    """The same JSON value with its dicts and lists read-only, at every depth."""
    if type(value) is dict:
        return FrozenDict({key: frozen(one) if isinstance(one, dict | list) else one for key, one in value.items()})
    if type(value) is list:
        return FrozenList([frozen(one) if isinstance(one, dict | list) else one for one in value])
    return value
