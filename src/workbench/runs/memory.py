"""How much memory there is for a worker, and giving a finished run's back to the system, while compiled code stays warm."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from pathlib import Path

GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where a container says how much memory it has, by both versions of control groups."""


def give_memory_back() -> None:
    """Free what nothing refers to any more (device buffers included) and, on Linux, return free heap pages to the system."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
        if trim is not None:
            trim(0)


def memory_limit() -> int | None:
    """Bytes that a process here may have: the machine's memory, or less where it runs in a container; None if unknown."""
    found: list[int] = []
    with contextlib.suppress(ValueError, OSError, AttributeError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for file in GROUP_LIMITS:
        with contextlib.suppress(ValueError, OSError):
            found.append(int(file.read_text()))  # "max" is none
    return min((limit for limit in found if limit > 0), default=None)
