import base64
import dataclasses
import io

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from rcmvae.figures import reconstructions
from rcmvae.figures.montage import Tiles, draw_tiles
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, traces


def pixels(figure: go.Figure) -> np.ndarray:
    source = traces(figure)[0]["source"]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))))


def tile(figure: go.Figure, row: int, column: int, per: tuple[int, int] = (8, 8)) -> np.ndarray:
    """The image at a tile's labelled middle, scaled back."""
    axes = layout(figure)
    x, y = axes["xaxis"]["tickvals"][column], axes["yaxis"]["tickvals"][row]
    canvas = pixels(figure)
    half = 16
    return canvas[int(y) - half : int(y) + half : 32 // per[0], int(x) - half : int(x) + half : 32 // per[1], 0]


def test_tiles_stand_where_their_labels_say_enlarged_by_whole_factors() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 8, 8, 1)).astype(np.uint8)
    figure = draw_tiles(Tiles(images, rows=["a", "b"], columns=["x", "y", "z"], row_gaps=(1,), column_gaps=(1,)))
    for row in range(2):
        for column in range(3):
            np.testing.assert_array_equal(tile(figure, row, column), images[row, column, :, :, 0])


def test_colour_images_keep_their_colours() -> None:
    images = np.random.default_rng(0).integers(0, 256, (1, 1, 32, 32, 3)).astype(np.uint8)
    np.testing.assert_array_equal(pixels(draw_tiles(Tiles(images)))[..., :3], images[0, 0])


def test_blank_tiles_and_gaps_are_transparent_and_have_no_hover() -> None:
    images = np.full((1, 2, 8, 8, 1), 255, np.uint8)
    figure = draw_tiles(Tiles(images, hover=[["one", "two"]], blank=[(0, 1)]))
    alpha = pixels(figure)[..., 3]
    assert (alpha[:, :32] == 255).all()
    assert (alpha[:, 32:] == 0).all()
    assert list(traces(figure)[1]["text"]) == ["one"]


def test_reconstructions_show_all_panel_images_with_what_the_model_made_of_them() -> None:
    bundle = toy.make(decentralized=True)
    figure = reconstructions.reconstructions(bundle)
    hover = list(traces(figure)[1]["text"])
    assert len(hover) == 40
    assert sum("<b>original</b>" in text for text in hover) == 20
    first = bundle.panel[0]
    assert f"row {bundle.rows[first]}<br>true class 0" in hover[0]


def test_the_selected_component_is_framed_in_its_own_column() -> None:
    bundle = toy.make(decentralized=True)
    figure = reconstructions.recon_by_component(bundle)
    drawn = layout(figure)
    assert drawn["xaxis"]["ticktext"] == ["x", *(str(k) for k in range(12))]
    middles = [(shape["x0"] + shape["x1"]) / 2 for shape in drawn["shapes"]]
    chosen = [int(np.argmin(np.abs(np.array(drawn["xaxis"]["tickvals"]) - middle))) - 1 for middle in middles]
    firsts = [int(np.flatnonzero(bundle.true_labels[bundle.panel] == y)[0]) for y in range(10)]
    assert chosen == bundle.responsibilities[bundle.panel[firsts]].argmax(axis=1).tolist()


def test_each_component_column_holds_that_components_images() -> None:
    bundle = toy.make(decentralized=True)
    figure = reconstructions.recon_by_component(bundle)
    np.testing.assert_array_equal(tile(figure, 0, 0), bundle.panel_images[0, :, :, 0])
    np.testing.assert_array_equal(tile(figure, 0, 5), bundle.panel_by_component[0, 4, :, :, 0])


def test_only_the_twenty_most_used_components_get_a_column() -> None:
    bundle = toy.make()
    k = 30
    r = np.zeros((600, k), np.float32)
    r[:, 5:25] = 1 / 20
    pad = {
        "pi": np.full(k, 1 / k, np.float32), "tau": np.zeros((k, 10), np.float32), "tau_counts": np.zeros((k, 10), np.float32),
        "claims": np.full(k, -1, np.int32), "embeddings": np.zeros((k, 2), np.float32), "panel_components": np.arange(k, dtype=np.int32),
        "panel_by_component": np.zeros((20, k, 8, 8, 1), np.uint8), "component_samples": np.zeros((k, 8, 8, 8, 1), np.uint8),
        "pi_history": np.zeros((30, k), np.float32), "usage_history": np.zeros((30, k), np.float32),
        "active_history": np.zeros((0, k), np.uint8),
    }  # fmt: skip
    figure = reconstructions.recon_by_component(dataclasses.replace(bundle, responsibilities=r, **pad))
    assert layout(figure)["xaxis"]["ticktext"][1:] == [str(i) for i in range(5, 25)]


def test_the_walk_has_z2_upwards() -> None:
    bundle = toy.make()
    figure = reconstructions.traversal(bundle)
    labels = layout(figure)["yaxis"]["ticktext"]
    assert float(labels[0]) > float(labels[-1])
    assert next(iter(traces(figure)[1]["text"])) == f"z₁ {bundle.traversal_axis[0]:.2f}<br>z₂ {bundle.traversal_axis[-1]:.2f}"
