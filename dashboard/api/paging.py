"""Lists in pages: `{"items": [...], "total": n, "next": cursor or null}`, sorted, at most 500 at once."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from workbench.commands.base import CommandError
from workbench.fields import closest

Item = TypeVar("Item")
Row = TypeVar("Row")


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    total: int = Field(description="How many there are in all, under the same filters.")
    next: str | None = Field(description="Pass it as `cursor` to get the page after this one; null at the end.")


class PageQuery(BaseModel):
    """What every list endpoint takes."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=500, description="How many items at most.")
    cursor: str | None = Field(None, max_length=500, pattern="^[A-Za-z0-9_-]+$", description="`next` of the page before.")
    sort: str | None = Field(None, max_length=50, description="A field to sort by; `-` before it turns the order round.")


def page_of(
    rows: Iterable[Row],
    query: PageQuery,
    *,
    keys: Mapping[str, Callable[[Row], Any]],
    default_sort: str,
    identity: Callable[[Row], str | int],
    show: Callable[[Row], Item],
) -> Page[Item]:
    """Sort rows, cut the page that the cursor points to, and show its items.

    The cursor names the last row seen (its sort key and id), so a list that grows between two pages neither repeats nor skips what was there.
    Raises CommandError (invalid) for an unknown sort field or a cursor that did not come from `next`.
    """
    sort = query.sort or default_sort
    backwards, name = sort.startswith("-"), sort.removeprefix("-")
    if name not in keys:
        guess = closest(name, keys)
        raise CommandError(f"cannot sort by {name!r}; {f'did you mean {guess}?' if guess else 'sort by ' + ', '.join(keys)}", field="sort")

    def position(row: Row) -> tuple[Any, ...]:
        value = keys[name](row)
        return (value is not None, value if value is not None else "", identity(row))

    ordered = sorted(rows, key=position, reverse=backwards)
    start = 0
    if query.cursor:
        seen = _decode(query.cursor, sort)
        later = (lambda p: p < seen) if backwards else (lambda p: p > seen)
        try:
            start = next((i for i, row in enumerate(ordered) if later(position(row))), len(ordered))
        except TypeError:
            raise _bad_cursor() from None
    chosen = ordered[start : start + query.limit]
    more = start + query.limit < len(ordered)
    return Page(
        items=[show(row) for row in chosen],
        total=len(ordered),
        next=_encode(sort, position(chosen[-1])) if more and chosen else None,
    )


def _encode(sort: str, position: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, *position]).encode()).decode().rstrip("=")


def _decode(cursor: str, sort: str) -> tuple[Any, ...]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise _bad_cursor() from None
    if not isinstance(found, list) or len(found) != 4 or found[0] != sort:
        raise _bad_cursor()
    return tuple(found[1:])


def _bad_cursor() -> CommandError:
    return CommandError("the cursor does not belong to this list and sort order; start without one", field="cursor")
