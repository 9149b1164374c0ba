"""The tab where people look at a model's latent space, label its images, and look again."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from dashboard import asking
from dashboard.families.rcmvae.explore import layout
from dashboard.families.rcmvae.explore.touring import TOUR
from dashboard.later import later
from dashboard.pages.model.tab import Tab

_HERE = "dashboard.families.rcmvae.explore"

ADDRESSES: tuple[tuple[str, str, str], ...] = (
    ("GET", "points", f"{_HERE}.routes:points"),
    ("GET", "answers", f"{_HERE}.routes:answers"),
    ("GET", "places", f"{_HERE}.routes:places"),
    ("GET", "pixels", f"{_HERE}.routes:pixels"),
    ("GET", "projection", f"{_HERE}.routes:projection"),
    ("POST", "projection", f"{_HERE}.routes:project"),
    ("GET", "components", f"{_HERE}.routes:components"),
    ("GET", "labels", f"{_HERE}.routes:labels"),
    ("POST", "labels", f"{_HERE}.label_routes:label"),
    ("GET", "changes", f"{_HERE}.label_routes:changes"),
    ("POST", "classes", f"{_HERE}.label_routes:classes"),
    ("POST", "import", f"{_HERE}.label_routes:import_labels"),
    ("GET", "suggestions", f"{_HERE}.label_routes:suggestions"),
    ("GET", "rows", f"{_HERE}.label_routes:rows"),
    ("GET", "doubted", f"{_HERE}.label_routes:doubted"),
    ("GET", "pictures", f"{_HERE}.routes:pictures"),
    ("GET", "sample", f"{_HERE}.sample_routes:sample"),
    ("GET", "neighbours", f"{_HERE}.sample_routes:neighbours"),
    ("GET", "effort", f"{_HERE}.effort_routes:effort"),
    ("GET", "curve", f"{_HERE}.curve_routes:curve"),
    ("POST", "curve", f"{_HERE}.curve_routes:compute"),
    ("GET", "reconstructions", f"{_HERE}.sample_routes:reconstructions"),
    ("GET", "epochs", f"{_HERE}.epoch_routes:epochs"),
    ("GET", "epoch", f"{_HERE}.epoch_routes:epoch"),
    ("POST", "ready", f"{_HERE}.sample_routes:ready"),
)
"""What its scripts ask below `/explore/<model_id>/`: method, last part of the address, what answers (imported at the first question)."""


def _register(app: Dash) -> None:
    for method, name, target in ADDRESSES:
        asking.address(app, f"/explore/<model_id>/{name}", later(target), method=method)
    shown = ClientsideFunction("trellis", "explore_shown")
    app.clientside_callback(shown, Output("explore-target", "clear_data"), Input("explore-target", "data"))


TAB = Tab(
    "explore", "Explore and label", 10, layout.explore, _register, shortcuts=layout.SHORTCUTS + layout.CLOUD_SHORTCUTS, wide=True, tour=TOUR
)
