"""The Dash app: its frame, its pages, and nothing from outside."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import flask
from dash import Dash

from dashboard import context, identity, rights, shell, shell_callbacks, statuses, warming
from dashboard.acting import person
from dashboard.below import at, base
from dashboard.bundles import Bundles
from dashboard.context import AppContext
from dashboard.failures import on_callback_error
from dashboard.lighter import lighten
from dashboard.live import launch
from dashboard.markup import FoldingDash, folded
from dashboard.pages.page import Page, find
from dashboard.pages.registry import all_pages
from dashboard.preparing import Preparing
from dashboard.static import STYLESHEET

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def index() -> str:
    """The frame's document, which says where its scripts find this server."""
    sheets = "\n".join(f'<link rel="stylesheet" href="{at(url)}">' for url in (STYLESHEET, "/theme.css"))
    return f"""<!DOCTYPE html>
<html lang="en" data-base="{base()}">
<head>
{{%metas%}}
<title>{{%title%}}</title>
<link rel="icon" href="{at("/assets/favicon.svg")}" type="image/svg+xml">
<script src="{at("/assets/boot/theme.js")}"></script>
{sheets}
{{%css%}}
</head>
<body>
<noscript><p>Trellis needs JavaScript. Everything it loads comes from this machine.</p></noscript>
{{%app_entry%}}
<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>"""


PLOTLY = "/_dash-component-suites/plotly/package_data/plotly.min.js"
"""Where Dash serves it and its graphs look for it."""


class PagesApp(FoldingDash):
    """The Dash app, whose frame names the pages' own files as they are when it is asked for, and Plotly on pages with figures."""

    def __init__(self, bundles: Bundles, pages: Sequence[Page], **given: Any) -> None:
        super().__init__("dashboard", external_scripts=[], external_stylesheets=[], include_assets_files=False, **given)
        self._bundles, self._pages = bundles, pages

    def index(self, *args: Any, **given: Any) -> Any:
        """As Dash's own."""
        self._bundles.name_in(self)
        return super().index(*args, **given)

    def interpolate_index(self, **given: Any) -> str:
        """As Dash's own; it says who is logged in."""
        found = find(self._pages, flask.request.path)
        who = person()
        if who is not None:
            given["metas"] += "\n" + rights.meta(who, self.asked_by)
        if found is not None and found[0].plots:
            given["css"] += f'\n<link rel="preload" as="script" href="{at(PLOTLY)}" data-plotly>'
        return super().interpolate_index(**given)


def create_pages(app_context: AppContext, manager: Any, secret: str, bundles: Bundles) -> Dash:
    """The Dash app over `app_context`, which browsers find below `dashboard.below.base()` of now.

    Args:
        manager: where background callbacks keep their results. secret: signs the cookie that tells browsers apart.
        bundles: of `ASSETS`; whoever serves the app serves them.
    """
    lighten()
    server = flask.Flask("dashboard", static_folder=None)
    # Dash signs with it what a browser asks about a job: the same in every process that serves these pages.
    server.secret_key = hashlib.sha256(f"jobs {secret}".encode()).hexdigest()
    context.install(server, app_context)
    identity.install(server, secret)
    pages = all_pages()
    app = PagesApp(
        bundles,
        pages,
        server=cast(Any, server),
        title="Trellis",
        update_title="",
        index_string=index(),
        routes_pathname_prefix="/",
        requests_pathname_prefix=at("/"),
        assets_folder=str(ASSETS),
        serve_locally=True,
        suppress_callback_exceptions=True,
        background_callback_manager=manager,
        on_error=on_callback_error,
        enable_mcp=False,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "light dark"},
        ],
    )
    app.layout = folded(shell.frame(pages))
    preparing = Preparing()
    shell_callbacks.register(app, pages, preparing)
    warming.register(app)
    launch.register(app, manager)
    for page in pages:
        if page.register is not None:
            page.register(app)
    statuses.install(app, pages, preparing)
    return app
