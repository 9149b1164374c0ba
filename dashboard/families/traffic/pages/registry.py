"""The Forecasting page and the addresses below it."""

from __future__ import annotations

from dash import Dash

from dashboard.families.traffic.pages.addresses import FAMILY, HOME, RESULTS
from dashboard.later import later
from dashboard.layered import callbacks as layered
from dashboard.pages.page import Entry, Page

NAV = "forecasting"
_PAGES = "dashboard.families.traffic.pages"


def _register_setup(app: Dash) -> None:
    layered.register(app, HOME, FAMILY, RESULTS)


SETUP = Page(
    HOME, "Forecasting", later(f"{_PAGES}.setup:render"), _register_setup, nav=NAV, wants_query=True,
    asks=later(f"{_PAGES}.setup:asks"), entry=Entry("Forecasting", "graph-up"), go=("f", "forecasting"),
)  # fmt: skip

PAGES: tuple[Page, ...] = (SETUP,)
"""Every page, in the order in which addresses are tried."""
