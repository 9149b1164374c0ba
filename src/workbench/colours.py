"""The colours of classes, components and graded values, light and dark, that anyone can tell apart: for figures and style sheets alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_CATEGORIES = 20

CATEGORIES_LIGHT: tuple[str, ...] = (
    "#2457d6", "#d7a915", "#009373", "#cb64c4", "#4f067d", "#2bbaff", "#7e2000", "#a70053", "#979200", "#766592",
    "#005985", "#ff849d", "#184d35", "#8f71fa", "#996933", "#131bb8", "#33b577", "#590021", "#9eb0c8", "#161b4b",
)  # fmt: skip
"""Twenty colours for classes or components on a light ground.

Hues were chosen by hand, then each moved a little so that the least difference of any two, as seen with normal vision and with
protanopia, deuteranopia and tritanopia (Machado, Oliveira and Fernandes 2009), is as large as it gets; a test computes it.
"""

CATEGORIES_DARK: tuple[str, ...] = (
    "#2697ff", "#e9960a", "#18d88b", "#cc5ec7", "#8947cc", "#7dffff", "#955b16", "#ff4768", "#c1d60a", "#be99b8",
    "#429b83", "#ffb4bf", "#838a26", "#a9a9ff", "#ffe866", "#4b59ff", "#caffc0", "#c02c66", "#a6d4ff", "#5b6792",
)  # fmt: skip
"""The same twenty, index by index, for a dark ground."""

SYMBOLS: tuple[str, ...] = ("circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "x", "star", "pentagon", "hexagram")
"""Marker symbols that go with the colours, so that no category is told by colour alone."""


@dataclass(frozen=True)
class Theme:
    """Colours of one theme, `#rrggbb`.

    Attributes:
        ground: what figures stand on (they are transparent; hover boxes and gaps between tiles use it). ink, muted: text.
        line: grid and axes. categories: by index. first, second: a pair such as train and validation.
        sequential: from nothing to much, starting close to the ground. low_high: two hues that meet in a grey, low first.
        good, bad: outcomes; never the only sign of them.
    """

    ground: str
    ink: str
    muted: str
    line: str
    categories: tuple[str, ...]
    first: str
    second: str
    sequential: tuple[str, ...]
    low_high: tuple[str, ...]
    good: str
    bad: str


LIGHT = Theme(
    ground="#ffffff", ink="#18211d", muted="#56635c", line="#dce3de", categories=CATEGORIES_LIGHT, first="#6d7f76", second="#17694c",
    sequential=("#f4f7f5", "#cbe4d8", "#8fc8b0", "#459f7f", "#17694c", "#083626"), low_high=("#c2500a", "#c9b7a6", "#2457d6"),
    good="#17694c", bad="#ab2a22",
)  # fmt: skip
DARK = Theme(
    ground="#19201c", ink="#e6ece8", muted="#9dada4", line="#2f3a34", categories=CATEGORIES_DARK, first="#8b9b92", second="#6fcca4",
    sequential=("#1c2420", "#1f4435", "#27694f", "#35966f", "#6fcca4", "#d3f7e6"), low_high=("#ff9a3d", "#8d9590", "#3fa2ff"),
    good="#6fcca4", bad="#ff9389",
)  # fmt: skip


def theme(dark: bool) -> Theme:
    """The colours of the dark or the light theme."""
    return DARK if dark else LIGHT


def category(index: int, *, dark: bool = False) -> str:
    """The colour of the class or component `index`; colours repeat after twenty (symbols then differ)."""
    return theme(dark).categories[index % MAX_CATEGORIES]


def symbol(index: int) -> str:
    """The marker symbol of the class or component `index`; two indices that share a colour differ in it."""
    return SYMBOLS[(index + index // MAX_CATEGORIES) % len(SYMBOLS)]


def scale(colours: Sequence[str]) -> list[list[Any]]:
    """Evenly spaced stops of a Plotly colour scale."""
    return [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]


def faded(colour: str, alpha: float) -> str:
    """`#rrggbb` as an rgba() colour of that opacity."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"
