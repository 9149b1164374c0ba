"""The Forecasting page and the addresses below it."""

from __future__ import annotations

from dash import Dash

from dashboard.families.traffic.pages.addresses import COMPARE, FAMILY, HOME, RESULTS
from dashboard.families.traffic.pages.results import callbacks as results
from dashboard.later import later
from dashboard.layered import callbacks as layered
from dashboard.pages.page import Entry, Page

NAV = "forecasting"
_PAGES = "dashboard.families.traffic.pages"

SHORTCUTS = (("← →", "move through the day, with the slider chosen"),)


def _register_setup(app: Dash) -> None:
    layered.register(app, HOME, FAMILY, RESULTS)


SETUP = Page(
    HOME, "Forecasting", later(f"{_PAGES}.setup:render"), _register_setup, nav=NAV, wants_query=True,
    asks=later(f"{_PAGES}.setup:asks"), entry=Entry("Forecasting", "graph-up"), go=("f", "forecasting"),
)  # fmt: skip

RESULT_PAGES = (
    Page(
        RESULTS, "Forecasting results", later(f"{_PAGES}.results.view:render"), results.register, nav=NAV, wants_query=True,
        asks=later(f"{_PAGES}.results.view:asks"),
    ),
    Page(
        f"{RESULTS}/<run_id>", "Forecasts of a run", later(f"{_PAGES}.results.view:render_one"), nav=NAV, wants_query=True,
        asks=later(f"{_PAGES}.results.view:asks_one"), find=later(f"{_PAGES}.results.view:find_one"), shortcuts=SHORTCUTS,
        shows_results_of=(FAMILY, "Forecasts"),
    ),
    Page(
        COMPARE, "Compare forecasts", later(f"{_PAGES}.results.view:render_compare"), nav=NAV, wants_query=True,
        find=later(f"{_PAGES}.results.view:find_compare"),
    ),
)  # fmt: skip

PAGES: tuple[Page, ...] = (SETUP, *RESULT_PAGES)
"""Every page, in the order in which addresses are tried."""
