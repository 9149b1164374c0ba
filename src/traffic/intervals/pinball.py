"""The loss whose least value is at a quantile, for NumPy and JAX alike."""

from __future__ import annotations

from typing import Any, TypeVar

Values = TypeVar("Values", bound=Any)


def pinball(error: Values, quantile: Values | float) -> Values:
    """Loss of an error truth - forecast at a quantile, element by element (Koenker and Bassett 1978, eq. 2.1).

    `quantile * error` for a forecast too low, `(quantile - 1) * error` for one too high. Arrays of either kind go in, the same kind comes
    out; quantiles broadcast against the error's last axis.
    """
    # written without a maximum, whose gradient differs between frameworks where the error is 0
    return error * (quantile - (error < 0))
