"""What a tab of a model's page is: the core's own, and those that a family brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dash import Dash
from dash.development.base_component import Component

from dashboard.components.tour import Step
from dashboard.context import AppContext
from dashboard.live.feed import Feed
from dashboard.pages.model.view import ModelView


@dataclass(frozen=True)
class Tab:
    """One tab of `/model/<id>/<key>`.

    Attributes:
        key: the last part of its address. title: its name. place: tabs stand in this order.
        body: `body(context, view, feed, query) -> component`, what stands below the header that all tabs share; it may raise CommandError.
        register: `register(app)` adds its callbacks and the addresses that its scripts ask. Called once.
        shortcuts: (keys, what they do) that `?` lists.
        find: `find(context, model_id, query)` raises CommandError not_found where the address names something that is not there.
        tour: what a first visit is offered to be led through.
        wide: whether it takes the width of the window, as a picture wants it, and what has no place in it stands in a line.
    """

    key: str
    title: str
    place: int
    body: Callable[[AppContext, ModelView, Feed, Mapping[str, str]], Component]
    register: Callable[[Dash], None] | None = None
    shortcuts: tuple[tuple[str, str], ...] = ()
    find: Callable[[AppContext, str, Mapping[str, str]], None] | None = None
    wide: bool = False
    tour: tuple[Step, ...] = ()
