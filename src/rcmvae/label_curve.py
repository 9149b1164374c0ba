"""Label curves between the core and a family: accuracy against the number of labels, for several ways to choose them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.commands.base import CommandError


class CurveError(CommandError):
    """A label curve that cannot be computed or continued; the message says why."""


@dataclass(frozen=True)
class CurveSettings:
    """What to compute.

    Attributes:
        data: dataset id. preset: the model. strategies: how labels are chosen.
        start: labels of the first round, the same for all strategies of a seed. step: labels added a round.
        budget: labels of the last round; start plus a whole number of steps. seeds: how many label draws, 0 to seeds - 1.
        epochs: of every round; the preset's if None. fresh: train every round from scratch instead of from the weights before.
        diverse: spread batches over the latent space. samples: images of every seed's sample; the preset's number if None.
    """

    data: str
    preset: str
    strategies: tuple[str, ...]
    start: int = 20
    step: int = 20
    budget: int = 200
    seeds: int = 5
    epochs: int | None = None
    fresh: bool = False
    diverse: bool = True
    samples: int | None = None

    @property
    def rounds(self) -> int:
        """Rounds of one strategy, the first one included."""
        return (self.budget - self.start) // self.step + 1


@dataclass(frozen=True)
class CurveRow:
    """One finished round.

    Attributes:
        seed: the label draw. strategy: its name. round: 0-based. labels: labelled training samples it was trained with.
        accuracy: on the test set, in [0, 1]. epochs: trained in this round. seconds: that took.
        asked: dataset rows that were labelled before this round, by the strategy's wish; none in the first.
    """

    seed: int
    strategy: str
    round: int
    labels: int
    accuracy: float
    epochs: int
    seconds: float
    asked: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reached:
    """How many labels a strategy needs, on average over seeds, for the accuracy that random labels reach at the budget.

    Attributes:
        strategy: its name. labels: the number, interpolated between rounds; None if it does not get there.
        sentence: the same in words.
    """

    strategy: str
    labels: float | None
    sentence: str


@dataclass(frozen=True)
class CurveProgress:
    """Where the work stands: `done` of `total` rounds, and what is under way in words."""

    done: int
    total: int
    words: str


@dataclass(frozen=True)
class CurveResult:
    """A finished curve: its rows, what they say, and the files that hold them."""

    rows: Sequence[CurveRow]
    reached: Sequence[Reached]
    table: Path
    figure: Path
