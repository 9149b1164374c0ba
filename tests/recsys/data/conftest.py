"""Simulated shops that several tests read."""

from __future__ import annotations

import pytest

from recsys.data.retail import Retail, simulate
from recsys.data.retail_settings import RetailSettings

MANY_ROWS = 600_000
"""Three chunks."""


@pytest.fixture(scope="session")
def small_shop() -> Retail:
    """The default table."""
    return simulate()


@pytest.fixture(scope="session")
def busy_shop() -> Retail:
    """The small shop's customers and products with ten times the sales."""
    return simulate(RetailSettings(rows=MANY_ROWS), threads=1)
