"""Which deleted records can go for good: those that nothing names which stays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench import families
from workbench.state import AppState, DatasetRecord, Kind, Record
from workbench.sweeps.records import KIND as SWEEPS

Key = tuple[str, str]
"""(kind, id)."""

_TOLD = {"cloned_from"}
"""Fields that tell where a record came from, and stay true when that is gone."""

_NAMES = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Gone:
    """What can go, and what was deleted long enough ago but stays, with the reason in words."""

    goes: tuple[Key, ...]
    stays: Mapping[Key, str]


def gone(state: AppState, before: str) -> Gone:
    """Records deleted before that time which nothing names that stays, with all runs about them. Pure.

    A dataset that Trellis brings, or makes from settings, has no files of its own, and is made known again at the next start: it stays.
    """
    records = {(str(kind), id): record for kind, of_kind in state.records.items() for id, record in of_kind.items()}
    wanted = {key for key, record in records.items() if _deleted_before(record, before) and _stays_away(record)}
    about: dict[Key, list[Key]] = {}
    for run in state.runs.values():
        about.setdefault((run.subject.kind, run.subject.id), []).append((Kind.RUN.value, run.id))
    goes = wanted | {run for key in wanted for run in about.get(key, ()) if not state.runs[run[1]].state.active}
    names = {key: frozenset(_NAMES.findall(record.model_dump_json(exclude=_TOLD))) for key, record in records.items()}
    for run in state.runs.values():
        # what a sweep found is told by the runs of its trials
        by = (SWEEPS, run.trial.sweep) if run.trial is not None else None
        if by in names and getattr(records[by], "deleted_at", None) is None:
            names[by] |= {run.id}
    stays: dict[Key, str] = {}
    while held := _held(goes, names):
        for key, by in held.items():
            goes.discard(key)
            # runs that were to go only along with it
            goes.difference_update(run for run in about.get(key, ()) if run not in wanted)
            if key in wanted:
                stays[key] = f"{words(records[by], by[0])} needs it"
    return Gone(tuple(sorted(goes)), stays)


def words(record: Any, kind: str) -> str:
    """A record as people call it: "run #12", "model #3 First"."""
    number, name = getattr(record, "number", None), getattr(record, "name", "")
    return (
        " ".join(filter(None, (kind.replace("_", " "), f"#{number}" if number is not None else "", name))) if number or name else record.id
    )


def _held(goes: set[Key], names: Mapping[Key, frozenset[str]]) -> dict[Key, Key]:
    """Of what goes, what is named by something that stays, and by what."""
    by_id = {id: (kind, id) for kind, id in goes}
    return {by_id[id]: key for key, named in names.items() if key not in goes for id in named & by_id.keys()}


def _deleted_before(record: Record, before: str) -> bool:
    at = getattr(record, "deleted_at", None)
    return at is not None and at < before


def _stays_away(record: Record) -> bool:
    return not isinstance(record, DatasetRecord) or families.is_imported(record)
