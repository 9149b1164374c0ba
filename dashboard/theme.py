"""The colours of Trellis, light and dark: the one list that both the style sheet and the figures read.

`stylesheet()` turns the palettes into CSS variables (`--tr-ink`, ...) and sets Bootstrap's own from them; the style
sheets in `assets/` use these variables only. Figures take `palette(dark)` and `CATEGORIES`.

Text colours reach a contrast of 4.5 to 1 on `paper`, `surface` and `sunken` (WCAG AA); a test computes it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, as #rrggbb.

    Attributes:
        paper: the page. surface: cards and fields. sunken: wells and hovered rows.
        ink: text. muted: secondary text. line, line_strong: borders.
        accent: links, primary actions, progress. on_accent: text on it. accent_soft: selected backgrounds.
        danger, warning, info: outcomes that need a look; each with a soft background.
    """

    paper: str
    surface: str
    sunken: str
    ink: str
    muted: str
    line: str
    line_strong: str
    accent: str
    accent_strong: str
    on_accent: str
    accent_soft: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    info: str
    info_soft: str


LIGHT = Palette(
    paper="#f6f8f6", surface="#ffffff", sunken="#edf1ee", ink="#18211d", muted="#56635c", line="#dce3de", line_strong="#b9c5be",
    accent="#17694c", accent_strong="#0f5039", on_accent="#ffffff", accent_soft="#e0f0e8",
    danger="#ab2a22", danger_soft="#fbe9e7", warning="#835400", warning_soft="#fcf1da", info="#1d5c96", info_soft="#e4eff9",
)  # fmt: skip
DARK = Palette(
    paper="#111613", surface="#19201c", sunken="#212a25", ink="#e6ece8", muted="#9dada4", line="#2a342e", line_strong="#46544c",
    accent="#6fcca4", accent_strong="#8fdcb9", on_accent="#05281a", accent_soft="#1c3529",
    danger="#ff9389", danger_soft="#3a1f1d", warning="#edb85c", warning_soft="#352a15", info="#8cbdf0", info_soft="#1a2b3c",
)  # fmt: skip

CATEGORIES: tuple[str, ...] = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a63c8", "#a6a12b", "#1b9e9e", "#e7298a",
    "#666666", "#7a4e1d", "#4059ad", "#97d8c4", "#f4b942", "#6b9ac4", "#b23a48", "#2e6e3e", "#c9a0dc", "#3d3d5c",
)  # fmt: skip
"""Up to twenty components or classes. The first eight are told apart with any colour vision (after Okabe and Ito, 2008)."""


def palette(dark: bool) -> Palette:
    """The palette of the dark or the light theme."""
    return DARK if dark else LIGHT


def stylesheet() -> str:
    """CSS that defines the variables of both themes, and Bootstrap's own variables from them."""
    return f":root,[data-bs-theme=light]{{color-scheme:light;{_variables(LIGHT)}}}\n[data-bs-theme=dark]{{color-scheme:dark;{_variables(DARK)}}}\n"


def _variables(colours: Palette) -> str:
    own = {f"--tr-{f.name.replace('_', '-')}": getattr(colours, f.name) for f in fields(colours)}
    bootstrap = {
        "--bs-body-bg": colours.paper, "--bs-body-color": colours.ink, "--bs-body-color-rgb": _rgb(colours.ink),
        "--bs-emphasis-color": colours.ink, "--bs-secondary-color": colours.muted, "--bs-tertiary-color": colours.muted,
        "--bs-secondary-bg": colours.sunken, "--bs-tertiary-bg": colours.sunken, "--bs-border-color": colours.line,
        "--bs-primary": colours.accent, "--bs-primary-rgb": _rgb(colours.accent), "--bs-link-color": colours.accent,
        "--bs-link-color-rgb": _rgb(colours.accent), "--bs-link-hover-color": colours.accent_strong,
        "--bs-link-hover-color-rgb": _rgb(colours.accent_strong), "--bs-danger": colours.danger, "--bs-danger-rgb": _rgb(colours.danger),
        "--bs-form-invalid-color": colours.danger, "--bs-form-invalid-border-color": colours.danger, "--bs-heading-color": colours.ink,
        "--Dash-Fill-Interactive-Strong": colours.accent, "--Dash-Fill-Interactive-Weak": colours.accent_soft,
        "--Dash-Fill-Inverse-Strong": colours.surface, "--Dash-Fill-Primary-Hover": colours.sunken, "--Dash-Fill-Primary-Active": colours.line,
        "--Dash-Text-Primary": colours.ink, "--Dash-Text-Strong": colours.ink, "--Dash-Text-Weak": colours.muted,
        "--Dash-Text-Disabled": colours.muted, "--Dash-Stroke-Strong": colours.line_strong, "--Dash-Stroke-Weak": colours.line,
        "--Dash-Fill-Disabled": colours.sunken,
    }  # fmt: skip
    categories = {f"--tr-cat-{i}": colour for i, colour in enumerate(CATEGORIES)}
    return ";".join(f"{name}:{value}" for name, value in (own | categories | bootstrap).items())


def _rgb(colour: str) -> str:
    """ "#0a141e" as "10,20,30", the form in which Bootstrap mixes colours."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
