"""Bringing a store's tables to this version. A store that is current costs one query, a new one needs no migration."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from workbench.store.engine import WRITE, is_sqlite
from workbench.store.errors import StoreError
from workbench.store.schema import HEAD, VERSION_TABLE, metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Create or upgrade the tables. Safe when several processes open a store at once. Raises StoreError."""
    with engine.connect() as connection:
        if revision(connection) == HEAD:
            return
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        if not is_sqlite(connection):
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(84172066)")
        current = revision(connection)
        if current is None:
            create(connection)
        elif current != HEAD:
            upgrade(connection, current)


def revision(connection: Connection) -> str | None:
    """The migration that the store is at; None for an empty one."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()


def create(connection: Connection) -> None:
    """Make an empty store's tables as they are today: what all migrations together make, without loading alembic."""
    metadata.create_all(connection)
    connection.execute(text(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} (version_num) VALUES (:head)"), {"head": HEAD})


def upgrade(connection: Connection, current: str | None) -> None:
    """Run the migrations from `current` (None: from an empty store) to the newest. Raises StoreError if `current` is unknown."""
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    if current is not None:
        try:
            script.get_revision(current)
        except CommandError as error:
            raise StoreError(f"This store is at migration {current}, which a newer version of Trellis made. Use that version.") from error

    def steps(revision: object, context: object) -> list[object]:
        return script._upgrade_revs(HEAD, revision)  # type: ignore[arg-type, return-value]

    with EnvironmentContext(config, script, fn=steps, destination_rev=HEAD) as environment:  # type: ignore[arg-type]
        environment.configure(connection=connection, version_table=VERSION_TABLE, transactional_ddl=False)
        environment.run_migrations()
