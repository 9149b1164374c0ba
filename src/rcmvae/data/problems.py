"""What is wrong with the data of a model, from measured images and the labels of now: each with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rcmvae.data.about import UNKNOWN
from rcmvae.data.measured import Measured
from rcmvae.data.own.repeats import contradicted

OUTLYING = 8.0
"""Median absolute deviations, scaled to the standard deviation of a normal distribution, past which a brightness is extreme."""
LEAST_SPREAD = 0.01
"""The least spread of brightness that is reckoned with, so that data of nearly one brightness has no extremes."""
_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class Part:
    """A model's sample and what is known of it.

    Attributes:
        train, validation, test: int rows of the dataset. labels: class by row, as the model may see it.
        truth: int (N,), the class of every image of the dataset, -1 unknown. class_names: the vocabulary.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    labels: Mapping[int, int]
    truth: np.ndarray
    class_names: Sequence[str]

    @property
    def known(self) -> np.ndarray:
        """The class of every image, int (N,), -1 unknown: as labelled now, else as the dataset says."""
        found = np.array(self.truth, np.int64)
        if self.labels:
            found[np.fromiter(self.labels, np.int64, len(self.labels))] = list(self.labels.values())
        return found


@dataclass(frozen=True)
class Problem:
    """One kind of problem.

    Attributes:
        key: its name. title: what is so, in a sentence. advice: what to do. grave: whether results cannot be trusted with it.
        rows: dataset rows that show it, all of them. names: classes that it is about.
    """

    key: str
    title: str
    advice: str
    grave: bool = False
    rows: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many images, or classes, it is about."""
        return len(self.rows) or len(self.names)


def problems_of(found: Measured, part: Part) -> tuple[Problem, ...]:
    """What is wrong with a model's images and labels, gravest first; nothing if all is well."""
    every = [*_of_images(found, part), *problems_of_classes(part)]
    return tuple(sorted((problem for problem in every if problem.count), key=lambda problem: not problem.grave))


def _of_images(found: Measured, part: Part) -> list[Problem]:
    learnt = np.concatenate([part.train, part.validation])
    whole = np.concatenate([learnt, part.test])
    shared = part.test[np.isin(found.group[part.test], found.group[learnt])]
    near = part.test[np.isin(found.near[part.test], learnt)]
    near = np.setdiff1d(near, shared)
    # what is known outside the sample says nothing about this model
    inside = np.zeros(len(found.group), np.bool_)
    inside[whole] = True
    against = np.flatnonzero(contradicted(found.group, np.where(inside, part.known, UNKNOWN)))
    numbers, counts = np.unique(found.group[learnt], return_counts=True)
    repeated = np.setdiff1d(learnt[np.isin(found.group[learnt], numbers[counts > 1])], against)
    return [
        Problem(
            "test_in_training",
            f"{_images(len(shared))} held out for testing {_is(len(shared))} in the training or validation data as well.",
            "Held-out accuracy flatters by as much. Take the repeated images out of the files and import them again, or read the result with that in mind.",
            True, _rows(shared),
        ),
        Problem(
            "contradicting",
            f"{_images(len(against))} {_is(len(against))} identical to others of another class.",
            "No model can get all of them right. Look at them side by side and correct the labels that are wrong.",
            True, _rows(against),
        ),
        Problem(
            "broken", f"{_images(_count(found.broken, whole))} hold values that are no numbers.",
            "They cannot be trained on. Write the images anew from their source and import them again.",
            True, _rows(whole[found.broken[whole]]),
        ),
        Problem(
            "constant", f"{_images(_count(found.constant, whole))} {_is(_count(found.constant, whole))} empty: every pixel has the same value.",
            "Nothing can be seen in them. Leave them out of the files and import them again, unless an empty image means something.",
            rows=_rows(whole[found.constant[whole]]),
        ),
        Problem(
            "near_test", f"{_images(len(near))} held out for testing {_is(len(near))} nearly identical to one that is trained on or validated with.",
            "If they come from the same object or moment, the test is easier than it looks: split by object, and import again.",
            rows=_rows(near),
        ),
        Problem(
            "repeated", f"{_images(len(repeated))} {_is(len(repeated))} there more than once in the training and validation data.",
            "A repeated image weighs as often as it is there. Leave the copies out if that is not meant; label one and copy its label to the others.",
            rows=_rows(repeated),
        ),
        Problem(
            "brightness", *_brightness(found, whole),
        ),
    ]  # fmt: skip


def _brightness(found: Measured, whole: np.ndarray) -> tuple[str, str, bool, tuple[int, ...]]:
    usable = whole[~found.broken[whole] & ~found.constant[whole]]
    mean = found.mean[usable].astype(np.float64)
    middle = float(np.median(mean)) if len(mean) else 0.0
    spread = max(LEAST_SPREAD, _TO_SIGMA * float(np.median(np.abs(mean - middle)))) if len(mean) else 1.0
    rows = usable[np.abs(mean - middle) > OUTLYING * spread]
    title = f"{_images(len(rows))} {_is(len(rows))} far brighter or darker than the others (their mean brightness is {middle:.2f})."
    advice = "Look whether they were exposed, cropped or inverted differently, and write them like the others, or leave them out."
    return title, advice, False, _rows(rows)


def problems_of_classes(part: Part) -> list[Problem]:
    """What is wrong with the classes; it needs no measurement."""
    names = tuple(part.class_names)
    labelled = set(part.labels.values())
    without = tuple(name for number, name in enumerate(names) if number not in labelled)
    known = part.known
    small = tuple(name for number, name in enumerate(names) if _too_small(known == number, known, part))
    return [
        Problem(
            "without_labels", f"{_classes(len(without))} {'has' if len(without) == 1 else 'have'} no label.",
            "The model cannot name what it has no label of. Label a few of their images in Explore.", names=without,
        ),
        Problem(
            "small_classes", f"{_classes(len(small))} {'has' if len(small) == 1 else 'have'} too few known images to be in every part of the sample.",
            "What is measured on a part without them says nothing of them. Create the model with more samples, or gather more images.", names=small,
        ),
    ]  # fmt: skip


def _too_small(members: np.ndarray, known: np.ndarray, part: Part) -> bool:
    """Whether a class that is known of some images is missing from a part of the sample in which others are known."""
    parts = (part.train, part.validation, part.test)
    counts = [int(members[rows].sum()) for rows in parts if (known[rows] != UNKNOWN).any()]
    return sum(counts) > 0 and min(counts) == 0


def _rows(rows: np.ndarray) -> tuple[int, ...]:
    return tuple(int(row) for row in np.sort(rows))


def _count(flags: np.ndarray, rows: np.ndarray) -> int:
    return int(flags[rows].sum())


def _images(count: int) -> str:
    return f"{count:,} image{'' if count == 1 else 's'}"


def _classes(count: int) -> str:
    return f"{count:,} class{'' if count == 1 else 'es'}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
