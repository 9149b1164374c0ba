"""What is static in a run: it decides the compiled functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import jax
from jax import Array

from traffic.training.errors import TrainingError
from traffic.training.losses import Pointwise, pointwise
from traffic.training.optimiser import Parameters
from traffic.training.series import Reading, Windows

if TYPE_CHECKING:
    from traffic.config_training import Training

Forward = Callable[[Parameters, Windows, Array | None], Array]

CACHED_SEQUENCES = 256
"""Sequences that a CPU works on at once, in whole windows: what a small network works out of them stays in the processor's cache, and for
little more than real windows is anything worked out. Other devices train on a whole batch at once."""
EVALUATED_SEQUENCES = 8_192
"""Sequences that another device evaluates at once."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """The static parts of a run.

    Attributes:
        forward: the network, (parameters, windows, key or None) -> scaled output (B, P, N, G), with quantiles (B, P, N, G, K); with a key
            it drops out. shapes: of every parameter, by name.
        settings: as the training section says. reading: how windows are read.
        sensors: N. targets: G. quantiles: K levels, none for point forecasts.
        n_train, n_validation: windows. devices: over which the windows of a step are split.
    """

    forward: Forward
    shapes: Mapping[str, tuple[int, ...]]
    settings: Training
    reading: Reading
    sensors: int
    targets: int
    quantiles: tuple[float, ...]
    n_train: int
    n_validation: int
    devices: int = 1

    @property
    def batch_size(self) -> int:
        """Windows of a step."""
        return min(self.settings.batch_size, self.n_train)

    @property
    def steps(self) -> int:
        """Steps of an epoch; the last may be short."""
        return -(-self.n_train // self.batch_size)

    @property
    def sequences(self) -> int:
        """Sequences that a network reads of each window."""
        return self.sensors if self.reading.shared else 1

    @property
    def training_rows(self) -> int:
        """Windows of a step that are trained on at once."""
        return min(self.batch_size, _cached_rows(self.sequences)) if on_cpu() else self.batch_size

    @property
    def part_rows(self) -> int:
        """The same, where the parts of a step are as even as can be."""
        return even_rows(self.batch_size, self.training_rows)

    @property
    def parts(self) -> int:
        """Parts of a step, which are trained on one after the other."""
        return -(-self.batch_size // self.part_rows)

    @property
    def evaluation_rows(self) -> int:
        """Windows that are evaluated at once, on all devices together."""
        return self.devices * rows_at_once(self.sequences)

    @cached_property
    def loss_name(self) -> str:
        """The loss, with auto replaced. Raises TrainingError for one that does not go with the forecasts."""
        chosen = self.settings.loss
        name = ("pinball" if self.quantiles else "masked_mae") if chosen == "auto" else chosen
        if (name == "pinball") != bool(self.quantiles):
            has = "has quantiles" if self.quantiles else "has no quantiles"
            raise TrainingError(f"loss={chosen} does not go with a model that {has}. Choose loss=auto.")
        return name

    @cached_property
    def loss(self) -> Pointwise:
        """The loss of errors in deviations."""
        return pointwise(self.loss_name, huber_delta=self.settings.huber_delta, quantiles=self.quantiles)

    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output of one window."""
        shape = (self.reading.horizon, self.sensors, self.targets)
        return (*shape, len(self.quantiles)) if self.quantiles else shape


def rows_at_once(sequences: int) -> int:
    """Windows of so many sequences each that are evaluated at once."""
    return _cached_rows(sequences) if on_cpu() else max(1, min(512, EVALUATED_SEQUENCES // sequences))


def even_rows(rows: int, most: int) -> int:
    """Rows of each part of so many `rows`, in as few parts of at most `most` as will do."""
    return -(-rows // -(-rows // most))


def on_cpu() -> bool:
    """Whether the processor itself trains."""
    return jax.default_backend() == "cpu"


def _cached_rows(sequences: int) -> int:
    return max(1, CACHED_SEQUENCES // sequences)
