"""How a file of traffic data is to be read."""

from __future__ import annotations

from typing import Literal

from workbench.fields import ConfigModel, Structural, field


class TrafficOptions(ConfigModel):
    """Options of an import. Files that say these things themselves are believed."""

    kind: Structural[str] = field("auto", label="Kind", section="Import", help="pandas_h5, npz, csv_wide or hdf5; auto goes by the file.")
    feature: Structural[str] = field(
        "speed", label="Feature", section="Import", help="What a table of one value a detector holds: speed, flow, occupancy.",
    )  # fmt: skip
    unit: Structural[Literal["mph", "km/h", "veh/h", "veh/5min", "%", "1"]] = field(
        "mph", label="Unit", section="Import", help="Its unit; nothing is converted.",
    )  # fmt: skip
    start: Structural[str | None] = field(
        None, label="Start", section="Import", help="Time of the first row, 2018-01-01T00:00, for files without times (npz).",
    )  # fmt: skip
    interval_s: Structural[int] = field(300, label="Interval", section="Import", unit="s", ge=1, le=86_400, help="Seconds from row to row.")
    zeros: Structural[Literal["values", "missing"]] = field(
        "values", label="Zeros", section="Import", help="What a zero is: a value, or a sign that nothing was measured.",
        choices=(("values", "Values", "Zeros stay."), ("missing", "Missing", "Zeros become missing values.")),
    )  # fmt: skip
