"""How the labelling gets on: labels over time, their pace, what they have brought, and what more of them would bring. Pure."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

PAUSE_SECONDS = 300.0
"""A gap between two labels past which nobody was labelling."""
SESSION_SECONDS = 4 * 3600.0
"""A gap past which another session begins."""
LEAST_SECONDS, LEAST_LABELS = 30.0, 5
"""What a pace is told from at least."""

LEAST_RUNS = 3
"""Runs with different numbers of labels that an estimate needs."""
MORE = 50
"""How many labels more an estimate is about."""
_EXPONENTS = np.geomspace(0.05, 2.0, 60)
_DRAWS = 200
_NOISE_LEAST = 0.002
_INTERVAL = (10, 50, 90)
"""Percentiles of what is told of an estimate."""


@dataclass(frozen=True)
class Moment:
    """Labels that changed at once.

    Attributes:
        at: seconds since 1970. who: the actor, "" for labels that the model began with, and for what labels nothing (a merge of classes, Undo). given, cleared, changed: labels that were set where there was none, taken away, replaced.
        by_hand: whether a person set them one by one or together, rather than a file.
    """

    at: float
    who: str
    given: int
    cleared: int = 0
    changed: int = 0
    by_hand: bool = True


@dataclass(frozen=True)
class Pace:
    """A session of one person. `labels` in it; `seconds` of labelling, longer pauses left out; `per_hour`, None if too little to tell."""

    labels: int
    seconds: float
    per_hour: float | None


@dataclass(frozen=True)
class Trained:
    """A run: the labels that it began with, and its accuracy on held-out images, in [0, 1]."""

    number: int
    labels: int
    accuracy: float


@dataclass(frozen=True)
class Estimate:
    """What more labels would bring.

    Attributes:
        words: a sentence. labels: how many there would be. low, middle, high: accuracy then, 10th, 50th and 90th percentile; None where
            nothing can be said. curve: (labels, accuracy) of the middle of what was fitted.
    """

    words: str
    labels: int = 0
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    curve: tuple[tuple[int, float], ...] = ()


def over_time(moments: Sequence[Moment], now: int, most: int = 400) -> list[tuple[float, int]]:
    """(time, labels there were from then on), oldest first.

    Args:
        moments: oldest first. now: labels there are, from which is counted back. most: points; of more the last of each stretch is kept.
    """
    gains = np.array([moment.given - moment.cleared for moment in moments], np.int64)
    totals = now - gains.sum() + np.cumsum(gains)
    points = [(moment.at, int(total)) for moment, total in zip(moments, totals, strict=True)]
    if len(points) <= most:
        return points
    kept = np.unique(np.linspace(0, len(points) - 1, most).round().astype(int))
    return [points[place] for place in kept]


def pace(moments: Iterable[Moment], who: str) -> Pace:
    """The pace of a person's newest session: of labels set by hand, and of the time between them, without pauses.

    Each gap that counts is the time that the labels at its end took; so the first label of a stretch, whose time nobody knows, is left out.
    """
    mine = [moment for moment in moments if moment.who == who and moment.by_hand and moment.given + moment.changed]
    session: list[Moment] = []
    for moment in reversed(mine):
        if session and session[-1].at - moment.at > SESSION_SECONDS:
            break
        session.append(moment)
    session.reverse()
    timed, seconds = 0, 0.0
    for before, after in itertools.pairwise(session):
        if after.at - before.at <= PAUSE_SECONDS:
            seconds += after.at - before.at
            timed += after.given + after.changed
    known = seconds >= LEAST_SECONDS and timed >= LEAST_LABELS
    return Pace(sum(moment.given + moment.changed for moment in session), seconds, 3600 * timed / seconds if known else None)


class Setters:
    """Who set the labels that stand, followed change by change. What the model began with was set by nobody.

    Undo, Redo and merges of classes set nothing: a label that they bring back is of whoever said so before, one that they move stays of
    whoever gave it.
    """

    def __init__(self) -> None:
        self._now: dict[int, str] = {}
        self._said: dict[tuple[int, int], str] = {}

    def follow(self, row: int, label: int | None, who: str) -> None:
        """The label of `row` changed to `label` (None: cleared), by the labelling of `who`; "" if nobody labelled."""
        before = self._now.pop(row, "")
        if label is None:
            return
        setter = self._said[row, label] = who or self._said.get((row, label), before)
        if setter:
            self._now[row] = setter

    def people(self) -> dict[str, int]:
        """Labels that stand by who set them, most first."""
        return dict(Counter(self._now.values()).most_common())


def lacking(class_names: Sequence[str], counts: Mapping[int, int]) -> tuple[tuple[str, int], ...]:
    """Classes with fewer than half as many labels as an equal share of all would be, fewest first: (name, labels)."""
    if not class_names:
        return ()
    share = sum(counts.values()) / len(class_names)
    found = [(name, counts.get(number, 0)) for number, name in enumerate(class_names)]
    return tuple(sorted((pair for pair in found if pair[1] == 0 or pair[1] < share / 2), key=lambda pair: pair[1]))


def estimate(runs: Sequence[Trained], labels: int, held_out: int, *, more: int = MORE, seed: int = 0) -> Estimate:
    """What `more` labels would bring, by the power law accuracy = a - b n^-c (Mukherjee et al. 2003) fitted to a model's runs.

    The exponent is not known from a few runs, so all of a grid are asked: each is weighed by how well it fits, given how far accuracies
    scatter (as images of the test set do, or as the runs do if that is more), a and b are drawn from its least squares, and draws with
    a > 1 or b < 0 are no learning curves. What is told are percentiles of what the rest say.

    Args:
        runs: of the model. labels: there are now. held_out: images that an accuracy is of.
    """
    counted = [run for run in runs if run.labels > 0 and math.isfinite(run.accuracy)]
    different = len({run.labels for run in counted})
    if different < LEAST_RUNS:
        has = f"{different} of {LEAST_RUNS}" if different else "none"
        return Estimate(
            f"Not enough runs to say what {more} more labels would bring: it takes {LEAST_RUNS} with different numbers of labels ({has})."
        )
    n, accuracy = np.array([run.labels for run in counted], float), np.array([run.accuracy for run in counted])
    targets = np.array([max(labels, 1), labels + more], float)
    drawn = _drawn(n, accuracy, held_out, np.random.default_rng(seed))
    if not len(drawn):
        rising = float(np.polyfit(np.log(n), accuracy, 1)[0]) > 0
        why = (
            "Accuracy rose faster over the runs than labels alone explain, as where later runs train on from earlier ones"
            if rising
            else "The runs so far do not get better with more labels"
        )
        return Estimate(f"{why}, so nothing can be said of {more} more.")
    a, b, c = drawn.T
    curves = np.clip(a - b * targets[:, None] ** -c, 0, 1)
    low, middle, high = (float(value) for value in np.percentile(curves[1], _INTERVAL))
    gain_low, gain, gain_high = (100 * float(value) for value in np.percentile(curves[1] - curves[0], _INTERVAL))
    grid = np.unique(np.geomspace(max(1.0, n.min()), max(targets[1], n.max()), 40).round()).astype(int)
    fitted = np.median(np.clip(a - b * grid[:, None].astype(float) ** -c, 0, 1), axis=1)
    words = (
        f"{more} more labels would bring about {_points(gain)} (likely {gain_low:.1f} to {gain_high:.1f}), "
        f"to about {100 * middle:.1f} % on held-out images."
    )
    return Estimate(words, labels + more, low, middle, high, tuple(zip(grid.tolist(), fitted.tolist(), strict=True)))


def _points(gain: float) -> str:
    return f"{gain:.1f} percentage point{'' if f'{gain:.1f}' == '1.0' else 's'}"


def _drawn(n: np.ndarray, accuracy: np.ndarray, held_out: int, generator: np.random.Generator) -> np.ndarray:
    """Draws (S, 3) of a, b, c that are learning curves; none if no curve that rises fits."""
    scatter = np.sqrt(np.mean(accuracy * (1 - accuracy)) / max(held_out, 1))
    fits = []
    for c in _EXPONENTS:
        design = np.stack([np.ones_like(n), -(n**-c)], axis=1)
        found, *_ = np.linalg.lstsq(design, accuracy, rcond=None)
        fits.append((c, design, found, float(((design @ found - accuracy) ** 2).sum())))
    freedom = len(n) - 3
    residual = min(fit[3] for fit in fits)
    sigma = max(_NOISE_LEAST, float(scatter), math.sqrt(residual / freedom) if freedom > 0 else 0.0)
    weights = np.exp(-(np.array([fit[3] for fit in fits]) - residual) / (2 * sigma**2))
    counts = generator.multinomial(_DRAWS * len(fits), weights / weights.sum())
    drawn = []
    for (c, design, found, _), count in zip(fits, counts, strict=True):
        if not count:
            continue
        # the root of sigma^2 (X'X)^-1, which a pseudo-inverse gives even where two columns are nearly the same
        root = sigma * np.linalg.pinv(design)
        parts = found + generator.standard_normal((count, len(n))) @ root.T
        drawn.append(np.column_stack([parts, np.full(count, c)]))
    every = np.concatenate(drawn)
    sound = every[(every[:, 0] <= 1) & (every[:, 1] >= 0)]
    # few that rise among many that do not are no curve, but noise
    return sound if len(sound) >= 0.02 * len(every) else sound[:0]
