"""The pages' own scripts and style sheets, each kind as one file under an address that names its content.

Seventy files are seventy requests, six at a time, and with every load of a page seventy questions whether one has changed. The
address of what is put together changes with the content, so a browser keeps it and asks no more. Comments and indentation of style
sheets stay behind. Scripts go as they are written: what shortens them by patterns breaks texts within texts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import rcssmin
from dash import Dash
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.below import at
from dashboard.icons import Icons

ADDRESS = "/assets/together."
"""Beside the files themselves, so that a style sheet's addresses of pictures lead where they led."""


class _Kind(NamedTuple):
    media_type: str
    between: str
    shortened: Callable[[str], str]


KINDS = {"css": _Kind("text/css", "\n", rcssmin.cssmin), "js": _Kind("text/javascript", "\n;\n", str)}
"""Kind -> media type, what stands between two files, and what leaves out of one what only people read."""
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Bundle:
    """Files of one kind as one: where it is served, and what it says."""

    address: str
    body: bytes


class Bundles:
    """What lies directly in a folder, put together by kind in the order of the names; again once a file has changed.

    `icons` come before its style sheets; which ones there are is read once, and again with the style sheets.
    """

    def __init__(self, folder: Path, icons: Icons | None = None) -> None:
        self._folder = folder
        self._icons = icons
        self._stamps: dict[str, Any] = {}
        self._made: dict[str, Bundle] = {}

    def of(self, kind: str) -> Bundle:
        """The files whose names end in `kind`, as they are now."""
        files = sorted(self._folder.glob(f"*.{kind}"))
        stamps = [(path.name, path.stat().st_mtime_ns) for path in files]
        if self._stamps.get(kind) != stamps:
            of_kind = KINDS[kind]
            texts = [of_kind.shortened(path.read_text("utf-8")) for path in files]
            if kind == "css" and self._icons is not None:
                texts.insert(0, self._icons.stylesheet())
            body = of_kind.between.join(texts).encode()
            digest = hashlib.sha256(body).hexdigest()[:16]
            self._made[kind] = Bundle(f"{ADDRESS}{digest}.{kind}", body)
            self._stamps[kind] = stamps
        return self._made[kind]

    def serve(self, request: Request) -> Response:
        """The bundle of an address; 404 for one of other content, which no page names any more."""
        name: str = request.path_params["name"]
        kind = name.rpartition(".")[2]
        if kind not in KINDS or (bundle := self.of(kind)).address != f"{ADDRESS}{name}":
            return Response("Nothing is served here.", 404, media_type="text/plain")
        return Response(bundle.body, media_type=KINDS[kind].media_type, headers={"cache-control": _FOR_EVER})

    def route(self) -> Route:
        """Where they are served."""
        return Route(f"{ADDRESS}{{name}}", self.serve)

    def name_in(self, app: Dash) -> None:
        """Have the app's page load them as they are now: scripts after React and before all others, style sheets last."""
        app.config.external_scripts[:] = [at(self.of("js").address)]
        app.config.external_stylesheets[:] = [at(self.of("css").address)]
