"""The Recommenders page and the addresses below it."""

from __future__ import annotations

from dash import Dash

from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.models import callbacks, listing, one, view
from dashboard.pages.page import Page

NAV = "recommenders"


def _register_models(app: Dash) -> None:
    listing.register(app)
    one.register(app)
    callbacks.register(app)


MODELS = Page(addresses.MODELS, "Model Structure", listing.render, _register_models, nav=NAV, wants_query=True)
NEW_MODEL = Page(f"{addresses.MODELS}/new", "New model", view.render_new, nav=NAV, wants_query=True)
COMPARE_MODELS = Page(f"{addresses.MODELS}/compare", "Compare models", one.render_compare, nav=NAV, wants_query=True)
EDIT_MODEL = Page(f"{addresses.MODELS}/<config_id>/edit", "Edit a model", view.render_edit, nav=NAV, wants_query=True)
ONE_MODEL = Page(f"{addresses.MODELS}/<config_id>", "Model", one.render, nav=NAV)
