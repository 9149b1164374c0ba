"""Which class claims which components: decided when a class first has labels or a component opens, and kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rcmvae.diagnostics.channels import free_channels
from rcmvae.model.tau import UNCLAIMED
from rcmvae.training.assignment import assign

MOST_CLAIMS = 3


def claims_per_class(components: int, classes: int) -> int:
    """max(1, min(3, floor((K - 1) / Y))): some components stay unclaimed where there are more of them than classes."""
    return max(1, min(MOST_CLAIMS, (components - 1) // max(1, classes)))


def assign_claims(
    claims: np.ndarray,
    class_sums: np.ndarray,
    class_sizes: np.ndarray,
    usage: np.ndarray,
    active: np.ndarray | None = None,
    opened: Sequence[int] = (),
) -> np.ndarray:
    """Claims (K,) with those of classes added that have labels but no claim yet, and those on components that have just opened.

    The first classes share the components by an assignment that maximises their mean responsibilities relative to their
    mean over classes (Hungarian algorithm). A class that comes later takes free components that its images are most
    responsible for; without any, the least used one of the class that holds most, if that holds two or more. A component that opens
    goes to the class that it fits best: among those that wait for a claim, else among those with fewer than `claims_per_class`.

    Args:
        claims: (K,) class that holds a component, -1 none. class_sums: (K, Y) responsibilities summed by class.
        class_sizes: (Y,) labelled images of each class. usage: (K,) mean responsibilities over the data.
        active: (K,) whether a component may be claimed; all may if not given. opened: those that were closed until now.
    """
    claims = np.array(claims, np.int32)
    allowed = np.ones(len(claims), bool) if active is None else np.asarray(active, bool)
    present = np.flatnonzero(class_sizes > 0)
    means = np.asarray(class_sums, np.float64) / np.maximum(class_sizes, 1)
    if (claims == UNCLAIMED).all():
        return _share_out(claims, means, present, allowed)
    _fill(claims, _relative(means, present), present, opened)
    holding = set(claims[claims != UNCLAIMED].tolist())
    new = [int(label) for label in present if int(label) not in holding]
    before = np.asarray(class_sums, np.float64).copy()
    before[:, new] = 0.0
    for index, label in enumerate(new):
        _take(claims, label, means[:, label], before, usage, allowed, waiting=len(new) - index, classes=len(class_sizes))
    return claims


def _relative(means: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Mean responsibilities (K, Y) relative to their mean over the classes that are `present`."""
    return means / np.maximum(means[:, present].mean(axis=1, keepdims=True), 1e-12) if len(present) else means


def _fill(claims: np.ndarray, relative: np.ndarray, present: np.ndarray, opened: Sequence[int]) -> None:
    """Give components that have just opened to classes, the best-fitting pair first."""
    components, classes = relative.shape
    left = [component for component in opened if claims[component] == UNCLAIMED]
    while left:
        held = np.bincount(claims[claims != UNCLAIMED], minlength=classes)[present]
        enough = 1 if (held == 0).any() else claims_per_class(components, classes)
        wanting = present[held < enough]
        if not len(wanting):
            return
        place, label = divmod(int(relative[left][:, wanting].argmax()), len(wanting))
        claims[left.pop(place)] = wanting[label]


def _share_out(claims: np.ndarray, means: np.ndarray, present: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Claims of the first classes with labels."""
    free = np.flatnonzero(allowed)
    if not len(present) or not len(free):
        return claims
    relative = _relative(means, present)
    each = max(1, min(claims_per_class(len(claims), means.shape[1]), len(free) // len(present)))
    rows = [int(label) for label in present for _ in range(each)]
    chosen, places = assign(np.stack([relative[free, label] for label in rows]))
    for row, place in zip(chosen, places, strict=True):
        claims[free[place]] = rows[row]
    return claims


def _take(
    claims: np.ndarray,
    label: int,
    means: np.ndarray,
    before: np.ndarray,
    usage: np.ndarray,
    allowed: np.ndarray,
    *,
    waiting: int,
    classes: int,
) -> None:
    """Give a later class its components. `before`: class sums without the classes that wait for a claim now."""
    pool = np.flatnonzero(free_channels(usage, before.sum(axis=1), claims, allowed))
    if not len(pool):
        pool = np.flatnonzero((claims == UNCLAIMED) & allowed)
    if len(pool):
        count = max(1, min(claims_per_class(len(claims), classes), len(pool) // waiting))
        claims[pool[np.argsort(-means[pool], kind="stable")[:count]]] = label
        return
    held = np.bincount(claims[claims != UNCLAIMED], minlength=classes)
    donor = int(held.argmax())
    if held[donor] >= 2:
        theirs = np.flatnonzero(claims == donor)
        claims[theirs[usage[theirs].argmin()]] = label
