"""As how many devices the processor counts. Imports no framework."""

from __future__ import annotations

import re

_FLAG = re.compile(r"--xla_force_host_platform_device_count=(\d+)")


def processor_devices(flags: str) -> int:
    """What the flags of JAX say, which the recommenders follow so that one variable holds for all families; else 1.

    Args:
        flags: of `XLA_FLAGS`; the last one of a kind holds.
    """
    said = _FLAG.findall(flags)
    return max(1, int(said[-1])) if said else 1
