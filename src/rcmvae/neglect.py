"""Classes and components that a model neglects, in words and with what to do. Imports no array package.

A class is said to be neglected only where chance is no explanation: its share is compared by the upper bound of a 99 % interval, so that
three labelled images prove nothing. What is compared comes from an event while a run goes on, and from kept diagnostics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rcmvae.checks import unlabelled_words
from rcmvae.intervals import SURE_99, wilson
from workbench.families.noticing import Notice

HARDLY = 0.1
"""A class is hardly predicted where it is said of fewer images than this share of those that show it."""
LOW = 0.7
"""Recall is low below this share of the share of all images that are right."""
LEARNT = 0.5
"""Mean recall of labelled training images from which classes are compared: before that a model has learnt none of them."""
LABELS_A_CLASS = 5
"""Labels a class, on average, from which it can be told where labels lie."""

_LABEL_MORE = "Label more of them, first those that it takes for other classes (the confusion matrix shows which)"


@dataclass(frozen=True)
class Tally:
    """A class among judged images.

    Attributes:
        name: the class. labels: training images labelled so. images: judged images that show it. right: of these, recognised.
        predicted: judged images of which the model says it.
    """

    name: str
    labels: int
    images: int
    right: int
    predicted: int


def tallies_of(values: Sequence[Mapping[str, Any]]) -> tuple[Tally, ...]:
    """Those that an event carries."""
    return tuple(Tally(**each) for each in values)


def neglected_classes(tallies: Sequence[Tally], among: str) -> tuple[Notice, ...]:
    """Labelled classes that are hardly ever predicted, and others of low recall. `among`: what is judged, such as "test"."""
    total, right = sum(each.images for each in tallies), sum(each.right for each in tallies)
    known = [each for each in tallies if each.labels and each.images]
    if not right or len(known) < 2:
        return ()
    never = [each for each in known if each.predicted < HARDLY * each.images and _bound(each) < 0.5]
    low = [each for each in known if each not in never and _bound(each) < LOW * right / total]
    found = []
    if never:
        said, shown, labels = (sum(getattr(each, name) for each in never) for name in ("predicted", "images", "labels"))
        names, one = unlabelled_words([each.name for each in never]), len(never) == 1
        text = (
            f"{f'Class {names} is' if one else f'{len(never)} classes are'} hardly ever predicted{'' if one else f' ({names})'}: "
            f"for {said:,} of {total:,} {among} images where {shown:,} show {'it' if one else 'them'}, despite {labels:,} "
            f"label{'' if labels == 1 else 's'}"
        )
        found.append(Notice(text, f"{_LABEL_MORE}, raise the label weight, and see that components are free for them."))
    if low:
        each_words = [f"{each.name} ({100 * each.right / each.images:.0f} % of {each.images:,})" for each in low]
        text = f"Low recall of {unlabelled_words(each_words)}, where {100 * right / total:.0f} % of all {total:,} {among} images are recognised"
        found.append(Notice(text, f"{_LABEL_MORE}."))
    return tuple(found)


def without_component(tau: Sequence[Sequence[float]], usage: Sequence[float], floor: float) -> tuple[int, ...]:
    """Labelled classes for which no used component stands: in none of them they are the likeliest class.

    Args:
        tau: (K, Y). usage: (K,) mean responsibilities. floor: below it a component is not used.

    A class without a label has the least share in each row, which smoothing alone gives it.
    """
    classes = range(len(tau[0])) if tau else range(0)
    used = [row for row, share in zip(tau, usage, strict=True) if share >= floor and max(row) > 1.001 * min(row)]
    standing = {max(classes, key=row.__getitem__) for row in used}
    labelled = {y for y in classes if any(row[y] > 1.05 * min(row) for row in tau)}
    return tuple(sorted(labelled - standing)) if used else ()


def unclaimed(names: Sequence[str]) -> Notice:
    """What to say of classes for which no component stands."""
    head = "No component stands for a labelled class" if len(names) == 1 else f"No component stands for {len(names)} labelled classes"
    return Notice(
        f"{head}, which the model can hardly ever predict: {unlabelled_words(names)}",
        "Label more of them, or raise the component diversity weight so that components become free for them.",
    )


def unlearnt(labels: Sequence[int], recall: Sequence[float], names: Sequence[str]) -> tuple[int, ...]:
    """Classes of low recall on their own labelled training images: surely not for want of images to judge by.

    Args:
        labels, recall: by class, as a mixture's report has them. names: of the classes that still count.
    """
    known = [y for y in range(min(len(labels), len(names))) if labels[y]]
    if len(known) < 2:
        return ()
    mean = sum(recall[y] for y in known) / len(known)
    return tuple(y for y in known if recall[y] < LOW * mean) if mean >= LEARNT else ()


def not_learnt(names: Sequence[str], recall: Sequence[float], mean: float) -> Notice:
    """What to say of such classes, with their recall and the mean over all."""
    told = unlabelled_words([f"{name} ({100 * share:.0f} %)" for name, share in zip(names, recall, strict=True)])
    return Notice(
        f"Labelled images of {told} are given little of their own class, where {100 * mean:.0f} % is the mean over classes",
        f"{_LABEL_MORE}, or raise the label weight.",
    )


def gathered_labels(effective: float, classes: int, labels: int, components: int) -> Notice | None:
    """Labels of all classes in few components, each class weighing as much as another.

    Args:
        effective: components over which they lie, exp of the entropy. classes: that have labels. components: open ones; while a
            curriculum has opened fewer than there are classes, nothing is said.
    """
    if classes < 3 or components < classes or labels < LABELS_A_CLASS * classes or effective >= 0.5 * classes:
        return None
    return Notice(
        f"The {labels:,} labels of {classes} classes lie in {effective:.1f} effective components of {components}, which cannot tell them apart",
        "Raise the label weight or the component diversity weight, and train from a clone.",
    )


def collapsed(effective: float | None, components: int) -> Notice | None:
    """Nearly everything in one of at least three open components."""
    if components < 3 or effective is None or effective >= max(1.5, 0.15 * components):
        return None
    return Notice(
        f"Nearly all data goes through one component ({effective:.1f} effective components of {components})",
        "Raise the component diversity weight or the routing warm-up, then train from a clone: a collapsed router rarely recovers.",
    )


def _bound(tally: Tally) -> float:
    """How high the recall of a class may be, chance allowed for."""
    return wilson(tally.right, tally.images, SURE_99)[1]
