"""The Export tab: what can be taken out of a model as a file, with sizes; made by a job, then fetched."""

from __future__ import annotations

from collections.abc import Mapping

from dash import Dash
from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.later import later
from dashboard.live.feed import Feed
from dashboard.pages.model.view import ModelView

_layout = later("dashboard.pages.model.export.layout:page")


def body(context: AppContext, view: ModelView, feed: Feed, query: Mapping[str, str]) -> Component:
    """The tab."""
    del feed, query
    return _layout(context.workbench, view.record)


def register(app: Dash) -> None:
    """Add its callbacks and the address of files."""
    from dashboard.pages.model.export import callbacks

    callbacks.register(app)
