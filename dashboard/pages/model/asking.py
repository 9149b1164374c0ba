"""Whether what the address of a model's tab names is there, so that the answer has the right status."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.context import AppContext
from dashboard.pages.asked import named
from dashboard.pages.model.diagnose_tab import runs_asked
from dashboard.pages.model.header import TABS
from dashboard.pages.model.history_tab import number_of, past_of


def find(context: AppContext, model_id: str, tab: str, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found for a tab, a run or an entry of the history that is not there."""
    named(dict(TABS), tab, "page", "a model")
    if tab == "diagnose":
        runs_asked(context.workbench.state().runs_of(model_id), query)
    if tab == "history" and query.get("at"):
        past_of(context, model_id, number_of(query["at"]))
