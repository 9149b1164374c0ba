"""A question whose yes has something done that was refused without one: the same request, sent again and confirmed.

Call `ask_again` inside a callback; no output needs to be declared. A delegated action that is refused with
`NeedsConfirmation` asks by itself (see `dashboard.failures`), and comes again as an `Action` that is `confirmed`.
The browser's part is `assets/actions.js`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import set_props

QUESTION = "question"
"""The store of the frame that the browser's part reads."""


def ask_again(question: str, store: str, request: Mapping[str, Any], *, label: str = "Start") -> None:
    """Ask, and on a yes write the request into a store of the page once more, with `confirmed` in it.

    Args:
        question: one that a yes answers. store: id of the `dcc.Store` that takes the request. label: what the button that goes ahead says.
    """
    set_props(QUESTION, {"data": {"question": question, "label": label, "to": store, "request": {**request, "confirmed": True}}})
