"""Which samples to label next, between the core and a family: what is asked and what is answered.

A family that can answer has the abilities `suggest` (`suggest(ask: Ask) -> Suggestions`; no framework needed unless the ask
brings a model) and `predict` (`predict(bundle, today, *, split) -> Predictions`); `rcmvae.active.asking` asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.commands.base import CommandError
from workbench.fields import ConfigModel

DEFAULT_STRATEGY = "margin"
MOST_AT_ONCE = 500
"""Suggestions of one request at most."""


class SuggestionError(CommandError):
    """Suggestions that cannot be made. `field` is what to change: `strategy`, `n`, `blend`, `split` or `model`."""


@dataclass(frozen=True)
class TrainedModel:
    """All that it takes to run a trained model again, for what its diagnostics do not hold.

    Attributes:
        architecture, training: the configs of the run that trained it. resolved: both flat, autos replaced.
        class_names: the vocabulary it was trained with. fingerprint: the architecture's. weights: its checkpoint.
        dataset: loads its data (true labels included, which nothing here may read).
    """

    architecture: ConfigModel
    training: ConfigModel
    resolved: Mapping[str, Any]
    class_names: tuple[str, ...]
    fingerprint: str
    weights: Path
    dataset: Callable[[], Any]


@dataclass(frozen=True)
class Ask:
    """What is asked of a family.

    Attributes:
        bundle: the diagnostics of the run whose weights the model uses. resolved: that run's values, autos replaced.
        labels: dataset row -> class, as people have labelled by now; these rows are not suggested, and predictions follow them.
        class_names: the vocabulary by now; that of the run if not given. merged: class -> the class that it was merged into.
        strategy: its name. n: how many samples. seed: of what is drawn at random.
        diverse: spread a batch over the latent space. blend: share of the reconstruction in the OOD score.
        model: what it takes to run the model, for strategies that must; None where the process may not load its framework.
    """

    bundle: Path
    resolved: Mapping[str, Any]
    labels: Mapping[int, int]
    class_names: tuple[str, ...] | None = None
    merged: Mapping[int, int] = field(default_factory=dict)
    strategy: str = DEFAULT_STRATEGY
    n: int = 20
    seed: int = 0
    diverse: bool = True
    blend: float = 0.0
    model: Callable[[], TrainedModel] | None = None


@dataclass(frozen=True)
class StrategyState:
    """A strategy in words, and why it can say nothing about this model now (None: it can)."""

    name: str
    title: str
    sentence: str
    disabled: str | None


@dataclass(frozen=True)
class Suggestion:
    """A sample to label: its dataset row, its score (higher = ask first), the class the model would give it (None without
    labels), how certain it is, in [0, 1], and in one sentence why it is worth a question."""

    index: int
    score: float
    predicted: int | None
    certainty: float | None
    why: str = ""


@dataclass(frozen=True)
class Suggestions:
    """The samples to label next, most useful first.

    Attributes:
        strategy: by which. items: at most the number asked for. left: unlabelled training samples in all.
        strategies: every strategy of the family and whether it can be used.
    """

    strategy: str
    items: tuple[Suggestion, ...]
    left: int
    strategies: tuple[StrategyState, ...]


@dataclass(frozen=True)
class Predictions:
    """What a model says about the images of its sample: columns of equal length, by name, as plain lists."""

    columns: Mapping[str, Sequence[Any]]
