from __future__ import annotations

import re

import pytest

from dashboard.theme import CATEGORIES, DARK, LIGHT, Palette, palette, stylesheet


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface", "sunken"])
@pytest.mark.parametrize("text", ["ink", "muted", "accent", "danger", "warning", "info"])
def test_text_can_be_read_on_every_ground(colours: Palette, ground: str, text: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["accent", "danger", "warning", "info"])
def test_badges_can_be_read_on_their_own_tint(colours: Palette, name: str) -> None:
    assert contrast(getattr(colours, name), getattr(colours, f"{name}_soft")) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_buttons_can_be_read(colours: Palette) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.on_accent, colours.accent_strong) >= 4.5


def test_the_style_sheet_defines_every_colour_for_both_themes() -> None:
    light, dark = stylesheet().split("[data-bs-theme=dark]")
    for name in ("paper", "on-accent", "warning-soft"):
        assert f"--tr-{name}:" in light
        assert f"--tr-{name}:" in dark
    assert f"--tr-paper:{LIGHT.paper}" in light
    assert f"--tr-paper:{DARK.paper}" in dark
    assert "--bs-primary-rgb:23,105,76" in light


def test_twenty_different_colours_tell_components_apart() -> None:
    assert len(set(CATEGORIES)) == 20
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in CATEGORIES)


def test_the_palette_follows_the_theme() -> None:
    assert palette(True) is DARK
    assert palette(False) is LIGHT
