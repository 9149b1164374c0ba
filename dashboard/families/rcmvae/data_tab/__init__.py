"""The tab that says what a model's data is, class by class, and what is wrong with it."""

from __future__ import annotations

from dash import Dash

from dashboard import asking
from dashboard.families.rcmvae.data_tab import callbacks, layout
from dashboard.later import later
from dashboard.pages.model.tab import Tab


def _register(app: Dash) -> None:
    asking.address(app, "/model-data/<model_id>/<int:row>.png", later("dashboard.families.rcmvae.data_tab.pictures:picture"))
    callbacks.register(app)


TAB = Tab("data", "Data", 40, layout.body, _register, shortcuts=(("Tab", "next control"), ("Space", "open or close a fold")))
