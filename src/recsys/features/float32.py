"""How large the numbers are that models learn and predict."""

from __future__ import annotations

FLOAT32_MAX = (2 - 2**-23) * 2.0**127
"""The largest finite float32."""


def beyond_float32(*ends: float | None) -> str | None:
    """What is wrong with the ends of a target's range: models learn and predict float32. None if nothing is."""
    beyond = next((end for end in ends if end is not None and abs(end) > FLOAT32_MAX), None)
    if beyond is None:
        return None
    return f"holds {beyond:g}, and a model's numbers go to {FLOAT32_MAX:.1e}; divide it by a constant, or correct it"
