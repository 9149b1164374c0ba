"""A run's diagnostics as they are looked at now: under today's labels, with the OOD blend that its dial stands at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from rcmvae.diagnostics.bundle import TRAIN, VALIDATION, DiagnosticsBundle
from rcmvae.diagnostics.findings import findings
from rcmvae.diagnostics.relabelled import Relabelled, relabelled
from rcmvae.diagnostics.today import Today
from rcmvae.novelty import blended, check_blend, percentile, reference_positions
from rcmvae.recount import labels_of
from workbench.diagnosis import Presented

NO_DIALS: Mapping[str, float] = MappingProxyType({})


def present(bundle: DiagnosticsBundle, today: Today, dials: Mapping[str, float] = NO_DIALS) -> Presented:
    """The bundle under `today`'s labels and vocabulary and the blend of `dials`, and in a line what differs from what the run kept.

    A head counts nothing: its answers stay, and the line says when labels will reach it. Raises ValueError for a blend
    that is no share.
    """
    blend = dials.get("blend", 0.0)
    check_blend(blend)
    found = relabelled(bundle, today.labels, today.class_names, today.resolved, today.merged)
    shown = bundle if found is None else _recounted(bundle, found)
    if blend:
        shares = reconstruction_percentiles(shown.loss_names, shown.losses, shown.split)
        facts = replace(shown.facts, ood_blend=blend)
        shown = replace(shown, facts=facts, ood=blended(shown.certainty, shares, blend))
    return Presented(shown, _for_a_head(bundle, today) if found is None else found.words(today.run), findings(shown))


def _for_a_head(bundle: DiagnosticsBundle, today: Today) -> str | None:
    if bundle.facts.classifier != "head" or today.labels is None:
        return None
    changed = int((labels_of(bundle.rows, today.labels) != bundle.used_labels).sum())
    words = (
        f"{changed:,} label{'' if changed == 1 else 's'} changed since {today.run}: the head learns them when the model is trained again"
    )
    return words if changed else None


def reconstruction_percentiles(loss_names: np.ndarray, losses: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Where the reconstruction loss of every image lies among those of the validation images (without any, of a fixed part of the
    training images): float64 (N,) in [0, 1].

    Args:
        loss_names: (T,). losses: (N, T). split: (N,), as in `DiagnosticsBundle`.
    """
    found = losses[:, int(np.flatnonzero(loss_names == "reconstruction_loss")[0])]
    return percentile(found, found[reference_positions(np.flatnonzero(split == VALIDATION), np.flatnonzero(split == TRAIN))])


def _recounted(bundle: DiagnosticsBundle, found: Relabelled) -> DiagnosticsBundle:
    """The bundle with everything that depends on labels counted afresh."""
    return replace(
        bundle,
        **found.fields(),
        tau=found.tau.tau,
        tau_counts=found.tau.counts,
        ood=1 - found.tau.certainty,
        losses=_with_label_loss(bundle, found),
    )


def _with_label_loss(bundle: DiagnosticsBundle, found: Relabelled) -> np.ndarray:
    """The loss terms (N, T) with -log p(y|x) of today's labels, NaN where there is none."""
    column = np.flatnonzero(bundle.loss_names == "classification_loss")
    if not len(column):
        return bundle.losses
    losses, known = bundle.losses.copy(), np.flatnonzero(found.labels >= 0)
    given = found.tau.probabilities[known, found.labels[known]]
    losses[:, column[0]] = np.nan
    losses[known, column[0]] = -np.log(np.maximum(given, np.finfo(np.float32).tiny))
    return losses
