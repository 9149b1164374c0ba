"""The tables that the migrations make, and stores of every earlier version, which must open for ever."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect

from rcmvae.holding import held
from workbench.commands.records import NoteCommand
from workbench.state import Kind, RunState
from workbench.store.engine import make_engine
from workbench.store.errors import StoreError
from workbench.store.migrate import MIGRATIONS, create, upgrade
from workbench.store.schema import HEAD, VERSION_TABLE, metadata
from workbench.store.store import Store
from workbench.store.upgrades import newest_version

STORES = Path(__file__).parent / "stores"


@pytest.mark.parametrize("make", [create, lambda connection: upgrade(connection, None)], ids=["new", "migrated"])
def test_a_new_store_and_one_made_by_all_migrations_have_exactly_the_tables_of_the_schema(make: Any, database: str) -> None:
    engine = make_engine(database)
    with engine.begin() as connection:
        make(connection)
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []


def test_both_make_the_same_columns_keys_and_indexes(database: str) -> None:
    found = []
    for make in (create, lambda connection: upgrade(connection, None)):
        with make_engine(database).connect() as connection, connection.begin() as made:
            make(connection)
            look = inspect(connection)
            found.append(
                {
                    name: (
                        [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
                        look.get_pk_constraint(name)["constrained_columns"],
                        sorted((i["name"], i["column_names"], i["unique"]) for i in look.get_indexes(name)),
                    )
                    for name in look.get_table_names()
                }
            )
            made.rollback()
    assert found[0] == found[1]


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_store_of_a_newer_version_is_refused_in_words(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(StoreError, match="a newer version of Trellis made"):
        Store.open(store.engine.url.render_as_string(hide_password=False))


def opened(name: str, folder: Path) -> Store:
    """A store made from a stored dump."""
    path = folder / "store.db"
    with sqlite3.connect(path) as connection:
        connection.executescript((STORES / name).read_text())
    return Store.open(f"sqlite:///{path}", check=True)


@pytest.mark.parametrize("name", sorted(path.name for path in STORES.glob("*.sql")))
def test_a_store_of_an_earlier_version_opens_and_goes_on(name: str, tmp_path: Path, fake: Any) -> None:
    store = opened(name, tmp_path)
    state = store.state()
    (model,) = (m for m in state.models.values() if m.deleted_at is None)
    assert (model.name, model.config["training"]["learning_rate"], held(model).class_names) == ("Kept", 0.5, ("ant", "bee", "cat"))
    assert model.weights is not None
    run = state.runs[model.weights.run_id]
    assert (run.state, run.headline) == (RunState.COMPLETED, {"loss": 0.25})
    assert {v.source for v in state.labels[model.id].values()} == {"given", "person"}
    assert [e.words for e in store.history(Kind.MODEL, model.id)][-1] == "Create First"
    assert [d.schema_version for d in state.datasets.values()] == [newest_version(Kind.DATASET)]
    (dataset,) = state.datasets.values()
    about = {"n": 60, "shape": [2, 2, 1], "dtype": "float32", "class_names": ["ant", "bee", "cat"]}
    assert dataset.manifest is not None
    assert (dataset.manifest.about, run.dataset, dataset.params) == (about, dataset.manifest, {})
    created = store.record_at(Kind.MODEL, model.id, state.versions[model.id] - 1)
    assert created is not None
    done = store.execute(NoteCommand(kind=Kind.MODEL, id=model.id, note="still here"), actor="me")
    assert done.seq == state.version + 1
    assert store.undo_words("ann") is not None


def test_there_is_a_stored_example_of_this_version() -> None:
    assert (STORES / f"{HEAD}.sql").exists()


def test_what_undo_walks_over_is_found_by_an_index_of_such_rows_alone(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    asked: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _cursor, statement, given, *_: asked.append((statement, given)))
    assert store.undo_words("ann") is None
    (query,) = [one for one in asked if "ORDER BY journal.seq DESC" in one[0]]
    with store.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query[0]}", query[1])]
    assert plan == ["SEARCH journal USING COVERING INDEX journal_walked (actor=?)"]


def test_a_whole_state_is_read_in_the_order_of_its_key_without_sorting_all_texts(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    asked: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _cursor, statement, given, *_: asked.append((statement, given)))
    store.state()
    (query,) = [one for one in asked if "entities.record" in one[0]]
    with store.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query[0]}", query[1])]
    assert plan == ["SCAN entities USING INDEX sqlite_autoindex_entities_1"]
