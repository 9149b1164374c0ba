"""The figure of a run that is still training, drawn from what its events carry rather than from a bundle.

`values` are those that the trainer reports as the diagnostics `horizons`: errors of each of the `baselines` by name and of the `model`, one a
step, None where nothing was measured; of which `target`, in which `unit`, what `null` masks, and seconds of a step, `interval_s`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from traffic.bundle import MODEL
from traffic.figures.errors import Line, Scale, horizon_sketch
from workbench.plotting import Sketch


def validation_by_horizon(values: Mapping[str, Any], *, dark: bool = False) -> Sketch:
    """Errors of the validation windows: the model's newest, and the baselines'."""
    known = [(MODEL, values["model"]), *values["baselines"].items()]
    lines = [Line(name, np.array(errors, np.float64)) for name, errors in known if errors]
    return horizon_sketch(lines, Scale("mae", values["target"], values["unit"], values["null"]), values["interval_s"], dark=dark)
