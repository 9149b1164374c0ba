"""The mixture's components: their weights and use, how firmly images are given to them, what they cost and whom they serve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import class_mass, component_kl_means, free_in, majority_classes, ownership
from rcmvae.figures import sketches
from rcmvae.figures.words import NO_COMPONENTS, NO_TRUTH, component_labels, held_out, judged
from workbench.plotting import HOVER, SHARE, category, checked, empty_figure, new_figure, template, theme

HISTOGRAM_BINS = 20
MOST_AREAS = 20


def pi_and_usage(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Prior weight and usage of each component, on held-out images."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    where, _ = held_out(bundle)
    usage = bundle.responsibilities[where].mean(axis=0)
    free = np.flatnonzero(free_in(bundle)).tolist() if bundle.has_labels and bundle.facts.classifier == "tau" else []
    labels = component_labels(bundle.claims.tolist(), bundle.facts.class_names, free, np.flatnonzero(~bundle.active).tolist())
    return checked(sketches.pi_and_usage(bundle.pi, usage, labels, int(bundle.active.sum()), dark=dark), dark=dark)


def usage_evolution(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Usage and prior weight of each component over the epochs."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    return draw_evolution(bundle.mixture_epochs.tolist(), bundle.usage_history, bundle.pi_history, dark=dark)


def draw_evolution(epochs: Sequence[int], usage: np.ndarray, pi: np.ndarray, *, dark: bool) -> go.Figure:
    """Shares over the epochs: stacked areas up to twenty components, a map beyond. `usage`, `pi`: (epochs, K)."""
    if not len(epochs):
        return empty_figure("The mixture was not logged in this run.", dark=dark)
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.1)
    figure.update_layout(template=template(dark))
    for row, (title, values) in enumerate((("usage", usage), ("prior weight π", pi)), start=1):
        if values.shape[1] > MOST_AREAS:
            hover = f"epoch %{{x}}<br>component %{{y}}<br>{title} %{{z:.2%}}<extra></extra>"
            most = float(max(usage.max(), pi.max()))
            trace = go.Heatmap(
                x=list(epochs), z=values.T, zmin=0, zmax=most, hovertemplate=hover, showscale=row == 1, colorbar={"tickformat": SHARE}
            )
            figure.add_trace(trace, row=row, col=1)
            figure.update_yaxes(title_text=f"{title}: component", autorange="reversed", showgrid=False, row=row, col=1)
            continue
        for k in range(values.shape[1]):
            figure.add_trace(_area(epochs, values[:, k], k, title, dark, legend=row == 1), row=row, col=1)
        figure.update_yaxes(title_text=title, tickformat=SHARE, range=[0, 1], nticks=4, showgrid=False, row=row, col=1)
    figure.update_xaxes(title_text="epoch", showgrid=False, row=2, col=1)
    return figure.update_layout(legend_title_text="component", legend_traceorder="normal")


def _area(epochs: Sequence[int], values: np.ndarray, k: int, title: str, dark: bool, *, legend: bool) -> go.Scatter:
    colour = category(k, dark=dark)
    return go.Scatter(
        x=list(epochs),
        y=[float(value) for value in values],
        name=str(k),
        legendgroup=str(k),
        showlegend=legend,
        mode="lines",
        line={"width": 0.8, "color": theme(dark).ground},
        fill="tonexty" if k else "tozeroy",
        fillcolor=colour,
        stackgroup=title,
        hovertemplate=f"component {k}<br>epoch %{{x}}<br>{title} %{{y:.2%}}<extra></extra>",
    )


def responsibility_histogram(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """How firmly held-out images are given to one component."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    where, _ = held_out(bundle)
    counts, _ = np.histogram(bundle.responsibilities[where].max(axis=1), bins=HISTOGRAM_BINS, range=(0, 1))
    return checked(sketches.responsibility_histogram(counts, int(bundle.active.sum()), dark=dark), dark=dark)


