"""What the literature reports, to be cited beside what was measured; never ranked with it unless protocol and masks agree."""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOL, NULL = "standard", "0"
"""How all of them were measured: windows divided in order, zeros masked."""


@dataclass(frozen=True)
class Reference:
    """A reported masked MAE.

    Attributes:
        data: of `PUBLISHED`. method: its name. mae: by horizon step, 3, 6 and 12; or the mean over horizons alone, under None.
    """

    data: str
    method: str
    mae: dict[int | None, float]


def _steps(three: float, six: float, twelve: float) -> dict[int | None, float]:
    return {3: three, 6: six, 12: twelve}


REFERENCES = (
    Reference("metr_la", "FC-LSTM", _steps(3.44, 3.77, 4.37)),
    Reference("metr_la", "DCRNN", _steps(2.77, 3.15, 3.60)),
    Reference("metr_la", "Graph WaveNet", _steps(2.69, 3.07, 3.53)),
    Reference("metr_la", "D2STGNN", {**_steps(2.56, 2.90, 3.35), None: 2.88}),
    Reference("metr_la", "STID", {None: 3.12}),
    Reference("pems_bay", "FC-LSTM", _steps(2.05, 2.20, 2.37)),
    Reference("pems_bay", "STID", _steps(1.30, 1.62, 1.89)),
    Reference("pems04", "STID", {None: 18.35}),
    Reference("pems04", "D2STGNN", {None: 18.32}),
    Reference("pems08", "STID", {None: 14.21}),
    Reference("pems08", "D2STGNN", {None: 14.10}),
)


def references_for(data: str, protocol: str, null: str) -> tuple[Reference, ...]:
    """The rows that may stand in one column with results of this protocol and mask; none for others."""
    return tuple(row for row in REFERENCES if row.data == data) if (protocol, null) == (PROTOCOL, NULL) else ()
