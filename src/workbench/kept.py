"""What a process derives from a workbench's files and events, and keeps: it hangs on the workbench, never on a module.

So two workbenches in one process (as in tests) never see each other's.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


class Kept:
    """One object of each kind that anybody asked for, made when it is first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[Callable[[], Any], Any] = {}

    def of(self, make: Callable[[], T]) -> T:
        """The object that `make` (a class, or a function of a module) made for this workbench."""
        with self._lock:
            if make not in self._objects:
                self._objects[make] = make()
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
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
            return self._values[key]


@dataclass(frozen=True, eq=False)
class Same:
    """A key that equals another only where both hold the very same object."""

    value: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)
