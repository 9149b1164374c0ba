"""What a family says about its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.families.loading import ImportString

Applies = Callable[[Mapping[str, Any], Any], str | None]
"""(resolved values, what the model keeps now, typed by `Holding.payload`) -> None, or why a figure does not apply."""


@dataclass(frozen=True)
class Figure:
    """One figure of a family: a pure function from the diagnostics bundle to a Plotly figure.

    Attributes:
        draw: import string to `draw(bundle, *, dark=False) -> plotly Figure`.
        look_for: one sentence. applies: see `Applies`; what the model keeps may have changed since the values
            were fixed.
        blended: whether it shows OOD scores, which change with the share of the reconstruction that a page offers to choose.
    """

    name: str
    title: str
    look_for: str
    draw: ImportString
    applies: Applies
    blended: bool = False


@dataclass(frozen=True)
class LiveFigure:
    """One figure of the small diagnostics that a trainer reports while it trains (`Reporter.diagnostics`).

    Attributes:
        diagnostics: the name they are reported under. draw: import string to `draw(values, *, dark=False) -> plotly Figure`,
            `values` being the newest ones reported. look_for: one sentence.
        applies: as of a `Figure`. wide: whether it needs the whole width.
    """

    name: str
    title: str
    look_for: str
    diagnostics: str
    draw: ImportString
    applies: Applies
    wide: bool = False
