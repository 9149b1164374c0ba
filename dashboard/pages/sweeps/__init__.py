"""Sweeps: the list, the form of a new one, and one as it searches."""

from __future__ import annotations

from dashboard.later import later
from dashboard.pages.page import Entry, Page
from dashboard.pages.sweeps import callbacks
from workbench.sweeps.records import KIND

_VIEW = "dashboard.pages.sweeps.view"

PAGE = Page(
    "/sweeps", "Sweeps", later(f"{_VIEW}:render_list"), callbacks.register, nav="sweeps", wants_query=True, find=later(f"{_VIEW}:find_list"),
    asks=later(f"{_VIEW}:asks"), entry=Entry("Sweeps", "sliders"), go=("s", "all sweeps"),
)  # fmt: skip
NEW_PAGE = Page(
    "/sweeps/new", "Search settings", later(f"{_VIEW}:render_new"), nav="sweeps", wants_query=True, find=later(f"{_VIEW}:find_new"),
    asks=later(f"{_VIEW}:asks"),
)  # fmt: skip
ONE_PAGE = Page("/sweeps/<sweep_id>", "Sweep", later(f"{_VIEW}:render_one"), nav="sweeps", shows=KIND, plots=True)
