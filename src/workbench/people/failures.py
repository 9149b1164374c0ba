"""Wrong logins of the last minute, counted for all processes of all servers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select

from workbench.clock import from_text, to_text, utc_now
from workbench.people.records import WINDOW_SECONDS
from workbench.store.schema import login_failures as table

if TYPE_CHECKING:
    from workbench.store.store import Store


class Failures:
    """Who was wrong how often, by client and by name. Neither is kept as it is, but hashed: people type passwords as names."""

    def __init__(self, store: Store, now: Callable[[], str] = utc_now) -> None:
        self._store = store
        self._now = now

    def count(self, about: str) -> int:
        """How often somebody was wrong within the window."""
        query = select(func.count()).select_from(table).where(table.c.about == _digest(about), table.c.at > self._since())
        with self._store.reading() as connection:
            return connection.execute(query).scalar() or 0

    def add(self, abouts: Sequence[str]) -> None:
        """Remember a wrong login of these."""
        now = self._now()
        with self._store.transaction() as connection:
            connection.execute(delete(table).where(table.c.at <= self._since()))
            connection.execute(insert(table), [{"id": secrets.token_hex(8), "about": _digest(about), "at": now} for about in abouts])

    def _since(self) -> str:
        return to_text(from_text(self._now()) - timedelta(seconds=WINDOW_SECONDS))


def _digest(about: str) -> str:
    return hashlib.sha256(about.encode("utf-8", "surrogatepass")).hexdigest()
