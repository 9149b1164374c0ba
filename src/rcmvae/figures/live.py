"""Figures of a run that is still training, drawn from what its events carry rather than from a bundle.

`values` are those that the trainer reports as the diagnostics `mixture`: lists under `pi`, `usage`, `tau` (K x Y), `claims`,
`responsibility_histogram`, `component_kl`, `active` (1 for open components), `free_channels`, `class_names`, and the number `k_eff`.
What is missing becomes an empty figure that says so. The drawing itself is the same as for a bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rcmvae.figures import sketches
from rcmvae.figures.tau import sketch_tau
from rcmvae.figures.words import NO_LABELS, component_labels
from workbench.plotting import Sketch, empty_sketch

WAITING = "Appears with the first epoch."
Values = Mapping[str, Any]


def pi_and_usage(values: Values, *, dark: bool = False) -> Sketch:
    """Prior weight and usage of each component."""
    if not values.get("usage"):
        return empty_sketch(WAITING)
    active = len(values["usage"]) - len(_closed(values))
    return sketches.pi_and_usage(values["pi"], values["usage"], _labels(values), active, dark=dark)


def responsibility_histogram(values: Values, *, dark: bool = False) -> Sketch:
    """How firmly validation images are given to one component."""
    counts = values.get("responsibility_histogram")
    if not counts:
        return empty_sketch(WAITING)
    active = len(values.get("usage") or ()) - len(_closed(values))
    return sketches.responsibility_histogram(counts, active or None, dark=dark)


def tau_heatmap(values: Values, *, dark: bool = False) -> Sketch:
    """p(class | component), components in their own order so that nothing jumps while training goes on."""
    tau = values.get("tau")
    if not tau:
        return empty_sketch(NO_LABELS)
    claims = values.get("claims") or [None] * len(tau)
    free, names = values.get("free_channels") or (), values.get("class_names") or ()
    return sketch_tau(np.asarray(tau, float), claims, free, names, closed=_closed(values), dark=dark)


def component_kl(values: Values, *, dark: bool = False) -> Sketch:
    """KL_z of each component."""
    kl = values.get("component_kl")
    if not kl:
        return empty_sketch(WAITING)
    if len(kl) != len(values.get("usage") or kl):
        return empty_sketch("All components share one posterior, so their KL is the same.")
    return sketches.component_kl(kl, _labels(values), dark=dark)


def _labels(values: Values) -> list[str]:
    k = len(values.get("usage") or values.get("component_kl") or ())
    claims = values.get("claims") or [None] * k
    return component_labels(claims, values.get("class_names") or (), values.get("free_channels") or (), _closed(values))


def _closed(values: Values) -> list[int]:
    """Components that a curriculum has not opened."""
    return [k for k, is_open in enumerate(values.get("active") or ()) if not is_open]
