"""The Recommenders page and the addresses below it."""

from __future__ import annotations

from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.models import callbacks, view
from dashboard.pages.page import Page

NAV = "recommenders"

NEW_MODEL = Page(f"{addresses.MODELS}/new", "New model", view.render_new, callbacks.register, nav=NAV, wants_query=True)
EDIT_MODEL = Page(f"{addresses.MODELS}/<config_id>/edit", "Edit a model", view.render_edit, nav=NAV, wants_query=True)