def component_kl(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """KL_z of each component over the images it is responsible for."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    labels = component_labels(bundle.claims.tolist(), bundle.facts.class_names, closed=np.flatnonzero(~bundle.active).tolist())
    return checked(sketches.component_kl(component_kl_means(bundle), labels, dark=dark), dark=dark)


def channel_ownership(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Mean responsibility of each component over each true class; components in the order of their majority class."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    found = judged(bundle)
    if found is None:
        return empty_figure(NO_TRUTH, dark=dark)
    where, _ = found
    r, labels = bundle.responsibilities[where], bundle.known_labels[where]
    shares = ownership(r, labels, bundle.classes)
    owners = majority_classes(class_mass(r, labels, bundle.classes))
    order = np.lexsort((-np.nan_to_num(shares).max(axis=0), np.where(owners < 0, bundle.classes, owners)))
    drawn = sketches.class_by_component(
        shares[:, order],
        [str(k) for k in order],
        bundle.facts.class_names,
        "mean responsibility",
        dark=dark,
        x_title="component, by majority class",
    )
    return checked(drawn, dark=dark)


def routing_hardness(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """How firmly images are given to one component, over the epochs: softly, and where routing is sampled with Gumbel noise too,
    with its temperature."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    hardness, temperature = bundle.hardness_history.astype(float), bundle.temperature_history.astype(float)
    if np.isnan(hardness).all():
        return empty_figure("Routing was not logged in this run.", dark=dark)
    colours = theme(dark)
    epochs = bundle.mixture_epochs.tolist()
    lines = [
        go.Scatter(
            x=epochs,
            y=[None if np.isnan(value) else float(value) for value in hardness],
            name="soft: mean largest responsibility",
            line={"color": colours.second},
            hovertemplate="epoch %{x}<br>mean largest r %{y:.3f}<extra></extra>",
        )
    ]
    sampled = bundle.history("train/max_gumbel_weight")
    if sampled is not None and np.isfinite(sampled).any():
        lines.append(
            go.Scatter(
                x=bundle.metric_epochs.tolist(),
                y=[None if np.isnan(value) else float(value) for value in sampled],
                name="Gumbel: mean largest weight",
                line={"color": colours.categories[3]},
                hovertemplate="epoch %{x}<br>mean largest weight with noise %{y:.3f}<extra></extra>",
            )
        )
    if np.isfinite(temperature).any():
        lines.append(
            go.Scatter(
                x=epochs,
                y=[None if np.isnan(value) else float(value) for value in temperature],
                name="temperature (right)",
                yaxis="y2",
                line={"color": colours.categories[1], "dash": "4px,2px"},
                hovertemplate="epoch %{x}<br>temperature %{y:.3g}<extra></extra>",
            )
        )
    figure = new_figure(lines, dark=dark, showlegend=True)
    if np.isfinite(temperature).any():
        second = {"title": {"text": "temperature"}, "overlaying": "y", "side": "right", "showgrid": False, "rangemode": "tozero"}
        second["tickmode"] = "auto"  # else Plotly lines its ticks up with the grid, at odd numbers
        figure.update_layout(yaxis2=second)
    figure.add_hline(y=1 / bundle.components, line={"color": colours.muted, "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text="epoch")
    return figure.update_layout(yaxis={"title": {"text": "hardness (1: one component an image)"}, "range": [0, 1.02]})


def embedding_distances(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Euclidean distances between the decoder's component embeddings."""
    if not bundle.embeddings.shape[1] or not bundle.components:
        return empty_figure("The decoder is not conditioned on components.", dark=dark)
    e = bundle.embeddings.astype(float)
    squares = (e**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * e @ e.T, 0))
    np.fill_diagonal(distances, np.nan)
    hover = f"components %{{x}} and %{{y}}<br>distance %{{z:{HOVER}}}<extra></extra>"
    labels = [str(k) for k in range(len(e))]
    figure = new_figure([go.Heatmap(z=distances, hovertemplate=hover, xgap=1, ygap=1, colorbar={"title": {"text": "distance"}})], dark=dark)
    axis = sketches.component_axis(labels)
    return figure.update_layout(xaxis=axis, yaxis={**axis, "autorange": "reversed"})
