"""The Recommenders page and the addresses below it."""

from __future__ import annotations

from dash import Dash

from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.datasets import callbacks as dataset_callbacks
from dashboard.families.recsys.pages.datasets import view as datasets
from dashboard.families.recsys.pages.models import callbacks, listing, one, view
from dashboard.pages.page import Page

NAV = "recommenders"


def _register_models(app: Dash) -> None:
    listing.register(app)
    one.register(app)
    callbacks.register(app)


DATASET_PAGES = (
    Page(addresses.DATASETS, "Datasets of interactions", datasets.render, dataset_callbacks.register, nav=NAV),
    Page(f"{addresses.DATASETS}/new", "New dataset", datasets.render_new, nav=NAV, wants_query=True),
    Page(f"{addresses.DATASETS}/<dataset_id>", "Dataset", datasets.render_one, nav=NAV),
)

MODEL_PAGES = (
    Page(addresses.MODELS, "Model Structure", listing.render, _register_models, nav=NAV, wants_query=True),
    Page(f"{addresses.MODELS}/new", "New model", view.render_new, nav=NAV, wants_query=True),
    Page(f"{addresses.MODELS}/compare", "Compare models", one.render_compare, nav=NAV, wants_query=True),
    Page(f"{addresses.MODELS}/<config_id>/edit", "Edit a model", view.render_edit, nav=NAV, wants_query=True),
    Page(f"{addresses.MODELS}/<config_id>", "Model", one.render, nav=NAV),
)

PAGES: tuple[Page, ...] = (*DATASET_PAGES, *MODEL_PAGES)
"""Every page, in the order in which addresses are tried."""
