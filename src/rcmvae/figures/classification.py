"""How good predictions are: the confusion matrix, each class's accuracy, certainty, reliability and novelty."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import SPLIT_NAMES, DiagnosticsBundle
from rcmvae.diagnostics.metrics.classification import calibration_bins, confusion_matrix
from rcmvae.figures.words import NO_LABELS, NO_TRUTH, class_names, judged, ood_words
from rcmvae.intervals import wilson
from workbench.plotting import CORNER, SHARE, empty_figure, faded, new_figure, scale, theme

BINS = 25


def _judged(bundle: DiagnosticsBundle) -> tuple[np.ndarray, str] | str:
    """The held-out images whose prediction can be judged, and their split; or why there are none."""
    if not bundle.has_labels:
        return NO_LABELS
    return judged(bundle) or NO_TRUTH


def confusion(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Counts of true (rows) against predicted classes; right ones and wrong ones each have their own colours."""
    judged = _judged(bundle)
    if isinstance(judged, str):
        return empty_figure(judged, dark=dark)
    where, split = judged
    counts = confusion_matrix(bundle, where).astype(float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = class_names(bundle.facts.class_names)
    diagonal = np.eye(len(counts), dtype=bool)
    colours = theme(dark)
    wrong_scale = scale((faded(colours.bad, 0.12), faded(colours.bad, 0.9)))
    wrong = np.where(diagonal | (counts == 0), np.nan, shares)
    most_wrong = max(0.05, float(np.nanmax(wrong)) if np.isfinite(wrong).any() else 0.05)
    words = [
        [[true, predicted, f"{share:.1%}"] for predicted, share in zip(names, row, strict=True)]
        for true, row in zip(names, shares, strict=True)
    ]
    common = {
        "customdata": words,
        "texttemplate": "%{text}" if len(counts) <= 26 else None,
        "textfont": {"size": 11},
        "hovertemplate": "true %{customdata[0]}, predicted %{customdata[1]}<br>%{text} images, %{customdata[2]} of the class<extra></extra>",
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
    }
    right = np.where(diagonal, shares, np.nan)
    traces = [
        go.Heatmap(
            z=right, text=_counts(counts, diagonal), zmin=0, zmax=1, colorscale=scale(colours.sequential[:5]), name="right", **common
        ),
        go.Heatmap(z=wrong, text=_counts(counts, ~diagonal), zmin=0, zmax=most_wrong, colorscale=wrong_scale, name="wrong", **common),
    ]
    figure = new_figure(traces, dark=dark)
    ticks = {"tickvals": list(range(len(names))), "ticktext": names} if len(names) <= 40 else {}
    figure.update_xaxes(title_text=f"predicted class ({int(where.sum()):,} {split} images)", showgrid=False, zeroline=False, **ticks)
    return figure.update_yaxes(title_text="true class", autorange="reversed", showgrid=False, zeroline=False, **ticks)


def _counts(counts: np.ndarray, where: np.ndarray) -> list[list[str]]:
    """Counts as text, empty where they are 0 or belong to the other map."""
    return [[f"{n:.0f}" if n and here else "" for n, here in zip(*row, strict=True)] for row in zip(counts, where, strict=True)]


def per_class_accuracy(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Share of each class that is found, with the range that chance alone leaves open (Wilson, 95 %)."""
    judged = _judged(bundle)
    if isinstance(judged, str):
        return empty_figure(judged, dark=dark)
    where, split = judged
    counts = confusion_matrix(bundle, where)
    totals = counts.sum(axis=1)
    shown = np.flatnonzero(totals)
    found, n = np.diag(counts)[shown], totals[shown]
    low, high = wilson(found, n)
    share = found / n
    colours = theme(dark)
    overall = float(found.sum() / n.sum())
    names = class_names(bundle.facts.class_names)
    dots = go.Scatter(
        x=list(range(len(shown))),
        y=share.tolist(),
        mode="markers",
        marker={"size": 10, "color": colours.second},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": np.maximum(high - share, 0).tolist(),
            "arrayminus": np.maximum(share - low, 0).tolist(),
            "color": faded(colours.second, 0.45),
            "thickness": 2,
            "width": 0,
        },
        customdata=[[names[k], int(f), int(t), f"{a:.1%} to {b:.1%}"] for k, f, t, a, b in zip(shown, found, n, low, high, strict=True)],
        hovertemplate="class %{customdata[0]}: <b>%{y:.1%}</b><br>%{customdata[1]} of %{customdata[2]} found<br>95 % range %{customdata[3]}<extra></extra>",
    )
    figure = new_figure([dots], dark=dark, showlegend=False)
    figure.add_hline(y=overall, line={"color": colours.muted, "width": 1, "dash": "dot"})
    words = f"all {int(n.sum()):,} {split} images: {overall:.1%}"
    figure.add_annotation(text=words, **CORNER)
    ticks = {"tickvals": list(range(len(shown))), "ticktext": [names[k] for k in shown]} if len(shown) <= 40 else {}
    figure.update_xaxes(title_text="class", showgrid=False, zeroline=False, **ticks)
    bottom = max(0.0, float(low.min()) - 0.03)
    return figure.update_yaxes(title_text="accuracy", tickformat=SHARE, range=[bottom, 1.01])


def certainty(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Certainty of right and of wrong predictions."""
    judged = _judged(bundle)
    if isinstance(judged, str):
        return empty_figure(judged, dark=dark)
    where, split = judged
    right = (bundle.predictions == bundle.known_labels)[where]
    values = bundle.certainty[where]
    colours = theme(dark)
    bars = [
        _histogram(values[right], f"right ({int(right.sum()):,})", colours.second, ""),
        _histogram(values[~right], f"wrong ({int((~right).sum()):,})", colours.bad, "/"),
    ]
    figure = new_figure(bars, dark=dark, barmode="stack", bargap=0.04, showlegend=True, legend_traceorder="normal")
    figure.update_xaxes(title_text="certainty", range=[0, 1], showgrid=False)
    return figure.update_yaxes(title_text=f"{split} images", rangemode="tozero")


def reliability(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Accuracy against the probability of the predicted class; on the diagonal probabilities mean what they say."""
    judged = _judged(bundle)
    if isinstance(judged, str):
        return empty_figure(judged, dark=dark)
    where, _ = judged
    confidence, right, counts = calibration_bins(bundle, where)
    some = counts > 0
    error = float((np.abs(right - confidence)[some] * counts[some]).sum() / counts.sum())
    colours = theme(dark)
    dots = go.Scatter(
        x=confidence[some].tolist(),
        y=right[some].tolist(),
        mode="lines+markers",
        name="model",
        line={"color": colours.second, "width": 1.5},
        marker={"color": colours.second, "size": (6 + 20 * np.sqrt(counts[some] / counts.max())).tolist(), "opacity": 0.85},
        customdata=counts[some].tolist(),
        hovertemplate="probability %{x:.1%}<br>accuracy %{y:.1%}<br>%{customdata} images<extra></extra>",
    )
    ideal = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="calibrated", hoverinfo="skip", line={"color": colours.muted, "width": 1, "dash": "dot"}
    )
    figure = new_figure([ideal, dots], dark=dark, showlegend=True)
    figure.add_annotation(
        text=f"calibration error {error:.1%}", x=0.98, y=0.03, xref="paper", yref="paper", xanchor="right", yanchor="bottom"
    )
    figure.update_xaxes(title_text="probability of the predicted class", range=[0, 1.02], tickformat=SHARE)
    return figure.update_yaxes(title_text="accuracy", range=[0, 1.04], tickformat=SHARE)


def ood_histogram(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Out-of-distribution scores of training and held-out images, as shares of each."""
    if not bundle.has_labels:
        return empty_figure(NO_LABELS, dark=dark)
    colours = theme(dark)
    edges = np.linspace(0, 1, BINS + 1)
    looks = {"train": (colours.first, "dot"), "validation": (colours.categories[1], "dash"), "test": (colours.second, "solid")}
    lines = []
    for code, split in enumerate(SPLIT_NAMES):
        values = bundle.ood[bundle.split == code]
        if not len(values):
            continue
        share = np.histogram(values, bins=edges)[0] / len(values)
        colour, dash = looks[split]
        lines.append(
            go.Scatter(
                x=edges.tolist(),
                y=[*share.tolist(), float(share[-1])],
                name=f"{split} ({len(values):,})",
                mode="lines",
                line={"shape": "hv", "color": colour, "dash": dash, "width": 2},
                fill="tozeroy" if split == "test" else None,
                fillcolor=faded(colour, 0.15),
                hovertemplate=f"{split}: %{{y:.1%}} from %{{x:.2f}} on<extra></extra>",
            )
        )
    figure = new_figure(lines, dark=dark, showlegend=True)
    figure.update_xaxes(title_text=ood_words(bundle), range=[0, 1], showgrid=False)
    return figure.update_yaxes(title_text="share of images", tickformat=SHARE, rangemode="tozero")


def _histogram(values: np.ndarray, name: str, colour: str, pattern: str) -> go.Bar:
    counts, edges = np.histogram(values, bins=BINS, range=(0, 1))
    return go.Bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=counts.tolist(),
        name=name,
        marker={"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay", "size": 6, "fgopacity": 0.5}},
        hovertemplate=f"{name.split(' ')[0]}: %{{y}} images<br>certainty about %{{x:.2f}}<extra></extra>",
    )
