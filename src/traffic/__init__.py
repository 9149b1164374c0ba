"""Forecasting for road-traffic detectors: LSTM, xLSTM and Transformer, beside simple forecasts.

Public names are loaded when they are first used, so that importing the package never imports an array framework.

Example::

    import traffic

    data = traffic.simulate(traffic.CorridorSettings(days=14), seed=0).data
    model = traffic.ForecastModel.fit(data, "lstm", use={"targets": ["speed"], "share_weights_across_vds": True})
    model.forecast(data).values
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traffic.api import ForecastModel
    from traffic.corridor.scenario import CorridorSettings
    from traffic.corridor.simulate import simulate
    from traffic.data.contract import TrafficData
    from traffic.data.reading import read
    from traffic.errors import TrafficError
    from traffic.forecasting import Forecast
    from traffic.online.stream import OnlineForecast, Stream

_HOMES = {
    "CorridorSettings": "traffic.corridor.scenario",
    "Forecast": "traffic.forecasting",
    "ForecastModel": "traffic.api",
    "OnlineForecast": "traffic.online.stream",
    "Stream": "traffic.online.stream",
    "TrafficData": "traffic.data.contract",
    "TrafficError": "traffic.errors",
    "read": "traffic.data.reading",
    "simulate": "traffic.corridor.simulate",
}

__all__ = [
    "CorridorSettings", "Forecast", "ForecastModel", "OnlineForecast", "Stream", "TrafficData", "TrafficError", "read", "simulate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'traffic' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
