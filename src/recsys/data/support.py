"""What recommenders can do with data."""

from __future__ import annotations

from recsys.data.catalogue import SOURCES
from recsys.data.describing import describe, row, tables
from recsys.data.options import TableAmendments, TableOptions
from workbench.families import Column, DataSupport, FileKind, Importing, ImportString

READERS = Importing(
    kinds=(
        FileKind("csv", "A CSV file of interactions", (".csv", ".tsv", ".txt"), ("text/csv", "text/plain")),
        FileKind(
            "parquet",
            "A Parquet file of interactions",
            (".parquet", ".pq"),
            ("application/vnd.apache.parquet", "application/octet-stream"),
        ),
    ),
    words="one interaction a row, with a column of users and one of items; times, ratings and attributes if there are any",
    read=ImportString("recsys.data.upload:read_import"),
    opened=ImportString("recsys.data.upload:opened"),
    options=TableOptions,
    amend=ImportString("recsys.data.upload:amended"),
    amendments=TableAmendments,
)

DATA = DataSupport(
    sources=SOURCES,
    readers=READERS,
    describe=describe,
    row=row,
    tables=tables,
    columns=(
        Column("rows", "Rows", "count"),
        Column("users", "Users", "count"),
        Column("items", "Items", "count"),
        Column("dates", "Dates"),
    ),
    preview=ImportString("recsys.data.looks:preview"),
    statistics=ImportString("recsys.data.looks:statistics"),
    apart=("polars", "recsys.data.stats", "recsys.data.upload", "recsys.services.table_calls"),
)
