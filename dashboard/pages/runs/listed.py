"""Which runs the grid holds: all that fit, or of very many the first ones, which the server then sorts and searches. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from dashboard.components import state_word
from dashboard.live.words import plural
from dashboard.pages.runs.rows import cell, needed_columns
from workbench.listing.asked import Selected
from workbench.listing.columns import Column
from workbench.state import AppState, RunRecord

MOST_ROWS = 1_000
"""Rows that a browser gets at once; of a hundred thousand it would load for a minute."""

SEARCHED = ("text", "tags")
"""Kinds of columns that are searched, and the number."""


@dataclass(frozen=True)
class Listed:
    """The runs that the grid holds, in its order.

    Attributes:
        cut: whether more fit than a grid holds, so that sorting and searching are the server's.
    """

    runs: tuple[RunRecord, ...]
    cut: bool


def listed(state: AppState, found: Selected, search: str = "") -> Listed:
    """The runs that the grid holds of those that fit.

    Args:
        search: what is searched for; a grid that holds all runs searches them itself.
    """
    if len(found.runs) <= MOST_ROWS:
        return Listed(found.runs, cut=False)
    return Listed(tuple(islice(_searched(state, found, search), MOST_ROWS)), cut=True)


def _searched(state: AppState, found: Selected, search: str) -> Iterator[RunRecord]:
    """The runs whose row has every word somewhere, as the grid's own search finds them."""
    words = search.casefold().split()
    columns = [column for column in needed_columns(found) if column.kind in SEARCHED or column.key == "number"]
    for run in found.runs:
        if not words:
            yield run
            continue
        text = "\n".join(_text(state, run, column) for column in columns).casefold()
        if all(word in text for word in words):
            yield run


def _text(state: AppState, run: RunRecord, column: Column) -> str:
    shown = state_word(run) if column.key == "state" else cell(column, column.value(state, run))
    return "" if shown is None else str(shown)


def cut_words(found: Selected, held: Listed) -> str:
    """What a page says where the grid does not hold all runs that fit; "" where it does."""
    if not held.cut:
        return ""
    return f"The grid holds {len(held.runs):,} of {plural(len(found.runs), 'run')}, the first in its order. Sorting and searching look at all of them."
