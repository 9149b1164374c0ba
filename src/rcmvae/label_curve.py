"""Label curves between the core and a family: accuracy against the number of labels, for several ways to choose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rcmvae.holding import held
from workbench.commands.base import CommandError
from workbench.state import ModelRecord


class CurveError(CommandError):
    """A label curve that cannot be computed or continued; the message says why."""


@dataclass(frozen=True)
class Configuration:
    """What a curve trains: a model's own configuration, on its own images.

    Attributes:
        config: section -> nested JSON values, as the model's record holds them; its seeds give way to those of the label draws.
        sample: the settings that its sample was drawn with.
        class_names: its vocabulary. merged: pairs of a class and the one that it was merged into.
    """

    config: Mapping[str, Mapping[str, Any]]
    sample: Mapping[str, Any]
    class_names: tuple[str, ...]
    merged: tuple[tuple[int, int], ...] = ()

    @property
    def given(self) -> int:
        """Labels that the model began with."""
        return int(self.sample["num_labeled"])


SEEDS = frozenset(("init_seed", "random_seed"))
"""Settings that every label draw sets anew."""


def configuration_of(model: ModelRecord) -> Configuration:
    """A model's own configuration as it stands now."""
    payload = held(model)
    config = {section: {name: value for name, value in part.items() if name not in SEEDS} for section, part in model.config.items()}
    return Configuration(config, payload.sample.settings, payload.class_names, tuple(sorted(payload.merged.items())))


@dataclass(frozen=True)
class CurveSettings:
    """What to compute.

    Attributes:
        data: dataset id. strategies: how labels are chosen.
        preset, configuration: what is trained, one of the two. A seed of a preset draws its own sample and first labels, as many of each class;
            of a configuration the images and the labels that the model began with are always the model's, and a seed draws what `start` is more.
        start: labels of the first round, the same for all strategies of a seed. step: labels added a round.
        budget: labels of the last round; start plus a whole number of steps. seeds: how many label draws, 0 to seeds - 1.
        epochs: of every round; those of what is trained if None. fresh: train every round from scratch instead of from the weights before.
        diverse: spread batches over the latent space. samples: images of every seed's sample; the preset's number if None, and always the model's of a configuration.
    """

    data: str
    preset: str | None
    strategies: tuple[str, ...]
    start: int = 20
    step: int = 20
    budget: int = 200
    seeds: int = 5
    epochs: int | None = None
    fresh: bool = False
    diverse: bool = True
    samples: int | None = None
    configuration: Configuration | None = None

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
    """Where the work stands: `done` of `total` rounds, what is under way in words, and what share of its epochs is done, in [0, 1]."""

    done: int
    total: int
    words: str
    fraction: float = 0.0


@dataclass(frozen=True)
class CurveResult:
    """A finished curve: its rows, what they say, the files that hold them, and why it ended before its budget, if it did."""

    rows: Sequence[CurveRow]
    reached: Sequence[Reached]
    table: Path
    figure: Path
    ended: str = ""
