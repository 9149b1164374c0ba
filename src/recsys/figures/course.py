"""What a trial was made of: tables of terms, and the time of its stages."""

from __future__ import annotations

import plotly.graph_objects as go

from recsys.figures.looks import panels
from recsys.training.bundle import Bundle
from workbench.plotting import CORNER, empty_figure, new_figure, plain, theme


def vocabulary(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """How many terms each table has and what was cut, and the share of rows whose term has no row of its own."""
    tables = bundle.told["vocabulary"]
    if not tables:
        return empty_figure("No feature has a table of terms.", dark=dark)
    colours = theme(dark)
    names = [f"{plain(table['column'])} ({table['tower']})" for table in tables]
    figure = panels(
        ["Terms", "Rows with an unknown term"],
        dark=dark,
        barmode="stack",
        showlegend=True,
        legend_traceorder="normal",
    )
    for key, name, colour, pattern in (
        ("terms", "known", colours.second, ""),
        ("cut_by_frequency", "cut: too rare", colours.categories[1], "/"),
        ("cut_by_size", "cut: table full", colours.bad, "x"),
    ):
        values = [table[key] for table in tables]
        if key != "terms" and not any(values):
            continue
        bar = go.Bar(
            x=values, y=names, orientation="h", name=name, marker={"color": colour, "pattern": {"shape": pattern, "size": 6}},
            hovertemplate=f"%{{y}}: %{{x:,}} terms {name}<extra></extra>",
        )  # fmt: skip
        figure.add_trace(bar, row=1, col=1)
    symbols = {"train": "circle", "validation": "diamond", "test": "square"}
    looks = {"train": colours.first, "validation": colours.categories[0], "test": colours.categories[3]}
    for part, mark in symbols.items():
        dots = go.Scatter(
            x=[table["unknown"][part] for table in tables],
            y=names,
            mode="markers",
            name=part,
            marker={"size": 10, "symbol": mark, "color": looks[part], "opacity": 0.85},
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x:.2%}} of the {part} rows<extra></extra>",
        )
        figure.add_trace(dots, row=1, col=2)
    figure.update_xaxes(rangemode="tozero", tickformat=",d", row=1, col=1)
    figure.update_xaxes(rangemode="tozero", tickformat=".1%", row=1, col=2)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure.update_yaxes(showticklabels=False, row=1, col=2)


def timeline(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """When each stage began and how long it took."""
    seconds = bundle.told["seconds"]
    if not seconds:
        return empty_figure("No stage was finished.", dark=dark)
    stages, took = list(seconds), list(seconds.values())
    began = [sum(took[:place]) for place in range(len(took))]
    total = sum(took)
    bar = go.Bar(
        x=took,
        base=began,
        y=[stage.replace("_", " ") for stage in stages],
        orientation="h",
        marker={"color": theme(dark).second},
        text=[f"{value:.2f} s" if value < 10 else f"{value:.0f} s" for value in took],
        textposition="outside",
        cliponaxis=False,
        customdata=[
            [start, value / total if total else 0.0] for start, value in zip(began, took, strict=True)
        ],
        hovertemplate="%{y}: %{x:.2f} s, %{customdata[1]:.0%}<br>began after %{customdata[0]:.2f} s<extra></extra>",
    )
    figure = new_figure([bar], dark=dark, showlegend=False)
    figure.add_annotation(text=f"{total:.1f} s in all", **CORNER)
    figure.update_xaxes(title_text="seconds", range=[0, 1.12 * total] if total else None)
    return figure.update_yaxes(autorange="reversed", showgrid=False)
