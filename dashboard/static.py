"""Where Bootstrap comes from: an installed package, served as it lies, no outside address."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BOOTSTRAP_URL = "/vendor/bootstrap"
STYLESHEET = f"{BOOTSTRAP_URL}/bootstrap.min.css"


def bootstrap_folder() -> Path:
    """The folder with `bootstrap.min.css` and `font/`. Raises FileNotFoundError, saying what to install."""
    spec = importlib.util.find_spec("flask_bootstrap")
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / "static" / "bootstrap5" / "css"
        if (folder / "bootstrap.min.css").is_file():
            return folder
    raise FileNotFoundError("Bootstrap 5 was not found: install the package bootstrap-flask (make install does)")


class LongLivedFiles(StaticFiles):
    """Files that only change with the installed package: browsers may keep them for a day."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=86400"
        return response


def bootstrap_files() -> LongLivedFiles:
    """The application to mount at `BOOTSTRAP_URL`."""
    return LongLivedFiles(directory=bootstrap_folder())
