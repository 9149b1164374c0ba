"""Python's garbage collection where it is in the way: modules that load make many objects and no garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Pause garbage collection while modules load, of whose time it takes a fifth. Within another pause it goes on after that."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def keep_what_is_loaded() -> None:
    """Let later collections pass over what has been loaded by now, which stays as long as the process."""
    gc.freeze()
