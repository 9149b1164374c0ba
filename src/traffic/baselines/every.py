"""Every simple forecast that stands beside a model."""

from __future__ import annotations

from traffic.baselines.base import Forecaster
from traffic.baselines.naive import HistoricalAverage, LastValue
from traffic.baselines.ridge import fit_ridge
from traffic.windows.prepare import Prepared


def baselines_of(prepared: Prepared) -> tuple[Forecaster, ...]:
    """Those of a series, fitted to its training rows, in the order in which tables show them."""
    return (LastValue(prepared), HistoricalAverage(prepared), fit_ridge(prepared))
