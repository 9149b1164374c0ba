"""A second look at labels: those that the model contradicts, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rcmvae.active.asking import kept_now
from rcmvae.diagnostics.bundle import TEST
from rcmvae.recount import labels_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class Doubt:
    """A label that the model contradicts: the dataset row, its label, the likelier class, how likely each is, and both in a sentence."""

    row: int
    label: int
    other: int
    p_label: float
    p_other: float
    why: str


def doubts(rows: np.ndarray, labels: np.ndarray, probabilities: np.ndarray, names: Sequence[str], n: int) -> tuple[Doubt, ...]:
    """The labels that another class beats by most, at most `n`, the worst first; of equal ones the lower row.

    Args:
        rows: int (N,), dataset rows. labels: int (N,), -1 none. probabilities: (N, Y), p(y|x). names: of the Y classes.
    """
    at = np.flatnonzero((labels >= 0) & (labels < probabilities.shape[1]))
    if not len(at):
        return ()
    given = labels[at]
    p_label = probabilities[at, given].astype(np.float64)
    others = probabilities[at].astype(np.float64)
    others[np.arange(len(at)), given] = -1.0
    other = others.argmax(axis=1)
    lead = others[np.arange(len(at)), other] - p_label
    order = np.lexsort((rows[at], -lead))
    return tuple(
        Doubt(
            int(rows[at[k]]), int(given[k]), int(other[k]), float(p_label[k]), float(p_label[k] + lead[k]),
            f"Labelled {names[int(given[k])]} ({100 * p_label[k]:.0f} %); the model says {names[int(other[k])]} ({100 * (p_label[k] + lead[k]):.0f} %).",
        )
        for k in order[:n].tolist() if lead[k] > 0
    )  # fmt: skip


def doubted_labels(workbench: Workbench, model_id: str, n: int) -> tuple[Doubt, ...]:
    """The labels of a model's training and validation images that its present weights contradict, under the labels of now.

    Raises CommandError for a model without weights or diagnostics.
    """
    _, _, kept, now = kept_now(workbench, model_id)
    inside = np.flatnonzero(kept.split != TEST)
    if not kept.seen_labels:
        return ()
    probabilities = kept.probabilities[inside].copy()
    for number, into in now.merged.items():
        if max(number, into) < probabilities.shape[1]:
            probabilities[:, into] += probabilities[:, number]
            probabilities[:, number] = 0.0
    labels = labels_of(kept.rows[inside], now.labels or {})
    return doubts(kept.rows[inside], labels, probabilities, now.class_names or kept.facts.class_names, n)
