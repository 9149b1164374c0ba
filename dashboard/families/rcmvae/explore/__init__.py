"""The tab where people look at a model's latent space, label its images, and look again."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from dashboard import asking
from dashboard.families.rcmvae.explore import layout
from dashboard.families.rcmvae.explore.touring import TOUR
from dashboard.later import later
from dashboard.pages.model.tab import Tab
from workbench.roles import Role

_HERE = "dashboard.families.rcmvae.explore"

ADDRESSES: tuple[tuple[str, Role, str, str], ...] = (
    ("GET", "read", "points", f"{_HERE}.routes:points"),
    ("GET", "read", "answers", f"{_HERE}.routes:answers"),
    ("GET", "read", "places", f"{_HERE}.routes:places"),
    ("GET", "read", "pixels", f"{_HERE}.routes:pixels"),
    ("GET", "read", "projection", f"{_HERE}.routes:projection"),
    ("POST", "read", "projection", f"{_HERE}.routes:project"),
    ("GET", "read", "components", f"{_HERE}.routes:components"),
    ("GET", "read", "labels", f"{_HERE}.routes:labels"),
    ("POST", "label", "labels", f"{_HERE}.label_routes:label"),
    ("GET", "read", "changes", f"{_HERE}.label_routes:changes"),
    ("POST", "label", "classes", f"{_HERE}.label_routes:classes"),
    ("POST", "label", "import", f"{_HERE}.label_routes:import_labels"),
    ("GET", "read", "suggestions", f"{_HERE}.label_routes:suggestions"),
    ("GET", "read", "rows", f"{_HERE}.label_routes:rows"),
    ("GET", "read", "doubted", f"{_HERE}.label_routes:doubted"),
    ("GET", "read", "pictures", f"{_HERE}.routes:pictures"),
    ("GET", "read", "sample", f"{_HERE}.sample_routes:sample"),
    ("GET", "read", "neighbours", f"{_HERE}.sample_routes:neighbours"),
    ("GET", "read", "effort", f"{_HERE}.effort_routes:effort"),
    ("GET", "read", "curve", f"{_HERE}.curve_routes:curve"),
    ("POST", "train", "curve", f"{_HERE}.curve_routes:compute"),
    ("GET", "read", "reconstructions", f"{_HERE}.sample_routes:reconstructions"),
    ("GET", "read", "epochs", f"{_HERE}.epoch_routes:epochs"),
    ("GET", "read", "epoch", f"{_HERE}.epoch_routes:epoch"),
    ("POST", "read", "ready", f"{_HERE}.sample_routes:ready"),
)
"""What its scripts ask below `/explore/<model_id>/`: method, role that it needs, last part of the address, what answers (imported at the first question)."""


def _register(app: Dash) -> None:
    for method, role, name, target in ADDRESSES:
        asking.address(app, f"/explore/<model_id>/{name}", later(target), method=method, role=role)
    shown = ClientsideFunction("trellis", "explore_shown")
    app.clientside_callback(shown, Output("explore-target", "clear_data"), Input("explore-target", "data"))


TAB = Tab(
    "explore", "Explore and label", 10, layout.explore, _register, shortcuts=layout.SHORTCUTS + layout.CLOUD_SHORTCUTS, wide=True, tour=TOUR
)
