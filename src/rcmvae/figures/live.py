"""Figures of a run that is still training, drawn from what its events carry rather than from a bundle.

`values` are those that the trainer reports as the diagnostics `mixture`: lists under `pi`, `usage`, `tau` (K x Y), `claims`,
`responsibility_histogram`, `component_kl`, `active` (1 for open components), `free_channels`, `class_names`, and the number `k_eff`.
What is missing becomes an empty figure that says so. The drawing itself is the same as for a bundle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rcmvae.figures import components
from rcmvae.figures.tau import draw_tau
from rcmvae.figures.words import NO_LABELS, component_labels
from workbench.plotting import empty_figure

WAITING = "Appears with the first epoch."
Values = Mapping[str, Any]


def pi_and_usage(values: Values, *, dark: bool = False) -> go.Figure:
    """Prior weight and usage of each component."""
    if not values.get("usage"):
        return empty_figure(WAITING, dark=dark)
    active = len(values["usage"]) - len(_closed(values))
    return components.draw_pi_and_usage(values["pi"], values["usage"], _labels(values), active, dark=dark)


def responsibility_histogram(values: Values, *, dark: bool = False) -> go.Figure:
    """How firmly validation images are given to one component."""
    counts = values.get("responsibility_histogram")
    if not counts:
        return empty_figure(WAITING, dark=dark)
    active = len(values.get("usage") or ()) - len(_closed(values))
    return components.draw_responsibility_histogram(counts, active or None, dark=dark)


def tau_heatmap(values: Values, *, dark: bool = False) -> go.Figure:
    """p(class | component), components in their own order so that nothing jumps while training goes on."""
    tau = values.get("tau")
    if not tau:
        return empty_figure(NO_LABELS, dark=dark)
    claims = values.get("claims") or [None] * len(tau)
    free, names = values.get("free_channels") or (), values.get("class_names") or ()
    return draw_tau(np.asarray(tau, float), claims, free, names, closed=_closed(values), dark=dark)


def component_kl(values: Values, *, dark: bool = False) -> go.Figure:
    """KL_z of each component."""
    kl = values.get("component_kl")
    if not kl:
        return empty_figure(WAITING, dark=dark)
    if len(kl) != len(values.get("usage") or kl):
        return empty_figure("All components share one posterior, so their KL is the same.", dark=dark)
    return components.draw_component_kl(kl, _labels(values), dark=dark)


def usage_evolution(history: Sequence[tuple[int, Values]], *, dark: bool = False) -> go.Figure:
    """Usage and prior weight over the epochs; `history` holds (epoch, values), oldest first."""
    logged = [(epoch, values) for epoch, values in history if values.get("usage")]
    if not logged:
        return empty_figure(WAITING, dark=dark)
    usage, pi = (np.array([values[name] for _, values in logged], float) for name in ("usage", "pi"))
    return components.draw_evolution([epoch for epoch, _ in logged], usage, pi, dark=dark)


def _labels(values: Values) -> list[str]:
    k = len(values.get("usage") or values.get("component_kl") or ())
    claims = values.get("claims") or [None] * k
    return component_labels(claims, values.get("class_names") or (), values.get("free_channels") or (), _closed(values))


def _closed(values: Values) -> list[int]:
    """Components that a curriculum has not opened."""
    return [k for k, is_open in enumerate(values.get("active") or ()) if not is_open]
