"""What a family says about its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

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
        dials: names of the family's dials that it changes with; a page offers them beside it.
    """

    name: str
    title: str
    look_for: str
    draw: ImportString
    applies: Applies
    dials: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dial:
    """A number that whoever looks at figures may turn; it changes what is shown and nothing that is kept.

    Attributes:
        label: beside its slider. form: `share` is said in percent, `number` as it is.
    """

    name: str
    label: str
    minimum: float
    maximum: float
    step: float
    default: float
    form: Literal["share", "number"] = "number"

    def words(self, value: float) -> str:
        """Where it stands, as its slider says it."""
        return f"{value:.0%}" if self.form == "share" else f"{value:g}"


@dataclass(frozen=True)
class Looking:
    """How kept diagnostics are looked at later. No framework is needed for it.

    Attributes:
        since: import string to `since(state, run, resolved) -> Since` (see workbench.diagnosis): what may have changed.
        present: import string to `present(bundle, facts, dials) -> Presented`, with the facts of `since` and the value of every dial.
    """

    since: ImportString
    present: ImportString
    dials: tuple[Dial, ...] = ()

    def dial(self, name: str) -> Dial:
        """The dial of that name. Raises KeyError."""
        return {dial.name: dial for dial in self.dials}[name]

    def stand(self, turned: Mapping[str, float]) -> dict[str, float]:
        """The value of every dial, those not `turned` at their defaults. Raises ValueError naming one that cannot stand there."""
        found = {dial.name: turned.get(dial.name, dial.default) for dial in self.dials}
        for dial in self.dials:
            if not dial.minimum <= found[dial.name] <= dial.maximum:
                raise ValueError(f"{dial.name} must be within {dial.minimum:g} and {dial.maximum:g} (got {found[dial.name]:g})")
        return found


@dataclass(frozen=True)
class LiveFigure:
    """One figure of the small diagnostics that a trainer reports while it trains (`Reporter.diagnostics`).

    Attributes:
        diagnostics: the name they are reported under. draw: import string to `draw(values, *, dark=False)`, `values` being the newest ones
            reported, which returns a Plotly figure or, drawn with every epoch, a sketch of one (`workbench.plotting`). look_for: one sentence.
        applies: as of a `Figure`. wide: whether it needs the whole width. waiting: what its place says before they are reported.
    """

    name: str
    title: str
    look_for: str
    diagnostics: str
    draw: ImportString
    applies: Applies
    wide: bool = False
    waiting: str = "Appears with the first epoch"
