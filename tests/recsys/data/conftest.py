"""Simulated shops that several tests read, and imports of people's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.data.options import TableOptions
from recsys.data.retail import Retail, simulate
from recsys.data.retail_settings import RetailSettings
from recsys.data.table import Table
from recsys.data.upload import opened, read_import
from tests.recsys.data.uploads import Load

MANY_ROWS = 600_000
"""Three chunks."""


@pytest.fixture(scope="session")
def small_shop() -> Retail:
    """The default table."""
    return simulate()


@pytest.fixture(scope="session")
def busy_shop() -> Retail:
    """The small shop's customers and products with ten times the sales."""
    return simulate(RetailSettings(rows=MANY_ROWS), threads=1)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Import a file's content, or a frame as Parquet, and open what is kept; `load.read` is the import."""

    def run(content: str | bytes | pl.DataFrame, **options: Any) -> Table:
        path = tmp_path / ("mine.parquet" if isinstance(content, pl.DataFrame) else "mine.csv")
        if isinstance(content, pl.DataFrame):
            content.write_parquet(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        read = read_import(path, TableOptions(**options))
        run.read = read  # type: ignore[attr-defined]
        assert isinstance(read.content, Path)
        try:
            return opened(read.content, read.manifest)
        finally:
            read.content.unlink()

    return run
