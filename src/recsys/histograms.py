"""Histograms of a training's weights and gradients: a file with a line for each epoch that was looked at.

Importing this module imports no array package.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FILE = "histograms.jsonl"
"""Its name in a run's folder."""


@dataclass(frozen=True)
class Binned:
    """Numbers in bins of equal width.

    Attributes:
        low, high: the outer edges. counts: of each bin. norm: the root of the sum of the numbers' squares.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    norm: float

    @property
    def edges(self) -> list[float]:
        """Every edge, one more than there are bins."""
        width = (self.high - self.low) / len(self.counts)
        return [self.low + place * width for place in range(len(self.counts))] + [self.high]


@dataclass(frozen=True)
class Layer:
    """A variable of the network; `gradients` is None where a batch gave it none."""

    name: str
    weights: Binned
    gradients: Binned | None


@dataclass(frozen=True)
class Epoch:
    """An epoch that was looked at: weights at its end, gradients of its first batch."""

    epoch: int
    layers: tuple[Layer, ...]


def append(path: Path, epoch: int, layers: Sequence[Mapping[str, Any]]) -> None:
    """Add an epoch to a file, as the generated trainer tells it."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"epoch": epoch, "layers": list(layers)}, separators=(",", ":")) + "\n")


def read(path: Path) -> tuple[Epoch, ...]:
    """The epochs in a file by their number; none without a file.

    An epoch that was trained again after a break counts as it was told last. A last line that was cut short is left out.

    Raises:
        OSError: if it cannot be read.
    """
    if not path.exists():
        return ()
    return parsed(path.read_text(encoding="utf-8").splitlines())


def parsed(lines: Iterable[str]) -> tuple[Epoch, ...]:
    """The epochs of a file's lines, see `read`."""
    found: dict[int, Epoch] = {}
    for line in lines:
        try:
            told = json.loads(line)
        except ValueError:
            continue
        found[told["epoch"]] = Epoch(told["epoch"], tuple(map(_layer, told["layers"])))
    return tuple(found[epoch] for epoch in sorted(found))


def lines(epochs: Iterable[Epoch]) -> list[str]:
    """What `parsed` reads."""
    return [json.dumps(asdict(epoch), separators=(",", ":")) for epoch in epochs]


def _layer(told: Mapping[str, Any]) -> Layer:
    gradients = told["gradients"]
    return Layer(told["name"], _binned(told["weights"]), None if gradients is None else _binned(gradients))


def _binned(told: Mapping[str, Any]) -> Binned:
    return Binned(told["low"], told["high"], tuple(told["counts"]), told["norm"])
