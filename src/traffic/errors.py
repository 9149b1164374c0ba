"""What is wrong with traffic data or a simulation: a code for programs, a place, a sentence and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.datasets import DatasetError

Code = Literal[
    "DATA_UNKNOWN_KIND", "DATA_NOT_FOUND", "DATA_CHECKSUM", "DATA_FORMAT", "DATA_LIMIT", "DATA_CSV", "DATA_IDS", "DATA_TIME", "DATA_GAP",
    "DATA_NONFINITE", "DATA_EMPTY", "DATA_FEATURE", "DATA_UNIT", "DATA_VALUE", "DATA_OPTION", "DATA_NUM_VDS", "DATA_TOO_SHORT", "DATA_COORDS", "DATA_SPLIT",
    "DATA_SHAPE", "SIM_PARAM", "MODEL_SHAPE", "MODEL_SENSORS", "MODEL_NONFINITE", "MODEL_ONLINE", "MODEL_KIND", "MODEL_VALUE", "MODEL_FILE",
]  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where it is wrong, as far as that is known.

    Attributes:
        key: the setting that is meant. file: the file. line, column: in a text file, counted from 1.
        row: of the data, counted from 0. sensor_id: the detector.
    """

    key: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    row: int | None = None
    sensor_id: str | None = None

    def __str__(self) -> str:
        lined = "" if self.line is None else f":{self.line}" + ("" if self.column is None else f":{self.column}")
        file = None if self.file is None else f"{self.file}{lined}"
        row = None if self.row is None else f"row {self.row}"
        return ", ".join(part for part in (self.key, file, row, self.sensor_id) if part)


class TrafficError(DatasetError):
    """Data or settings that cannot be used.

    Attributes:
        code: stable name for programs. key, file, line, column, row, sensor_id: where, see `Place`. hint: what to do, in one line.
        expected, found: the two that differ, or None.
    """

    code: Code

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        hint: str,
        at: Place | None = None,
        expected: object = None,
        found: object = None,
    ) -> None:
        at = at or Place()
        super().__init__(message, code=code, where=str(at), hint=hint)
        self.key, self.file, self.line, self.column, self.row, self.sensor_id = (
            at.key, at.file, at.line, at.column, at.row, at.sensor_id,
        )  # fmt: skip
        self.expected, self.found = expected, found
