"""All runs of all families in one grid."""

from __future__ import annotations

from dashboard.pages.page import Entry, Page
from dashboard.pages.runs import callbacks, view

SHORTCUTS = (("/", "search runs"), ("Enter", "open the run of the focused row"))

PAGE = Page(
    "/runs",
    "Runs",
    view.render,
    callbacks.register,
    nav="runs",
    wants_query=True,
    find=view.find,
    asks=view.asks,
    shortcuts=SHORTCUTS,
    entry=Entry("Runs", "activity"),
    go=("r", "all runs"),
)
