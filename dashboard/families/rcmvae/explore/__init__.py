"""The tab where people look at a model's latent space, label its images, and look again."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from dashboard import asking
from dashboard.families.rcmvae.explore import layout
from dashboard.later import later
from dashboard.pages.model.tab import Tab

_HERE = "dashboard.families.rcmvae.explore"

ADDRESSES: tuple[tuple[str, str, str], ...] = (
    ("GET", "points", f"{_HERE}.routes:points"),
    ("GET", "places", f"{_HERE}.routes:places"),
    ("GET", "pixels", f"{_HERE}.routes:pixels"),
    ("GET", "projection", f"{_HERE}.routes:projection"),
    ("POST", "projection", f"{_HERE}.routes:project"),
    ("GET", "components", f"{_HERE}.routes:components"),
    ("GET", "labels", f"{_HERE}.routes:labels"),
    ("GET", "pictures", f"{_HERE}.routes:pictures"),
)
"""What its scripts ask below `/explore/<model_id>/`: method, last part of the address, what answers (imported at the first question)."""


def _register(app: Dash) -> None:
    for method, name, target in ADDRESSES:
        asking.address(app, f"/explore/<model_id>/{name}", later(target), method=method)
    shown = ClientsideFunction("trellis", "explore_shown")
    app.clientside_callback(shown, Output("explore-target", "clear_data"), Input("explore-target", "data"))


TAB = Tab("explore", "Explore and label", 10, layout.explore, _register, shortcuts=layout.SHORTCUTS + layout.CLOUD_SHORTCUTS, wide=True)
