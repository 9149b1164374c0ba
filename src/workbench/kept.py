"""What a process derives from a workbench's files and events, and keeps: it hangs on the workbench, never on a module.

So two workbenches in one process (as in tests) never see each other's.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


class Kept:
    """One object of each kind that anybody asked for, made when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[Callable[..., Any], Any] = {}

    def of(self, make: Callable[..., T], *given: Any) -> T:
        """The object that `make` (a class, or a function of a module) made for this workbench, of what was given the first time."""
        with self._lock:
            if make not in self._objects:
                self._objects[make] = make(*given)
            return self._objects[make]


class Recent:
    """The last few values made, each by one thread while others wait for it.

    Args:
        size: how many are kept.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.RLock()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of that key, made if it is not kept."""
        (found,) = self.get_all([key], lambda missing: [make()])
        return found

    def get_all(self, keys: Sequence[Hashable], make: Callable[[list[int]], Sequence[Any]]) -> list[Any]:
        """The values of some keys in their order; those that are not kept are made at once, by their places among the keys."""
        with self._lock:
            missing = [place for place, key in enumerate(keys) if key not in self._values]
            made = dict(zip(missing, make(missing), strict=True)) if missing else {}
            found = [made[place] if place in made else self._values[key] for place, key in enumerate(keys)]
            for key, value in zip(keys, found, strict=True):
                self._values[key] = value
                self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
            return found


@dataclass(frozen=True, eq=False)
class Same:
    """A key that equals another only where both hold the very same object."""

    value: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)
