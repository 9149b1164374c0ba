"""The Recommenders page and the addresses below it."""

from __future__ import annotations

from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.models import callbacks, view
from dashboard.families.recsys.pages.tests import callbacks as test_callbacks
from dashboard.families.recsys.pages.tests import compare_view, recent_callbacks, recent_view, start_callbacks, start_view
from dashboard.families.recsys.pages.tests import view as view_test
from dashboard.pages.page import Page

NAV = "recommenders"

NEW_MODEL = Page(f"{addresses.MODELS}/new", "New model", view.render_new, callbacks.register, nav=NAV, wants_query=True)
EDIT_MODEL = Page(f"{addresses.MODELS}/<config_id>/edit", "Edit a model", view.render_edit, nav=NAV, wants_query=True)

NEW_TEST = Page(f"{addresses.TESTS}/new", "New quick test", start_view.render, start_callbacks.register, nav=NAV, wants_query=True)
ONE_TEST = Page(f"{addresses.TESTS}/<test_id>", "Quick test", view_test.render, test_callbacks.register, nav=NAV)
TESTS = Page(addresses.TESTS, "Quick tests", recent_view.render, recent_callbacks.register, nav=NAV, wants_query=True)
COMPARE_TESTS = Page(f"{addresses.TESTS}/compare", "Compare tests", compare_view.render, compare_view.register, nav=NAV, wants_query=True)
