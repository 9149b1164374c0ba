"""Calibrates a network's quantiles on the validation windows, for its checkpoints and for its results alike."""

from __future__ import annotations

from traffic.errors import TrafficError
from traffic.intervals.calibration import Calibration, calibrate
from traffic.training.engine import Engine
from traffic.training.optimiser import Parameters
from traffic.windows.prepare import Prepared
from traffic.windows.windows import target_rows


def calibration_of(ready: Prepared, engine: Engine, parameters: Parameters) -> Calibration:
    """The corrections of a network with quantiles. Raises TrafficError (DATA_TOO_SHORT) for too few validation windows."""
    rows = target_rows(ready.split.val, ready.split.size)
    forecast = engine.predict(parameters, ready.split.val)
    return calibrate(forecast, ready.targets[rows], ready.target_mask[rows], engine.recipe.quantiles)


def calibration_or_why(ready: Prepared, engine: Engine, parameters: Parameters) -> tuple[Calibration | None, str]:
    """The same; None where the windows are too few, with why and what to do about it in sentences."""
    try:
        return calibration_of(ready, engine, parameters), ""
    except TrafficError as error:
        return None, f"{error.message} {error.hint}"


def calibration_if_any(ready: Prepared, engine: Engine, parameters: Parameters) -> Calibration | None:
    """The same; None for a point forecast, and where the windows are too few, which the end of the run says."""
    return calibration_or_why(ready, engine, parameters)[0] if engine.recipe.quantiles else None
