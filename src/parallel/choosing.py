"""How many devices a run trains on: as many as its setting and its batch allow. Imports no array framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Asked = int | Literal["auto"]
Level = Literal["info", "warning"]


@dataclass(frozen=True)
class Machine:
    """What a framework sees.

    Attributes:
        found: devices, of all processes that train as one. kind: what they are. processor: whether the processor trains, for want of others.
        processes: how many train as one.
    """

    found: int
    kind: str
    processor: bool
    processes: int = 1


@dataclass(frozen=True)
class Chosen:
    """The choice.

    Attributes:
        devices: how many train. found: how many there are, of all processes that train as one. asked: how many were asked for, with auto replaced.
        rows: what of a step is split over them. kind: what they are. uneven: whether one may have a row more than others.
        processes: how many train as one.
    """

    devices: int
    found: int
    asked: int
    rows: int
    kind: str
    uneven: bool = False
    processes: int = 1

    def words(self, unit: str) -> list[tuple[str, Level]]:
        """(words, level) lines for a run's log, none for the one device that was asked for.

        Args:
            unit: of rows, in the plural.
        """
        lines: list[tuple[str, Level]] = []
        if self.asked > self.found:
            where = "this machine has" if self.processes == 1 else f"the {self.processes} processes of the crew have"
            lines.append((f"devices={self.asked}, but {where} {_counted(self.found)} ({self.kind})", "warning"))
        wanted = min(self.asked, self.found)
        if self.devices < wanted and self.uneven:
            lines.append((f"A step has no more than {self.rows:,} {unit}: {self.devices} of {wanted} devices train", "warning"))
        elif self.devices < wanted:
            hint = f"A number that {wanted} divides uses all"
            lines.append((f"{self.rows:,} {unit} of a step divide evenly over {self.devices} of {wanted} devices alone. {hint}", "warning"))
        if self.devices > 1:
            each = f"{'' if self.rows % self.devices == 0 else 'up to '}{-(-self.rows // self.devices):,}"
            crew = "" if self.processes == 1 else f" of {self.processes} processes"
            lines.append(
                (f"Trains on {self.devices} devices ({self.kind}){crew}, each with {each} of a step's {self.rows:,} {unit}", "info")
            )
        elif self.processes > 1:
            lines.append(("One device trains; the other processes of the crew do the same again, and save no time", "warning"))
        return lines


def chosen(asked: Asked, rows: int, machine: Machine, *, uneven: bool = False) -> Chosen:
    """The devices of a run whose steps split `rows` rows: auto takes every accelerator, and one device where the processor trains.

    Where several processes train as one, auto takes all of every process, and each gives as many as the others; or the run is one device's,
    and each works that out by itself.

    Args:
        uneven: whether some devices may have a row more than others; else each has as many.
    """
    found, crew = machine.found, machine.processes
    alone = machine.processor and crew == 1
    wanted = (1 if alone else found) if asked == "auto" else asked
    most = min(wanted, found, rows)
    fits = (count for count in range(most, 1, -1) if count % crew == 0 and (uneven or rows % count == 0))
    count = next(fits, 1)
    return Chosen(count, found, wanted, rows, machine.kind, uneven, crew)


def changed_words(before: int, now: int) -> str | None:
    """What a resumed run's log says where it goes on with another number of devices; None where it has the same."""
    if before == now:
        return None
    return f"This run began on {_counted(before)} and goes on with {now}: its results agree within rounding, not bit for bit"


def _counted(devices: int) -> str:
    return f"{devices} device{'' if devices == 1 else 's'}"
