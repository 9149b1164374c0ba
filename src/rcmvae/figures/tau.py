"""Tau: which class each component stands for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import free_in
from rcmvae.figures.sketches import class_by_component
from rcmvae.figures.words import NO_COMPONENTS, NO_LABELS
from workbench.plotting import Sketch, checked, empty_figure


def tau_heatmap(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """p(class | component); components in the order of their class, claimed channels framed, free ones named."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    if bundle.facts.classifier != "tau":
        return empty_figure("The head classifies, not tau.", dark=dark)
    if not bundle.has_labels:
        return empty_figure(NO_LABELS, dark=dark)
    order = np.lexsort((-bundle.tau.max(axis=1), bundle.tau.argmax(axis=1)))
    free = np.flatnonzero(free_in(bundle)).tolist()
    closed = np.flatnonzero(~bundle.active).tolist()
    claims, names = bundle.claims.tolist(), bundle.facts.class_names
    return checked(sketch_tau(bundle.tau, claims, free, names, closed=closed, order=order.tolist(), dark=dark), dark=dark)


def sketch_tau(
    tau: np.ndarray,
    claims: Sequence[int | None],
    free: Sequence[int],
    names: Sequence[str],
    *,
    closed: Sequence[int] = (),
    order: Sequence[int] | None = None,
    dark: bool,
) -> Sketch:
    """The map of tau, (K, Y).

    `claims`: class or none (None or -1) of each component. `free`, `closed`: components to be named so. `order`: from left to right.
    """
    shown = list(range(len(tau))) if order is None else list(order)
    labels = [f"{k}<br>free" if k in free else f"{k}<br>closed" if k in closed else str(k) for k in shown]
    claimed = [(i, int(claim)) for i, k in enumerate(shown) if (claim := claims[k]) is not None and claim >= 0]
    return class_by_component(np.asarray(tau, float)[shown].T, labels, names, "p(class | component)", dark=dark, claimed=claimed)
