"""What Dash would have every page load and no page needs, or few do: left out of the frame, once a process.

The library of the grids is loaded with the first grid (`assets/grids.js`), the polyfills are for browsers that Trellis does
not run in, and Dash's own table is used nowhere.
"""

from __future__ import annotations

import dash_ag_grid
from dash import _dash_renderer, dash_table

GRIDS = "dash_ag_grid.min.js"


def lighten() -> None:
    """Have Dash name fewer scripts in its frame; a second call changes nothing."""
    for resource in dash_ag_grid._js_dist:
        if resource["relative_package_path"] == GRIDS:
            resource["async"] = "lazy"
    for paths in (resource["relative_package_path"]["prod"] for resource in _dash_renderer._js_dist_dependencies):
        paths[:] = [path for path in paths if "polyfill" not in path]
    dash_table._js_dist[:] = []
