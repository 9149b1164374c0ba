"""Every page of the dashboard, in the order in which addresses are tried."""

from __future__ import annotations

from dashboard.pages import create, help, model, models, run, runs, settings
from dashboard.pages.page import Page

PAGES: tuple[Page, ...] = (models.PAGE, create.PAGE, model.PAGE, model.TAB_PAGE, runs.PAGE, run.PAGE, settings.PAGE, help.PAGE)
