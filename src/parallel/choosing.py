"""How many devices a run trains on: as many as its setting and its batch allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import jax

Asked = int | Literal["auto"]
Level = Literal["info", "warning"]


@dataclass(frozen=True)
class Chosen:
    """The choice.

    Attributes:
        devices: how many train. found: how many the machine has. asked: how many were asked for, with auto replaced.
        rows: what of a step is split over them. kind: what they are. uneven: whether one may have a row more than others.
    """

    devices: int
    found: int
    asked: int
    rows: int
    kind: str
    uneven: bool = False

    def words(self, unit: str) -> list[tuple[str, Level]]:
        """(words, level) lines for a run's log, none for the one device that was asked for.

        Args:
            unit: of rows, in the plural.
        """
        lines: list[tuple[str, Level]] = []
        if self.asked > self.found:
            lines.append((f"devices={self.asked}, but this machine has {_counted(self.found)} ({self.kind})", "warning"))
        wanted = min(self.asked, self.found)
        if self.devices < wanted and self.uneven:
            lines.append((f"A step has no more than {self.rows:,} {unit}: {self.devices} of {wanted} devices train", "warning"))
        elif self.devices < wanted:
            hint = f"A number that {wanted} divides uses all"
            lines.append((f"{self.rows:,} {unit} of a step divide evenly over {self.devices} of {wanted} devices alone. {hint}", "warning"))
        if self.devices > 1:
            each = f"{'' if self.rows % self.devices == 0 else 'up to '}{-(-self.rows // self.devices):,}"
            lines.append((f"Trains on {self.devices} devices ({self.kind}), each with {each} of a step's {self.rows:,} {unit}", "info"))
        return lines


def chosen(asked: Asked, rows: int, *, uneven: bool = False) -> Chosen:
    """The devices of a run whose steps split `rows` rows: auto takes every accelerator, and one device where the processor trains.

    Args:
        uneven: whether some devices may have a row more than others; else each has as many.
    """
    devices = jax.devices()
    found = len(devices)
    wanted = (1 if devices[0].platform == "cpu" else found) if asked == "auto" else asked
    most = min(wanted, found, rows)
    count = next(count for count in range(most, 0, -1) if uneven or rows % count == 0)
    return Chosen(count, found, wanted, rows, devices[0].device_kind, uneven)


def changed_words(before: int, now: int) -> str | None:
    """What a resumed run's log says where it goes on with another number of devices; None where it has the same."""
    if before == now:
        return None
    return f"This run began on {_counted(before)} and goes on with {now}: its results agree within rounding, not bit for bit"


def _counted(devices: int) -> str:
    return f"{devices} device{'' if devices == 1 else 's'}"
