"""The tables. Texts marked JSON hold JSON text, so that SQLite and PostgreSQL read and write the same bytes.

A new store gets them as they are here; the migrations in `migrations/` bring an older one to the same, and a test compares both. `seq` of the journal is assigned by `execute`
inside the write transaction, so that it has no gaps and its order is the order of commits.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

HEAD = "0001"
"""The newest migration; a store that says so needs no alembic to open."""

VERSION_TABLE = "schema_version"
"""Alembic's own table: one column `version_num`."""

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(24), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("command", String(100), nullable=False),
    Column("words", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("inverse", Text, nullable=False),
    Column("undoable", Boolean, nullable=False),
    Column("undoes", BigInteger),
    Column("redoes", BigInteger),
    Index("journal_actor", "actor", "seq"),
)
"""Every executed command. `undoes` and `redoes` name the row that an Undo took back or a Redo brought again."""

subjects = Table(
    "journal_subjects",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
)
"""Which journal rows touched an entity (labels count for their model)."""

entities = Table(
    "entities",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("record", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

labels = Table(
    "labels",
    metadata,
    Column("model_id", String(64), primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("label", Integer),
    Column("source", String(10)),
    Column("seq", BigInteger, nullable=False),
)
"""What a model may see; a cleared label stays as a row without a value."""

run_events = Table(
    "run_events",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, nullable=False),
    Column("at", String(24), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("payload", Text, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", Float(53), nullable=False),
    Column("framework", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("run_id", String(64)),
    Column("attempt", Integer),
    Column("lease_expires_at", String(24)),
    Column("heartbeat_at", String(24), nullable=False),
    Column("started_at", String(24), nullable=False),
    Column("rate", Float(53)),
    Index("workers_run", "run_id"),
)
"""Worker processes and the leases they hold; `state` is starting, idle or busy, `rate` the measured flop/s."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_sha256", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("at", String(24), nullable=False),
    Index("idempotency_at", "at"),
)
"""Answers kept for a day, so that a request sent twice is carried out once."""
