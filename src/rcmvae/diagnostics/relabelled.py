"""Kept diagnostics under today's labels: what tau says is counted afresh, all else stays as it was when the run ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import numpy as np

from rcmvae.diagnostics.bundle import TRAIN, BundleFacts
from rcmvae.recount import Recount, labels_of, recount


class Diagnosed(Protocol):
    """The part of a bundle that classifying by tau needs; arrays as in `DiagnosticsBundle`."""

    @property
    def facts(self) -> BundleFacts: ...
    @property
    def rows(self) -> np.ndarray: ...
    @property
    def split(self) -> np.ndarray: ...
    @property
    def used_labels(self) -> np.ndarray: ...
    @property
    def responsibilities(self) -> np.ndarray: ...
    @property
    def claims(self) -> np.ndarray: ...


AnyDiagnosed = TypeVar("AnyDiagnosed", bound=Diagnosed)


@dataclass(frozen=True)
class Relabelled:
    """Today's view of kept diagnostics.

    Attributes:
        facts: with today's vocabulary, and tau as classifier where the first classes came after the run.
        labels: int32 (N,), today's. claims: int32 (K,), those of classes that are still known.
        tau: everything that was counted afresh. changed: images whose label is another now. added: classes added since.
    """

    facts: BundleFacts
    labels: np.ndarray
    claims: np.ndarray
    tau: Recount
    changed: int
    added: int

    def fields(self) -> dict[str, Any]:
        """What takes the place of the kept fields of the same names."""
        return {
            "facts": self.facts, "used_labels": self.labels, "claims": self.claims, "probabilities": self.tau.probabilities,
            "predictions": self.tau.predictions, "certainty": self.tau.certainty,
        }  # fmt: skip

    def words(self, since: str) -> str:
        """What was done, in a line; `since` names the run."""
        differences = ((self.changed, "label changed", "labels changed"), (self.added, "class added", "classes added"))
        parts = [f"{n:,} {one if n == 1 else many}" for n, one, many in differences if n]
        return f"tau recounted with {' and '.join(parts) or 'another vocabulary'} since {since}"


def relabelled(
    kept: Diagnosed,
    labels: Mapping[int, int] | None,
    class_names: tuple[str, ...] | None,
    resolved: Mapping[str, Any],
    merged: Mapping[int, int] | None = None,
) -> Relabelled | None:
    """What today's labels make of kept diagnostics; None where they change nothing: the same labels and classes as the run had, a
    head that classifies, or no components.

    Args:
        labels: dataset row -> class; the run's if not given. class_names: today's vocabulary; the run's if not given.
        resolved: the run's values, autos replaced; tau's own are read. merged: class -> the class that it was merged into since, which
            takes over its claims.
    """
    by_tau = kept.facts.classifier == "tau" or (kept.facts.classifier == "none" and bool(resolved.get("use_tau_classifier")))
    if not by_tau or not kept.responsibilities.shape[1]:
        return None
    names = kept.facts.class_names if class_names is None else class_names
    now = kept.used_labels if labels is None else labels_of(kept.rows, labels)
    changed = int((now != kept.used_labels).sum())
    if not changed and names == kept.facts.class_names:
        return None
    claims = classes_now(np.where(kept.claims < len(names), kept.claims, -1).astype(np.int32), merged or {})
    found = recount(
        kept.responsibilities, now, kept.split == TRAIN, claims, len(names),
        alpha=float(resolved["tau_smoothing_alpha"]), claim=float(resolved["tau_claim_strength"]),
    )  # fmt: skip
    facts = replace(kept.facts, class_names=names, classifier="tau" if names else "none")
    return Relabelled(facts, now, claims, found, changed, max(0, len(names) - len(kept.facts.class_names)))


def classes_now(classes: np.ndarray, merged: Mapping[int, int]) -> np.ndarray:
    """Class numbers (N,), -1 none; those that were merged since are what they were merged into."""
    now = classes.copy()
    for number, into in merged.items():
        now[classes == number] = into
    return now
