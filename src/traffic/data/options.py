"""How a file of traffic data is to be read."""

from __future__ import annotations

from typing import Literal

from traffic.data.clock import LONGEST_INTERVAL_S
from traffic.errors import Place, TrafficError
from workbench.fields import ConfigModel, Structural, field, field_specs


class TrafficOptions(ConfigModel):
    """Options of an import; None where it was not given."""

    kind: Structural[str] = field("auto", label="Kind", section="Import", help="pandas_h5, npz, csv_wide or hdf5; auto goes by the file.")
    feature: Structural[str | None] = field(
        None, label="Feature", section="Import", help="What a table of one value a detector holds: flow, occupancy; speed if not given.",
    )  # fmt: skip
    unit: Structural[Literal["mph", "km/h", "veh/h", "veh/5min", "%", "1"] | None] = field(
        None, label="Unit", section="Import",
        help="Unit of a table that does not say it; nothing is converted. If not given, speed is taken as mph, flow as veh/h, occupancy as %.",
    )  # fmt: skip
    start: Structural[str | None] = field(
        None, label="Start", section="Import", help="Time of the first row, 2018-01-01T00:00, for files without times (npz).",
    )  # fmt: skip
    interval_s: Structural[int | None] = field(
        None, label="Interval", section="Import", unit="s", ge=1, le=LONGEST_INTERVAL_S,
        help="Seconds from row to row; if not given, as most rows of the file are apart, and 300 for files without times.",
    )  # fmt: skip
    zeros: Structural[Literal["values", "missing"]] = field(
        "values", label="Zeros", section="Import", help="What a zero is: a value, or a sign that nothing was measured.",
        choices=(("values", "Values", "Zeros stay."), ("missing", "Missing", "Zeros become missing values.")),
    )  # fmt: skip


APPLIES = {
    "csv_wide": frozenset({"feature", "unit", "interval_s"}),
    "pandas_h5": frozenset({"feature", "unit", "interval_s"}),
    "npz": frozenset({"start", "interval_s"}),
    "hdf5": frozenset[str](),
}
"""Which options say something that a kind of file does not say itself, beside those that every kind takes."""
_ALWAYS = frozenset({"kind", "zeros"})


def require_apt(options: TrafficOptions, kind: str) -> None:
    """Raise TrafficError (DATA_OPTION) for an option that was given though files of that kind say it themselves."""
    for spec in field_specs(TrafficOptions):
        if spec.name not in _ALWAYS | APPLIES.get(kind, _ALWAYS | {spec.name}) and getattr(options, spec.name) is not None:
            raise TrafficError(
                "DATA_OPTION", f"{spec.meta.label} ({spec.name}) does not apply: a file of the kind {kind} says it itself.",
                hint="Leave it out.", at=Place(key=spec.name), found=getattr(options, spec.name),
            )  # fmt: skip
