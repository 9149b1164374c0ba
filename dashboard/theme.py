"""The colours of Trellis, light and dark: the one list that both the style sheet and the figures read.

`stylesheet()` turns the palettes into CSS variables (`--tr-ink`, ...) and sets Bootstrap's own from them; the style
sheets in `assets/` use these variables only. Figures take `palette(dark)` and `CATEGORIES`.

Text colours reach a contrast of 4.5 to 1 on `paper`, `surface` and `sunken` (WCAG AA); a test computes it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from workbench import colours


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
    return f":root,[data-bs-theme=light]{{color-scheme:light;{_variables(LIGHT, colours.LIGHT)}}}\n[data-bs-theme=dark]{{color-scheme:dark;{_variables(DARK, colours.DARK)}}}\n"


def _variables(shown: Palette, graded: colours.Theme) -> str:
    own = {f"--tr-{f.name.replace('_', '-')}": getattr(shown, f.name) for f in fields(shown)}
    bootstrap = {
        "--bs-body-bg": shown.paper, "--bs-body-color": shown.ink, "--bs-body-color-rgb": _rgb(shown.ink),
        "--bs-emphasis-color": shown.ink, "--bs-secondary-color": shown.muted, "--bs-tertiary-color": shown.muted,
        "--bs-secondary-bg": shown.sunken, "--bs-tertiary-bg": shown.sunken, "--bs-border-color": shown.line,
        "--bs-primary": shown.accent, "--bs-primary-rgb": _rgb(shown.accent), "--bs-link-color": shown.accent,
        "--bs-link-color-rgb": _rgb(shown.accent), "--bs-link-hover-color": shown.accent_strong,
        "--bs-link-hover-color-rgb": _rgb(shown.accent_strong), "--bs-danger": shown.danger, "--bs-danger-rgb": _rgb(shown.danger),
        "--bs-form-invalid-color": shown.danger, "--bs-form-invalid-border-color": shown.danger, "--bs-heading-color": shown.ink,
        "--Dash-Fill-Interactive-Strong": shown.accent, "--Dash-Fill-Interactive-Weak": shown.accent_soft,
        "--Dash-Fill-Inverse-Strong": shown.surface, "--Dash-Fill-Primary-Hover": shown.sunken, "--Dash-Fill-Primary-Active": shown.line,
        "--Dash-Text-Primary": shown.ink, "--Dash-Text-Strong": shown.ink, "--Dash-Text-Weak": shown.muted,
        "--Dash-Text-Disabled": shown.muted, "--Dash-Stroke-Strong": shown.line_strong, "--Dash-Stroke-Weak": shown.line,
        "--Dash-Fill-Disabled": shown.sunken,
    }  # fmt: skip
    categories = {f"--tr-cat-{i}": colour for i, colour in enumerate(graded.categories)}
    grades = dict(zip(("--tr-low", "--tr-middle", "--tr-high"), graded.low_high, strict=True))
    return ";".join(f"{name}:{value}" for name, value in (own | categories | grades | bootstrap).items())


def _rgb(colour: str) -> str:
    """ "#0a141e" as "10,20,30", the form in which Bootstrap mixes colours."""
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
