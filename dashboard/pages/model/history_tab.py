"""The History tab of one request: a page of entries, or the model as it was after one of them."""

from __future__ import annotations

from collections.abc import Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext, actor
from dashboard.live.feed import Feed
from dashboard.names import names_of
from dashboard.pages.model.history import entries_of, history
from dashboard.pages.model.past import Past, past
from dashboard.pages.model.view import ModelView
from workbench.commands.base import CommandError
from workbench.state import Kind

SHOWN = 200
"""Entries of one page."""


def render_history(context: AppContext, view: ModelView, _feed: Feed, query: Mapping[str, str]) -> Component:
    """`?before=<number>` goes on with older entries, `?at=<number>` shows the model as it was after one. Raises CommandError not_found."""
    workbench, me, names = context.workbench, actor(), names_of(context)
    words = workbench.undo_words(me)
    if query.get("at"):
        return past(view, past_of(context, view.record.id, number_of(query["at"])), undo_words=words, me=me, names=names)
    before = number_of(query["before"]) if query.get("before") else None
    told = entries_of(workbench, view.record.id, SHOWN, before)
    return history(view, told.entries, undo_words=words, me=me, names=names, older=told.older, newest=before is None)


def past_of(context: AppContext, id: str, seq: int) -> Past:
    """The model as it was at a journal number. Raises CommandError not_found for one at which it was not there."""
    workbench = context.workbench
    state = workbench.state()
    record = workbench.store.record_at(Kind.MODEL, id, seq) if seq <= state.version else None
    entry = next(iter(workbench.history(Kind.MODEL, id, 1, before=seq + 1)), None)
    if record is None or entry is None:
        raise CommandError(f"There was no such model at entry {seq} of the journal.", "at", "See its history.", code="not_found")
    return Past(record, workbench.store.labels_at(id, seq), dict(state.labels.get(id, {})), entry)


def number_of(text: str) -> int:
    """A journal number of an address. Raises CommandError not_found."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise CommandError(f"{text[:80]!r} is no number of an entry.", "at", "See the model's history.", code="not_found")
    return int(text)


def find_past(context: AppContext, model_id: str, query: Mapping[str, str]) -> None:
    """Raises CommandError not_found for an entry of the journal that is not there."""
    if query.get("at"):
        past_of(context, model_id, number_of(query["at"]))
