"""A family's live figures: drawn from the newest diagnostics of a run, once for all pages that follow it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from dashboard import plots
from dashboard.live.feed import Feed
from dashboard.live.panel import LIVE_HEIGHT, live_height
from workbench.families import LiveFigure, family
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

KEPT_FIGURES = 32
SHARED_SECONDS = 0.6
"""How long a drawing serves other pages than the one it was made for, less than a page waits between two looks: a run may end several
epochs meanwhile, and pages look at different moments."""


class Said(BaseModel):
    """A part of what a page says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Drawn(Said):
    """What a figure in sight was drawn from: its key ("" before its first drawing), the last event, and points of its longest trace."""

    key: str = ""
    seq: int = 0
    points: int = 0


def figure_of(workbench: Workbench, run: RunRecord | None, feed: Feed, name: str, shown: Drawn, dark: bool) -> dict[str, Any] | None:
    """A family's live figure from the newest diagnostics; blank where there is nothing yet, None where it is current.

    While the run goes on, a page may be given what another was given a moment ago; never what it shows already.
    """
    figure = next((one for one in family(run.family).live_figures if one.name == name), None) if run else None
    kept = feed.diagnostics.get(figure.diagnostics, ()) if figure else ()
    place = f"{run.id if run else ''}|{feed.generation}|{dark}"
    key = f"{place}|{kept[-1].epoch if kept else ''}"
    if key == shown.key:
        return None
    height = live_height(figure) if figure else LIVE_HEIGHT
    values = feed.latest(figure.diagnostics) if figure else {}
    if run is None or figure is None or not values:
        return {"key": key, "figure": plots.blank(height, figure.waiting if figure else LiveFigure.waiting, dark=dark)}

    def drawn() -> Any:
        return plots.in_theme(partial(plots.safely, partial(_draw_live, figure, values, dark), height=height, dark=dark), dark=dark)

    given = workbench.kept.of(_Drawings).of((name, place), key, drawn, instead_of=shown.key if run.state.active else None)
    return {"key": given.key, "figure": given.figure}


class _Drawing(NamedTuple):
    key: str
    figure: Any
    at: float


class _Drawings:
    """The newest drawing of each figure, as plain JSON."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: OrderedDict[tuple[str, str], _Drawing] = OrderedDict()

    def of(self, place: tuple[str, str], key: str, draw: Callable[[], Any], *, instead_of: str | None) -> _Drawing:
        """The drawing of that key; or another of its place that is but a moment old, for a page that shows `instead_of`, if that is given."""
        with self._lock:
            kept = self._newest.get(place)
            if kept is None or (kept.key != key and not _serves(kept, instead_of)):
                kept = self._newest[place] = _Drawing(key, draw(), monotonic())
            self._newest.move_to_end(place)
            while len(self._newest) > KEPT_FIGURES:
                self._newest.popitem(last=False)
            return kept


def _serves(drawing: _Drawing, instead_of: str | None) -> bool:
    return instead_of not in (None, drawing.key) and monotonic() - drawing.at < SHARED_SECONDS


def _draw_live(figure: LiveFigure, values: Mapping[str, Any], dark: bool) -> Any:
    return figure.draw.load()(values, dark=dark).update_layout(height=live_height(figure), uirevision=figure.name)
