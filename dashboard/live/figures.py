"""A family's live figures: drawn from the newest diagnostics of a run, once for all pages that follow it."""

from __future__ import annotations

import json
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
SHARED_SECONDS = 0.9
"""How long a drawing of a run that goes on serves all its pages: it may end several epochs meanwhile, of which nobody could follow each,
and drawing takes the processor from training."""


class Said(BaseModel):
    """A part of what a page says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Drawn(Said):
    """What a figure in sight was drawn from: its key ("" before its first drawing), the last event, and points of its longest trace."""

    key: str = ""
    seq: int = 0
    points: int = 0


def figure_of(workbench: Workbench, run: RunRecord | None, feed: Feed, name: str, shown: Drawn, dark: bool) -> str | None:
    """A family's live figure from the newest diagnostics, with its key, as JSON; blank where there is nothing yet, None where it is current.

    While the run goes on, a page may be given what was drawn a moment ago, or be left with it if it shows that already.
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
        blank = partial(plots.blank, height, figure.waiting if figure else LiveFigure.waiting, dark=dark)
        return _written(key, plots.in_theme(blank, dark=dark))

    def drawn() -> str:
        plain = plots.in_theme(partial(plots.safely, partial(_draw_live, figure, values, dark), height=height, dark=dark), dark=dark)
        plain["layout"] |= {"height": height, "uirevision": name}
        return _written(key, plain)

    given = workbench.kept.of(_Drawings).of((name, place), key, drawn, shared=run.state.active)
    return None if given.key == shown.key else given.written


def _written(key: str, figure: dict[str, Any]) -> str:
    return json.dumps({"key": key, "figure": figure}, allow_nan=False)


class _Drawing(NamedTuple):
    key: str
    written: str
    at: float


class _Drawings:
    """The newest drawing of each figure, as JSON."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: OrderedDict[tuple[str, str], _Drawing] = OrderedDict()

    def of(self, place: tuple[str, str], key: str, draw: Callable[[], str], *, shared: bool) -> _Drawing:
        """The drawing of that key; if it is `shared`, maybe another of its place that is but a moment old."""
        with self._lock:
            kept = self._newest.get(place)
            if kept is None or (kept.key != key and not (shared and monotonic() - kept.at < SHARED_SECONDS)):
                kept = self._newest[place] = _Drawing(key, draw(), monotonic())
            self._newest.move_to_end(place)
            while len(self._newest) > KEPT_FIGURES:
                self._newest.popitem(last=False)
            return kept


def _draw_live(figure: LiveFigure, values: Mapping[str, Any], dark: bool) -> Any:
    return figure.draw.load()(values, dark=dark)
