"""What the decoder makes of images: reconstructions of the fixed panel, by component, and images drawn from the prior."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures.montage import Tiles, draw_tiles
from rcmvae.figures.words import NO_COMPONENTS, class_name, class_words
from workbench.plotting import empty_figure

CLASSES_SHOWN = 10
ASPECT = 1.4
COMPONENTS_SHOWN = 20


def reconstructions(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """The panel: originals above, what the decoder makes of them below."""
    best = bundle.panel_selected if bundle.components else bundle.panel_weighted
    return _stacked(bundle, {"original": bundle.panel_images, "decoded": best}, dark)


def recon_selected(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """The panel's images, decoded by the selected component, by all of them weighted, and by the runner-up."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    rows = {
        "original": bundle.panel_images,
        "selected": bundle.panel_selected,
        "weighted": bundle.panel_weighted,
        "runner-up": bundle.panel_runner_up,
    }
    return _stacked(bundle, rows, dark)


def recon_by_component(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """One image of each class (rows) as every component would decode it (columns); the selected component is framed."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    picked = _one_per_class(bundle)
    shown = _most_used(bundle)
    kept = bundle.panel_components[shown]
    tiles = np.concatenate([bundle.panel_images[picked][:, None], bundle.panel_by_component[picked][:, shown]], axis=1)
    r = bundle.responsibilities[bundle.panel[picked]]
    best = r.argmax(axis=1)
    hover = [[_image_words(bundle, p), *(f"component {k}<br>responsibility {r[i, k]:.1%}" for k in kept)] for i, p in enumerate(picked)]
    return draw_tiles(
        Tiles(
            tiles,
            rows=[class_name(bundle, int(bundle.known_labels[bundle.panel[p]])) for p in picked],
            columns=["x", *(str(k) for k in kept)],
            hover=hover,
            framed=[(i, 1 + int(np.flatnonzero(kept == k)[0])) for i, k in enumerate(best) if k in kept],
            column_gaps=(1,),
            column_title="component",
            row_title="class",
        ),
        dark=dark,
    )


def component_samples(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Images decoded from the prior: one column a component, the same noise along each row."""
    shown = _most_used(bundle) if bundle.components else np.array([0])
    kept = bundle.panel_components[shown] if bundle.components else np.array([0])
    images = bundle.component_samples[shown]
    if not bundle.components:
        return draw_tiles(Tiles(images), dark=dark)
    hover = [[f"component {k}<br>prior weight {bundle.pi[k]:.1%}" for k in kept] for _ in range(images.shape[1])]
    return draw_tiles(
        Tiles(images.swapaxes(0, 1), columns=[str(k) for k in kept], hover=hover, column_title="component"),
        dark=dark,
    )


def traversal(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Images decoded over a grid of the two latent dimensions, by the most used component."""
    if not len(bundle.traversal_axis):
        return empty_figure("A walk over a grid needs a two-dimensional latent space.", dark=dark)
    axis = bundle.traversal_axis
    labels = [f"{value:.1f}" if i % 2 == 0 else "" for i, value in enumerate(axis)]
    hover = [[f"z₁ {x:.2f}<br>z₂ {y:.2f}" for x in axis] for y in axis[::-1]]
    return draw_tiles(Tiles(bundle.traversal, rows=labels[::-1], columns=labels, hover=hover, column_title="z₁", row_title="z₂"), dark=dark)


def _stacked(bundle: DiagnosticsBundle, kinds: dict[str, np.ndarray], dark: bool) -> go.Figure:
    """Blocks of lines, one line a kind, about as wide as a card is."""
    n = len(bundle.panel)
    blocks = max(1, round((n / (ASPECT * len(kinds))) ** 0.5))
    per_line = -(-n // blocks)
    shape = next(iter(kinds.values())).shape[1:]
    tiles = np.zeros((blocks * len(kinds), per_line, *shape), np.uint8)
    hover = [[""] * tiles.shape[1] for _ in range(tiles.shape[0])]
    for i in range(n):
        block, column = divmod(i, per_line)
        for j, (kind, images) in enumerate(kinds.items()):
            tiles[block * len(kinds) + j, column] = images[i]
            hover[block * len(kinds) + j][column] = f"<b>{kind}</b><br>{_image_words(bundle, i)}"
    gaps = [block * len(kinds) for block in range(1, blocks)]
    blank = [(i // per_line * len(kinds) + j, i % per_line) for i in range(n, blocks * per_line) for j in range(len(kinds))]
    return draw_tiles(Tiles(tiles, rows=list(kinds) * blocks, hover=hover, blank=blank, row_gaps=gaps), dark=dark)


def _image_words(bundle: DiagnosticsBundle, panel_index: int) -> str:
    """An image of the panel in words, for hover boxes."""
    position = int(bundle.panel[panel_index])
    words = [f"row {bundle.rows[position]}", class_words(bundle, position)]
    if bundle.predictions[position] >= 0:
        words.append(f"predicted {class_name(bundle, int(bundle.predictions[position]))} (certainty {bundle.certainty[position]:.2f})")
    if bundle.components:
        order = np.argsort(-bundle.responsibilities[position], kind="stable")[:2]
        words += [f"component {k}: {bundle.responsibilities[position, k]:.1%}" for k in order]
    return "<br>".join(words)


def _one_per_class(bundle: DiagnosticsBundle) -> list[int]:
    """Panel indices: the first image of each class, at most ten; without true classes the first ten."""
    labels = bundle.known_labels[bundle.panel]
    first = [int(np.flatnonzero(labels == label)[0]) for label in np.unique(labels[labels >= 0])]
    return (first or list(range(len(labels))))[:CLASSES_SHOWN]


def _most_used(bundle: DiagnosticsBundle) -> np.ndarray:
    """Indices into the kept components: the twenty most used, ascending."""
    usage = bundle.responsibilities.mean(axis=0)[bundle.panel_components]
    return np.sort(np.argsort(-usage, kind="stable")[:COMPONENTS_SHOWN])
