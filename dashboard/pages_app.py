"""The Dash app: its frame, its pages, and nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import flask
from dash import Dash

from dashboard import context, identity, shell, shell_callbacks, statuses, warming
from dashboard.context import AppContext
from dashboard.failures import on_callback_error
from dashboard.lighter import lighten
from dashboard.live import launch
from dashboard.markup import FoldingDash, folded
from dashboard.pages.registry import all_pages
from dashboard.static import STYLESHEETS

ASSETS = Path(__file__).resolve().parent.parent / "assets"

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<script src="/assets/boot/theme.js"></script>
STYLESHEETS
{%css%}
</head>
<body>
<noscript><p>Trellis needs JavaScript. Everything it loads comes from this machine.</p></noscript>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>""".replace("STYLESHEETS", "\n".join(f'<link rel="stylesheet" href="{url}">' for url in (*STYLESHEETS, "/theme.css")))


def create_pages(app_context: AppContext, manager: Any, secret: str) -> Dash:
    """The Dash app over `app_context`.

    Args:
        manager: where background callbacks keep their results. secret: signs the cookie that tells browsers apart.
    """
    lighten()
    server = flask.Flask("dashboard", static_folder=None)
    context.install(server, app_context)
    identity.install(server, secret)
    app = FoldingDash(
        "dashboard",
        server=cast(Any, server),
        title="Trellis",
        update_title="",
        index_string=INDEX,
        assets_folder=str(ASSETS),
        # The theme is set before anything is drawn, so its script stands in the head and not among the others.
        assets_path_ignore=["boot"],
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
    pages = all_pages()
    app.layout = folded(shell.frame(pages))
    shell_callbacks.register(app, pages)
    warming.register(app)
    launch.register(app, manager)
    for page in pages:
        if page.register is not None:
            page.register(app)
    statuses.install(app, pages)
    return app
