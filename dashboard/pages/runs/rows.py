"""Runs as rows of the grid: plain values that sort as they should."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard.about import about_of
from dashboard.components import RUN_STATES, state_word
from workbench.listing.asked import Selected
from workbench.listing.columns import Column
from workbench.services.lengths import length_of
from workbench.state import AppState, RunRecord

ALWAYS = ("number", "model")
"""Keys of the columns that the grid always shows."""
SHOWN_AT_FIRST = ("state", "started", "duration", "epochs", "tags", "note")
METRICS_AT_FIRST = 2

_FIELDS = {"model": "about"}
_PREFIX = {"run": "", "metric": "m:", "setting": "s:"}


def field_of(column: Column) -> str:
    """The grid's field of a column; dots are written out, since dots nest in grids."""
    return _FIELDS.get(column.key) or _PREFIX[column.source] + column.key.replace(".", "·")


def default_columns(columns: Mapping[str, Column]) -> tuple[str, ...]:
    """Keys of the columns that are shown where nobody chose: the first metrics stand before tags and note."""
    measured = [column.key for column in columns.values() if column.source == "metric"][:METRICS_AT_FIRST]
    return (*SHOWN_AT_FIRST[:4], *measured, *SHOWN_AT_FIRST[4:])


def shown_columns(found: Selected) -> tuple[str, ...]:
    """Keys of the columns that are shown, in order."""
    if not found.asked.columns:
        return default_columns(found.columns)
    return tuple(key for key in found.asked.columns if key not in ALWAYS)


def needed_columns(found: Selected) -> tuple[Column, ...]:
    """The columns whose values the grid needs: those that it shows, and those that it is sorted by."""
    sorted_by = (key.removeprefix("-") for key in found.asked.sort)
    keys = dict.fromkeys((*ALWAYS, *shown_columns(found), *sorted_by))
    return tuple(found.columns[key] for key in keys)


def row_of(state: AppState, run: RunRecord, columns: Iterable[Column]) -> dict[str, Any]:
    """One run as the grid's cells read it. Times stay UTC text, which sorts; durations are seconds."""
    look, about = RUN_STATES[run.state], about_of(state, run)
    row: dict[str, Any] = {field_of(column): cell(column, column.value(state, run)) for column in columns}
    return row | {
        "id": run.id, "number": run.number, "about": about.title, "about_href": about.href, "state": state_word(run), "tone": look.tone,
        "icon": look.icon, "why": run.error.message if run.error else run.reason, "active": run.state.active,
        "stopping": run.stop_requested_at is not None, "of": length_of(run), "tags": ", ".join(run.tags), "note": run.note,
    }  # fmt: skip


def cell(column: Column, value: Any) -> Any:
    """A value as the grid's cell has it."""
    if column.kind == "flag":
        return None if value is None else "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else value


def rows_of(state: AppState, runs: Sequence[RunRecord], columns: Iterable[Column]) -> list[dict[str, Any]]:
    """The rows of `runs`."""
    needed = tuple(columns)
    return [row_of(state, run, needed) for run in runs]


def versions_of(state: AppState, runs: Iterable[RunRecord]) -> dict[str, int]:
    """Run id -> version of what a row shows of it."""
    return {run.id: state.versions.get(run.id, 0) for run in runs}


def transaction(
    state: AppState, known: Mapping[str, int], found: Selected, runs: Sequence[RunRecord]
) -> tuple[dict[str, Any] | None, dict[str, int]]:
    """What to change in a grid that shows runs at the versions `known` (run id -> version), and what it shows then.

    Args:
        runs: those of the found ones that the grid holds.

    None if it is up to date.
    """
    now, needed = versions_of(state, runs), needed_columns(found)
    added = [run for run in runs if run.id not in known]
    updated = [run for run in runs if run.id in known and known[run.id] != now[run.id]]
    gone = [{"id": run_id} for run_id in known if run_id not in now]
    if not (added or updated or gone):
        return None, now
    return {"add": rows_of(state, added, needed), "addIndex": 0, "update": rows_of(state, updated, needed), "remove": gone}, now
