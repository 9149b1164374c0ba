import itertools
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.io.json import to_json_plotly

from workbench import plotting

# Linear RGB as seen with normal vision and without one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Ottosson (2020)."""
    to_lms = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_lms) @ np.clip(rgb, 0, 1))


def contrast(one: str, other: str) -> float:
    """WCAG 2."""
    lums = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lums[1] + 0.05) / (lums[0] + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("dark", [False, True])
def test_twenty_colours_can_be_told_apart_with_any_colour_vision(vision: str, dark: bool) -> None:
    seen = [oklab(VISIONS[vision] @ linear(colour)) for colour in plotting.theme(dark).categories]
    assert len(seen) == plotting.MAX_CATEGORIES
    gap = {n: min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen[:n], 2)) for n in (10, 20)}
    just_noticeable = 0.02
    assert gap[20] > 3 * just_noticeable
    assert gap[10] > 4 * just_noticeable


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_marks_stand_out_from_the_ground(dark: bool) -> None:
    colours = plotting.theme(dark)
    assert contrast(colours.ink, colours.ground) >= 7
    assert contrast(colours.muted, colours.ground) >= 4.5
    assert all(contrast(colour, colours.ground) >= 3 for colour in (colours.first, colours.second, colours.good, colours.bad))
    assert all(contrast(colour, colours.ground) >= 2 for colour in colours.categories)


def test_categories_that_share_a_colour_differ_in_symbol() -> None:
    looks = {(plotting.category(i), plotting.symbol(i)) for i in range(200)}
    assert len(looks) == 200


@pytest.mark.parametrize(("n", "kind"), [(5_000, go.Scatter), (5_001, go.Scattergl)])
def test_large_scatters_are_drawn_with_webgl(n: int, kind: type) -> None:
    assert type(plotting.scatter(n, x=[0], y=[0])) is kind


def test_an_empty_figure_says_why_in_lines_that_fit() -> None:
    figure = plotting.empty_figure("no labels yet: label a few images on the page Explore and label, then train", dark=True)
    text = figure.to_plotly_json()["layout"]["annotations"][0]["text"]
    assert text.replace("<br>", " ").startswith("no labels yet: label a few")
    assert all(len(line) <= 44 for line in text.split("<br>"))


def test_user_text_cannot_become_markup() -> None:
    assert plotting.plain('<a href="x">&') == '&lt;a href="x"&gt;&amp;'


def test_a_template_is_small_and_differs_between_themes() -> None:
    light, dark = (plotting.new_figure(dark=dark).layout.template.to_plotly_json() for dark in (False, True))  # pyright: ignore[reportAttributeAccessIssue]
    assert light != dark
    assert len(str(light)) < 6_000
    assert plotting.scale(("#000000", "#ffffff", "#ff0000")) == [[0.0, "#000000"], [0.5, "#ffffff"], [1.0, "#ff0000"]]


@pytest.mark.parametrize("dark", [False, True])
def test_a_figure_drawn_in_a_theme_is_the_same_as_with_its_template(dark: bool) -> None:
    def draw() -> Any:
        return plotting.new_figure([{"type": "bar", "y": [1, 2]}], dark=dark, height=200).update_layout(title="Usage")

    assert plotting.in_theme(draw, dark=dark) == json.loads(str(to_json_plotly(draw())))


def test_no_template_is_checked_while_a_figure_is_drawn_in_a_theme_and_the_next_figures_have_theirs() -> None:
    seen: list[Any] = []

    def draw() -> Any:
        seen.append(plotting.template())
        return plotting.new_figure()

    plotting.in_theme(draw)
    with pytest.raises(ZeroDivisionError):
        plotting.in_theme(lambda: 1 / 0)  # pyright: ignore[reportArgumentType]
    assert seen == [None]
    assert plotting.template() is not None
