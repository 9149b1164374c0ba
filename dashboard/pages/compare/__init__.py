"""Two to ten runs of any family beside each other, at an address that can be shared."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.context import AppContext
from dashboard.later import later
from dashboard.pages.compare import callbacks
from dashboard.pages.page import Page
from workbench.listing.views import QUERIES

_LAYOUT = "dashboard.pages.compare.view"


def find(context: AppContext, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found unless all that the address names is there."""
    later(f"{_LAYOUT}:find")(context, query)


def asks(_context: AppContext, _query: Mapping[str, str]) -> dict[str, None]:
    """What an address may say; `find` looks at what it names."""
    return dict.fromkeys((*QUERIES["compare"], "view"))


PAGE = Page(
    "/runs/compare", "Compare runs", later(f"{_LAYOUT}:render"), callbacks.register, nav="runs", wants_query=True, find=find, asks=asks,
    ahead=later(f"{_LAYOUT}:ahead"), plots=True,
)  # fmt: skip
