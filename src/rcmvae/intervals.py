"""How far chance alone may move a share. Imports no array package: pages read warnings without one."""

from __future__ import annotations

from typing import Any

SURE_95 = 1.959963984540054
SURE_99 = 2.5758293035489004
"""Points of the normal distribution that leave out 2.5 % and 0.5 % on each side."""


def wilson(found: Any, n: Any, z: float = SURE_95) -> tuple[Any, Any]:
    """Lower and upper bound of a share of which `found` of `n` were seen (Wilson 1927): numbers, or arrays elementwise. `n` is above 0."""
    share = found / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    return middle - half, middle + half
