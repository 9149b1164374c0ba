"""A script that loads a model's exported weights and forecasts."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from traffic.intervals.levels import intervals, level_text
from traffic.sources.corridor_params import CORRIDOR, SIMULATOR, CorridorParams
from workbench.families import Size
from workbench.services.exports import OWN, file_name
from workbench.services.exports_own import run_of, weights_of
from workbench.state import ModelRecord

if TYPE_CHECKING:
    from workbench.services.exports import Progress
    from workbench.workbench import Workbench

_TEXT = '''\
"""Forecasts by the model {name}, trained in run #{number}."""

import hashlib
import sys
from pathlib import Path

import numpy as np

import traffic

WEIGHTS = Path(__file__).with_name({weights!a})
SHA256 = {sha256!a}
USAGE = f"""Usage: python {{Path(__file__).name}} KIND FILE

KIND: csv_wide, npz, hdf5 or pandas_h5; FILE: measurements of the detectors that the model knows{without}"""

if not WEIGHTS.is_file():
    sys.exit(f"{{WEIGHTS}} is not there. Export the weights of the model, too, and lay them beside this script.")
if hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() != SHA256:
    sys.exit(f"{{WEIGHTS}} is not the file that this script was written for.")
if len(sys.argv) not in {counts}:
    sys.exit(USAGE)

try:
    data = {data}
    found = traffic.ForecastModel.load(WEIGHTS).forecast(data)  # from the last row; give rows for others
except (traffic.TrafficError, OSError) as error:
    sys.exit(str(error))
for step, time in enumerate(found.times[0]):
    for place, detector in enumerate(found.sensor_ids):
        told = zip(found.target_names, found.values[0, step, place], found.units{quantiles})
        words = [f"{{target}} {{value:.1f}} {{unit}}{interval}" for target, value, unit{bounds} in told]
        print(np.datetime64(int(time), "s"), detector, ", ".join(words))
{note}'''
_READ = "traffic.read(sys.argv[1], Path(sys.argv[2]))"
_SIMULATED = f"{_READ} if len(sys.argv) == 3 else traffic.simulate(traffic.CorridorSettings(days=1), seed=1).data"
_NOTE = "# found.quantiles[window, step, detector, target] holds the forecasts at {levels}, calibrated on the validation windows if they are enough\n"


def _text(workbench: Workbench, model: ModelRecord) -> bytes:
    weights, run = weights_of(model), run_of(workbench, model)
    export = {export.name: export for export in OWN}["weights"]
    dataset = workbench.state().datasets.get(workbench.state().dataset_of(model) or "")
    simulated = dataset is not None and (dataset.source == CORRIDOR or (dataset.source == SIMULATOR and _usual_road(dataset.params)))
    quantiles = model.config["architecture"].get("quantiles") or ()
    widest = next(iter(intervals(quantiles)), None)
    shown = "" if widest is None else f" ({level_text(widest.level)}: {{q[{widest.low}]:.1f}} to {{q[{widest.high}]:.1f}})"
    name = model.name.replace("\\", " ").replace('"', "'")
    return _TEXT.format(
        name=" ".join(name.split()), number=run.number, weights=file_name(model, export), sha256=weights.sha256,
        quantiles=", found.quantiles[0, step, place]" if shown else "", bounds=", q" if shown else "", interval=shown,
        note=_NOTE.format(levels=", ".join(map(str, quantiles))) if quantiles else "",
        without="; without both, a simulated day" if simulated else "", data=_SIMULATED if simulated else _READ,
        counts="(1, 3)" if simulated else "(3,)",
    ).encode()  # fmt: skip


def _usual_road(params: object) -> bool:
    """Whether a corridor of somebody's own has the road, and so the detectors, of the usual one."""
    chosen = CorridorParams.model_validate(params)
    return chosen.simulator.road == CorridorParams().simulator.road and chosen.interval_s == CorridorParams().interval_s


def snippet_write(workbench: Workbench, model: ModelRecord, out: IO[bytes], part: str, progress: Progress) -> None:
    """The script."""
    del part
    out.write(_text(workbench, model))
    progress(1, 1)


def snippet_size(workbench: Workbench, model: ModelRecord, part: str) -> Size:
    """The size of the script."""
    del part
    return Size(len(_text(workbench, model)), exact=True)
