"""The components of a model as the Explore page lists them: how much each is used, for what, and what may be a new class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.diagnostics.bundle import TRAIN, load_arrays
from rcmvae.diagnostics.channels import class_mass, free_channels, majority_classes
from rcmvae.explore.points import points_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench

HIGH_OOD = 0.5
"""An out-of-distribution score above it is high: the model doubts its answer more than it trusts it."""

NEW_CLASS_FROM = 20
"""So many images of high OOD in a component that nobody claims may be a new class."""


@dataclass(frozen=True)
class Component:
    """One component.

    Attributes:
        number: from 0. pi: its prior weight. usage: mean responsibility over the points. images: those that selected it.
        claim: class that claims it, -1 none. holds: class of most of its labelled images, -1 without any.
        free: whether a new class could take it. open: whether a curriculum has opened it.
        strange: dataset rows of its images of high OOD, if they may be a new class.
    """

    number: int
    pi: float
    usage: float
    images: int
    claim: int
    holds: int
    free: bool
    open: bool
    strange: tuple[int, ...] = ()


def components_of(workbench: Workbench, model_id: str) -> list[Component]:
    """The components of a model's present weights under the labels of now; none with a standard prior. Raises CommandError."""
    found = points_of(workbench, model_id)
    kept = found.kept
    r = kept.responsibilities
    if not r.shape[1]:
        return []
    _, more = load_arrays(found.path, ("pi",))
    opened = kept.facts.open_components
    active = np.ones(r.shape[1], bool) if opened is None else np.isin(np.arange(r.shape[1]), opened)
    train = kept.split == TRAIN
    labels = np.where(train, kept.used_labels, -1)
    mass = class_mass(r, labels, len(kept.facts.class_names))
    holds = majority_classes(mass) if len(mass) else np.full(r.shape[1], -1)
    free = free_channels(r[train].mean(axis=0), r[labels >= 0].sum(axis=0), kept.claims, active)
    selected, ood = found.columns["component"], found.columns["ood"]
    usage = r[found.inside].mean(axis=0)
    high = (ood > HIGH_OOD) & (kept.used_labels[found.inside] < 0) & kept.seen_labels
    return [
        Component(
            k, float(more["pi"][k]), float(usage[k]), int((selected == k).sum()), int(kept.claims[k]), int(holds[k]), bool(free[k]),
            bool(active[k]), new_class(found.columns["rows"][high & (selected == k)], int(kept.claims[k])),
        )
        for k in range(r.shape[1])
    ]  # fmt: skip


def new_class(strange: np.ndarray, claim: int) -> tuple[int, ...]:
    """Those images, if they are enough to be a new class in a component that nobody claims."""
    return tuple(map(int, strange)) if claim < 0 and len(strange) >= NEW_CLASS_FROM else ()


def as_values(components: list[Component]) -> list[dict[str, Any]]:
    """Components as JSON values."""
    return [vars(component) | {"strange": list(component.strange)} for component in components]
