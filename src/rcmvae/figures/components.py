"""The mixture's components: their weights and use, how firmly images are given to them, what they cost and whom they serve."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import class_mass, component_kl_means, effective_components, free_in, majority_classes, ownership
from rcmvae.figures.words import NO_COMPONENTS, NO_TRUTH, class_names, component_labels, held_out, judged
from workbench.plotting import CORNER, HOVER, SHARE, category, empty_figure, faded, new_figure, scale, template, theme

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
    return draw_pi_and_usage(bundle.pi, usage, labels, int(bundle.active.sum()), dark=dark)


def draw_pi_and_usage(
    pi: Sequence[float] | np.ndarray, usage: Sequence[float] | np.ndarray, labels: Sequence[str], active: int, *, dark: bool
) -> go.Figure:
    """Bars of pi and usage side by side; the dotted line is an even share of the `active` components."""
    colours = theme(dark)
    k = len(usage)
    x = list(range(k))
    pi, usage = np.asarray(pi, float), np.asarray(usage, float)
    names = [label.replace("<br>", ", ") for label in labels]
    hover = "component %{text}<br>%{fullData.name} %{y:.2%}<extra></extra>"
    bars = [
        go.Bar(x=x, y=pi.tolist(), name="prior weight π", marker={"color": faded(colours.first, 0.55)}, text=names, hovertemplate=hover),
        go.Bar(x=x, y=usage.tolist(), name="usage", marker={"color": colours.second}, text=names, hovertemplate=hover),
    ]
    figure = new_figure(bars, dark=dark, barmode="group", bargroupgap=0.05)
    figure.update_traces(textposition="none")
    figure.add_hline(y=1 / active, line={"color": colours.muted, "width": 1, "dash": "dot"})
    words = f"K_eff {effective_components(usage):.1f} of {active}{' open' if active < k else ''}"
    figure.add_annotation(text=words, **CORNER)
    component_axis(figure, "x", labels)
    return figure.update_yaxes(title_text="share", tickformat=SHARE, rangemode="tozero")


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
    return draw_responsibility_histogram(counts, int(bundle.active.sum()), dark=dark)


def draw_responsibility_histogram(counts: Sequence[float] | np.ndarray, components: int | None, *, dark: bool) -> go.Figure:
    """Bars of equal-width bins over [0, 1]; the dotted line is 1/K of K open `components`, below which no image can fall."""
    counts = np.asarray(counts, float)
    total = counts.sum()
    if not total:
        return empty_figure("No images to count.", dark=dark)
    edges = np.linspace(0, 1, len(counts) + 1)
    ranges = [f"{low:.2f} to {high:.2f}" for low, high in pairwise(edges)]
    bars = go.Bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=(counts / total).tolist(),
        width=0.92 / len(counts),
        marker={"color": theme(dark).second},
        customdata=ranges,
        hovertemplate="largest r %{customdata}<br>%{y:.1%} of the images<extra></extra>",
    )
    figure = new_figure([bars], dark=dark, showlegend=False)
    if components:
        figure.add_vline(x=1 / components, line={"color": theme(dark).muted, "width": 1, "dash": "dot"})
        figure.add_annotation(x=1 / components, y=1, yref="paper", yanchor="top", xanchor="left", xshift=4, text="1/K")
    figure.update_xaxes(title_text="largest responsibility of an image", range=[0, 1], showgrid=False)
    return figure.update_yaxes(title_text="share of images", tickformat=SHARE, rangemode="tozero")


def component_kl(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """KL_z of each component over the images it is responsible for."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    labels = component_labels(bundle.claims.tolist(), bundle.facts.class_names, closed=np.flatnonzero(~bundle.active).tolist())
    return draw_component_kl(component_kl_means(bundle), labels, dark=dark)


