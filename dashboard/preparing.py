"""What drawing a page for the first time takes is got ready while the browser still loads the scripts of the frame.

Modules are imported and what is kept of records is read at the first use, so that a server answers soon. Whoever asks for the frame at
an address will ask for its page next, half a second later: until then a thread draws that page once and throws it away.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import flask

from dashboard import context
from dashboard.pages.page import Page

PATIENCE_SECONDS = 10.0
"""The longest that a page waits for what gets ready; then it does the same itself."""
LEAVES_SECONDS = 0.02
"""How long the answer with the frame may take to leave before this begins."""
_NOBODY = "0" * 16


class Preparing:
    """Draws every page once ahead of its first drawing."""

    def __init__(self) -> None:
        self._drawn: dict[str, threading.Event] = {}
        self._lock = threading.Lock()

    def begin(self, server: flask.Flask, page: Page, given: Mapping[str, Any]) -> threading.Thread | None:
        """Begin with a page that has not been drawn yet, in a thread; None if that has been done.

        Args:
            server: the app whose context the page sees. given: the keyword arguments of its `render`.
        """
        with self._lock:
            if page.path_template in self._drawn:
                return None
            drawn = self._drawn[page.path_template] = threading.Event()
        thread = threading.Thread(target=self._prepare, args=(server, page, given, drawn), name="preparing", daemon=True)
        thread.start()
        return thread

    def wait(self, page: Page) -> None:
        """Wait until a page that is being prepared has been drawn: two that read the same at once take as long as one after the other."""
        with self._lock:
            drawn = self._drawn.setdefault(page.path_template, _done())
        drawn.wait(PATIENCE_SECONDS)

    def _prepare(self, server: flask.Flask, page: Page, given: Mapping[str, Any], drawn: threading.Event) -> None:
        time.sleep(LEAVES_SECONDS)
        # What is wrong is told by the page itself, when it is drawn.
        with server.app_context(), suppress(Exception):
            flask.g.browser_id = _NOBODY
            try:
                page.render(context.current(), **given)
            finally:
                drawn.set()
            if page.ahead is not None:
                page.ahead(context.current(), **given)


def _done() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
