"""The tables. Texts marked JSON hold JSON text, so that SQLite and PostgreSQL read and write the same bytes.

A new store gets them as they are here; the migrations in `migrations/` bring an older one to the same, and a test compares both. `seq` of the journal is assigned by `execute`
inside the write transaction, so that it has no gaps and its order is the order of commits.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

HEAD = "0003"
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

WALKED = journal.c.undoable | journal.c.undoes.is_not(None) | journal.c.redoes.is_not(None)
"""The rows that Undo and Redo walk over: of a hundred thousand that started runs they may be ten."""

_WALKING = (journal.c.actor, journal.c.seq, journal.c.undoable, journal.c.undoes, journal.c.redoes)
"""All that is asked of them, so that SQLite takes this index and not `journal_actor`."""

Index("journal_walked", *_WALKING, sqlite_where=WALKED, postgresql_where=WALKED)

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

people = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("display_name", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("password_hash", String(200)),
    Column("created_at", String(24), nullable=False),
    Index("people_name", "name", unique=True),
)
"""Users. What is kept of a password is its Argon2id hash."""

tokens = Table(
    "person_tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("name", String(40), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("expires_at", String(24)),
    Column("last_used_at", String(24)),
    Index("person_tokens_secret", "secret_sha256", unique=True),
    Index("person_tokens_person", "person_id"),
)
"""Personal access tokens: the secret was shown once, its hash is kept."""

sessions = Table(
    "person_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("secret_sha256", String(64), nullable=False),
    Column("browser", String(200), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("last_seen_at", String(24), nullable=False),
    Index("person_sessions_secret", "secret_sha256", unique=True),
    Index("person_sessions_person", "person_id"),
)
"""Browsers that somebody is logged in with. Neither copied nor backed up: whoever restores a store logs in again."""

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("about", String(120), nullable=False),
    Column("at", String(24), nullable=False),
    Index("login_failures_about", "about", "at"),
)
"""Wrong passwords and tokens of the last minutes, by client and by name (hashed), for all processes."""

PASSING = (workers, sessions, login_failures)
"""Tables that belong to machines and moments: neither copied nor backed up."""
