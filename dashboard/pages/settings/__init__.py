"""Settings: what this browser is called, how Trellis looks, and the settings the server runs with."""

from __future__ import annotations

from dash.development.base_component import Component

from dashboard.context import AppContext, actor
from dashboard.names import read_names
from dashboard.pages.page import Entry, Page
from dashboard.pages.settings import callbacks
from dashboard.pages.settings.layout import layout
from dashboard.pages.settings.ways import told_by


def render(context: AppContext) -> Component:
    """The page."""
    me = actor()
    return layout(me, read_names(context.settings.home).get(me, ""), context.settings.describe(), told_by(context.settings))


PAGE = Page("/settings", "Settings", render, callbacks.register, nav="settings", entry=Entry("Settings", "gear", aside=True))
