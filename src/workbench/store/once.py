"""Doing a thing once although it is asked for twice: what was answered to a key, kept in the transaction that carried it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from workbench.clock import to_text
from workbench.store.schema import idempotency as table

KEPT = timedelta(hours=24)
"""How long an answer is kept."""
_DONE = 200


def recalled(connection: Connection, actor: str, keys: Sequence[str]) -> dict[str, str]:
    """What was answered to those of an actor's keys that are known, by key."""
    query = select(table.c.key, table.c.body).where(table.c.actor == actor, table.c.key.in_(keys))
    return {row.key: row.body for row in connection.execute(query)}


def remember(connection: Connection, actor: str, answers: dict[str, str]) -> None:
    """Keep answers by key, as long as `KEPT`; they are rolled back with whatever the transaction did."""
    if not answers:
        return
    now = datetime.now(UTC)
    common = {"actor": actor, "request_sha256": "", "status": _DONE, "headers": "{}", "at": to_text(now)}
    connection.execute(delete(table).where(table.c.at < to_text(now - KEPT)))
    connection.execute(insert(table), [{**common, "key": key, "body": body} for key, body in answers.items()])
