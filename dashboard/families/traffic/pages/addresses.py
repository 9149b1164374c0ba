"""The addresses of the Forecasting page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

FAMILY = "traffic"
HOME = "/forecasting"
RESULTS = f"{HOME}/results"
COMPARE = f"{HOME}/compare"

CHAPTERS = (("", "Set up"), ("results", "Results"))
"""(key, title) of the chapters in order."""


def one_run(id: str, **shown: str) -> str:
    """A run's forecasts; `shown` says what of them."""
    return with_query(f"{RESULTS}/{id}", shown)


def compare(ids: Sequence[str]) -> str:
    """Runs side by side."""
    return f"{COMPARE}?ids={','.join(ids)}"


def with_query(path: str, given: Mapping[str, str]) -> str:
    """An address with those parameters that have a value."""
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{path}?{query}" if query else path
