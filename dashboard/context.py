"""What a page or a callback may ask of the process it runs in.

Inside a Flask request (every page and plain callback)::

    from dashboard.context import actor, current

    workbench = current().workbench
    workbench.models.rename(actor=actor(), model_id=model_id, name=name)

There is no module-level state: the context hangs on the Flask app that serves the request, so two servers in
one process (as in tests) never see each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import flask

from dashboard.acting import person

if TYPE_CHECKING:
    from workbench.settings import Settings
    from workbench.workbench import Workbench

_EXTENSION = "trellis"


@dataclass(frozen=True)
class AppContext:
    """What a server's pages share.

    Attributes:
        opened: gives the workbench behind the pages, opening it if nobody has. settings: what the server was started with.
        memo: what was derived from records that never change, by name of what it is; may be emptied at any time.
    """

    opened: Callable[[], Workbench]
    settings: Settings
    memo: dict[str, Any] = field(default_factory=dict)

    @property
    def workbench(self) -> Workbench:
        """The workbench behind the pages. Raises StoreError if it cannot be opened."""
        return self.opened()


def install(server: flask.Flask, context: AppContext) -> None:
    """Make `context` the one that requests to `server` see."""
    server.extensions[_EXTENSION] = context


def of(server: flask.Flask) -> AppContext:
    """The context of a Flask app, for code outside a request."""
    return server.extensions[_EXTENSION]


def current() -> AppContext:
    """The context of the request being served. Raises RuntimeError outside one."""
    return of(flask.current_app)


def actor() -> str:
    """Who acts in this request: the user; without users `browser:<id>`, the id being the random one in this browser's signed cookie."""
    found = person()
    if found is not None:
        return found.actor
    return f"browser:{flask.g.browser_id}"
