"""What somebody wants of a list of runs: an expression that chooses them, columns, an order and a grouping; and the runs that it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from workbench.commands.base import CommandError
from workbench.fields import closest
from workbench.frozen import Same
from workbench.listing.columns import Column, by_key, columns_of
from workbench.listing.expressions import ExpressionError, fits, parse
from workbench.listing.expressions.parsing import MAX_LENGTH
from workbench.state import AppState, RunRecord

MAX_COLUMNS, MAX_SORT, MAX_KEY = 200, 20, 200


class Asked(BaseModel):
    """What is wanted of a list of runs; addresses and saved views hold the same.

    Attributes:
        where: an expression. columns: keys of the columns that are shown; empty for those that a list shows of itself.
        sort: keys, `-` before one for the largest first; empty for the newest run first. group: the key runs are grouped by.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    where: Annotated[str, Field(max_length=MAX_LENGTH)] = ""
    columns: Annotated[tuple[str, ...], Field(max_length=MAX_COLUMNS)] = ()
    sort: Annotated[tuple[str, ...], Field(max_length=MAX_SORT)] = ()
    group: Annotated[str, Field(max_length=MAX_KEY)] = ""

    def query(self) -> dict[str, str]:
        """The same as query values of an address, those that say something."""
        given = {"where": self.where, "columns": ",".join(self.columns), "sort": ",".join(self.sort), "group": self.group}
        return {name: value for name, value in given.items() if value}


QUERY = ("where", "columns", "sort", "group")
"""Names of the query values that say what is asked for."""


def asked_of(query: Mapping[str, str], base: Asked | None = None) -> Asked:
    """What an address asks for; what it does not name is as in `base`. Raises CommandError for values that are too long."""
    kept = base or Asked()
    lists = {name: tuple(part.strip() for part in query[name].split(",") if part.strip()) for name in ("columns", "sort") if name in query}
    texts = {name: query[name].strip() for name in ("where", "group") if name in query}
    for name, most in (("where", MAX_LENGTH), ("group", MAX_KEY)):
        if len(texts.get(name, "")) > most:
            raise CommandError(f"{name} has at most {most:,} characters (got {len(texts[name]):,}).", name)
    for name, most in (("columns", MAX_COLUMNS), ("sort", MAX_SORT)):
        if len(lists.get(name, ())) > most:
            raise CommandError(f"{name} names at most {most} columns (got {len(lists[name])}).", name)
    return kept.model_copy(update={**lists, **texts})


@dataclass(frozen=True)
class Selected:
    """The runs that fit.

    Attributes:
        runs: in the order asked for. total: how many there are without the expression. columns: all that there are, by key.
        asked: what was asked for. problem: why the expression was left aside, if it cannot be read.
    """

    runs: tuple[RunRecord, ...]
    total: int
    columns: Mapping[str, Column]
    asked: Asked
    problem: ExpressionError | None = None


def all_runs(state: AppState, subject: str | None = None) -> list[RunRecord]:
    """The runs that are not deleted, newest first: all, or those about one record."""
    return [run for run in state.listed_runs if subject in (None, run.subject.id)]


def select(state: AppState, asked: Asked, *, subject: str | None = None, now: datetime | None = None) -> Selected:
    """The runs that fit what is asked. Raises CommandError naming what is unknown or cannot be read.

    Args:
        subject: only runs about this record. now: the time that `today` counts from; default: the clock's.
    """
    every = all_runs(state, subject)
    columns = every_column(state, subject)
    for name in (*asked.columns, *(key.removeprefix("-") for key in asked.sort), *([asked.group] if asked.group else [])):
        require_column(columns, name)
    wanted = parse(asked.where, columns.values(), now=now)
    fit = every if wanted is None else [run for run in every if fits(wanted, columns, state, run)]
    return Selected(tuple(in_order(state, fit, columns, asked.sort)), len(every), columns, asked)


def every_column(state: AppState, subject: str | None = None) -> dict[str, Column]:
    """The columns that runs can have, by key: all runs, or those about one record."""
    return _columns(Same(state.listed_runs)) if subject is None else by_key(columns_of(all_runs(state, subject)))


@lru_cache(maxsize=1)
def _columns(runs: Same) -> dict[str, Column]:
    """The columns of all runs: a page asks for them several times."""
    return by_key(columns_of(runs.value))


def lenient(state: AppState, asked: Asked, *, subject: str | None = None) -> Selected:
    """The same for a page, which says what is wrong with an expression and shows all runs. Raises CommandError for unknown columns."""
    try:
        return select(state, asked, subject=subject)
    except ExpressionError as error:
        found = select(state, asked.model_copy(update={"where": ""}), subject=subject)
        return Selected(found.runs, found.total, found.columns, asked, error)


def require_column(columns: Mapping[str, Column], name: str) -> Column:
    """The column of that key. Raises CommandError not_found with the closest one."""
    found = columns.get(name)
    if found is None:
        guess = closest(name, columns)
        raise CommandError(
            f"No run here has a column named {name!r}.", "columns", f"Did you mean {guess}?" if guess else "See Columns.", code="not_found"
        )
    return found


def in_order(state: AppState, runs: Iterable[RunRecord], columns: Mapping[str, Column], sort: Iterable[str]) -> list[RunRecord]:
    """The runs sorted by the keys, the first one first; runs without a value stand last either way."""
    ordered = list(runs)
    for key in reversed(tuple(sort)):
        column = columns[key.removeprefix("-")]
        valued = [(column.value(state, run), run) for run in ordered]
        known = [(value, run) for value, run in valued if value is not None]
        known.sort(key=lambda pair: _sortable(pair[0]), reverse=key.startswith("-"))
        ordered = [run for _, run in known] + [run for value, run in valued if value is None]
    return ordered


def _sortable(value: Any) -> Any:
    return ", ".join(value).casefold() if isinstance(value, tuple) else value.casefold() if isinstance(value, str) else value
