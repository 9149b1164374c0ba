"""A family of recommenders over a small made-up table, for tests of configurations and quick tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from recsys.data.describing import UNKNOWN, describe, row
from recsys.data.table import Table, table_of
from recsys.family import FAMILY as RECOMMENDERS
from tests.support import table_family
from tests.workbench.runs import inline
from workbench import families
from workbench.families import DataSource, DataSupport, ImportString
from workbench.settings import Settings
from workbench.workbench import Workbench

HERE = "tests.support.recommender_family"
SALES, VISITS, PLAIN = "sales", "visits", "plain"
ROLES: dict[str, Any] = {
    "customer": "user_id", "city": "user_attribute", "age": "user_attribute", "product": "item_id", "category": "item_attribute",
    "day": "timestamp", "stars": "outcome", "liked": "outcome", "constant": "outcome", "price": "outcome",
}  # fmt: skip


@lru_cache
def _table(source: str) -> Table:
    import polars as pl

    rows = range(120)
    frame = pl.DataFrame(
        {
            "customer": [f"c{i % 12}" for i in rows],
            "city": [f"t{i % 12 % 3}" for i in rows],
            "age": [20 + i % 12 for i in rows],
            "product": [f"p{i % 7}" for i in rows],
            "category": [f"k{i % 7 % 2}" for i in rows],
            "stars": [1.0 + i % 5 for i in rows],
            "liked": [i % 3 == 0 for i in rows],
            "constant": [2.0 for _ in rows],
            "price": [-5.0 + i for i in rows],
        }
    )
    if source == SALES:
        days = pl.Series("day", [86_400_000 * i for i in rows]).cast(pl.Datetime("ms"))
        frame = frame.with_columns(days)
    roles: dict[str, Any] = {name: role for name, role in ROLES.items() if name in frame.columns}
    if source == PLAIN:
        roles["customer"] = "ignore"
    return table_of(frame, roles, source=source)


def load_sales(_settings: Any = None) -> Table:
    """120 rows with times."""
    return _table(SALES)


def load_visits(_settings: Any = None) -> Table:
    """The same without times."""
    return _table(VISITS)


def load_plain(_settings: Any = None) -> Table:
    """The same without a column of users."""
    return _table(PLAIN)


def _source(id: str) -> DataSource:
    return DataSource(id, id.title(), "For tests.", ImportString(f"{HERE}:load_{id}"), UNKNOWN)


FAMILY = replace(
    table_family.FAMILY, name="recsys", title="Recommenders",
    models=RECOMMENDERS.models,
    data=DataSupport(
        readers=RECOMMENDERS.data.readers,describe=describe, sources=tuple(map(_source, (SALES, VISITS, PLAIN))), row=row),
    kinds=(ImportString("recsys.records:FEATURE_CONFIG"), ImportString("recsys.records:MODEL_CONFIG")),
    pages=(), routes=RECOMMENDERS.routes, verbs=(), launches=RECOMMENDERS.launches, progress=RECOMMENDERS.progress,
)  # fmt: skip


@contextmanager
def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A workbench on this family alone, whose runs stay queued."""
    monkeypatch.setattr(families, "FAMILIES", {"recsys": f"{HERE}:FAMILY"})
    families.family.cache_clear()
    workbench = Workbench.open(Settings.load(home=home, check_state=True))
    workbench.runs.executor = inline.NoWorkers()
    try:
        yield workbench
    finally:
        workbench.close()
        families.family.cache_clear()


def features(*, target: str | None = "stars", dim: int = 8) -> dict[str, Any]:
    """A document of features that fits the table."""
    embedding = {"embedding": {"embedding_dim": dim}}
    return {
        "buyer_model_features": [
            {"column": "customer", "data_type": "text", "is_primary_id": True, "transforms": embedding},
            {"column": "age", "data_type": "numeric", "transforms": {"normalize": {"range": "[-1,1]"}}},
        ],
        "product_model_features": [
            {"column": "product", "data_type": "text", "is_primary_id": True, "transforms": embedding},
        ],
        "target_column": None if target is None else {"column": target},
    }