def draw_component_kl(values: Sequence[float | None] | np.ndarray, labels: Sequence[str], *, dark: bool) -> go.Figure:
    """Bars in nats; components that are responsible for nothing have none."""
    kl = np.array([np.nan if value is None else value for value in values], float)
    bars = go.Bar(
        x=list(range(len(kl))),
        y=[None if np.isnan(value) else float(value) for value in kl],
        marker={"color": theme(dark).second},
        text=[label.replace("<br>", ", ") for label in labels],
        textposition="none",
        hovertemplate=f"component %{{text}}<br>%{{y:{HOVER}}} nats<extra></extra>",
    )
    figure = new_figure([bars], dark=dark, showlegend=False)
    if np.isfinite(kl).any():
        mean = float(np.nanmean(kl))
        figure.add_hline(y=mean, line={"color": theme(dark).muted, "width": 1, "dash": "dot"})
        figure.add_annotation(text=f"mean {mean:.2f} nats", **CORNER)
    component_axis(figure, "x", labels)
    return figure.update_yaxes(title_text="KL of z (nats an image)", rangemode="tozero")


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
    return class_by_component(
        shares[:, order],
        [str(k) for k in order],
        bundle.facts.class_names,
        "mean responsibility",
        dark=dark,
        x_title="component, by majority class",
    )


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
    component_axis(figure, "x", labels)
    component_axis(figure, "y", labels)
    return figure.update_yaxes(autorange="reversed")


def class_by_component(
    values: np.ndarray,
    components: Sequence[str],
    names: Sequence[str],
    title: str,
    *,
    dark: bool,
    x_title: str = "component",
    claimed: Sequence[tuple[int, int]] = (),
) -> go.Figure:
    """A map of classes (rows) by components (columns) with values in [0, 1]; `claimed` (column, class) pairs are framed."""
    classes = class_names(names)
    text = None
    if values.size <= 300:
        text = [
            ["" if np.isnan(v) or v < 0.015 else f"{v:.0%}" if values.shape[1] <= 12 else f"{100 * v:.0f}" for v in row] for row in values
        ]
    words = [label.replace("<br>", ", ") for label in components]
    heat = go.Heatmap(
        z=np.asarray(values, np.float32),
        zmin=0,
        zmax=1,
        colorscale=scale(theme(dark).sequential),
        text=text,
        texttemplate="%{text}" if text else None,
        textfont={"size": 10},
        customdata=[[[word, name] for word in words] for name in classes],
        hovertemplate=f"component %{{customdata[0]}}<br>class %{{customdata[1]}}<br>{title} %{{z:.1%}}<extra></extra>",
        xgap=1,
        ygap=1,
        colorbar={"title": {"text": title}, "tickformat": SHARE},
    )
    line = {"color": theme(dark).categories[1], "width": 2}
    frames = [
        {"type": "rect", "x0": column - 0.46, "x1": column + 0.46, "y0": row - 0.46, "y1": row + 0.46, "line": line}
        for column, row in claimed
    ]
    # all at once: with each that is added, Plotly checks those before it again
    figure = new_figure([heat], dark=dark, showlegend=False, shapes=frames)
    component_axis(figure, "x", components, x_title)
    ticks = {"tickvals": list(range(len(classes))), "ticktext": classes} if len(classes) <= 40 else {}
    return figure.update_yaxes(title_text="class", autorange="reversed", showgrid=False, zeroline=False, **ticks)


def component_axis(figure: go.Figure, axis: str, labels: Sequence[str], title: str | None = None) -> None:
    """Component numbers (and whose they are) along an axis; from forty on Plotly chooses which to show."""
    if title is None:
        owned = len(labels) <= 40 and any("<br>" in label for label in labels)
        title = "component, and the class that claims it" if owned else "component"
    ticks = {"tickvals": list(range(len(labels))), "ticktext": list(labels)} if len(labels) <= 40 else {}
    figure.update_layout({f"{axis}axis": {"title": {"text": title}, "showgrid": False, "zeroline": False, **ticks}})
