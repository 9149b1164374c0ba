"""The family's loaded data: a table of interactions, what its columns stand for, and its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from recsys.data.column_pass import stats_of
from recsys.data.counting import occurrence_of
from recsys.data.facts import Notice, TableFacts
from recsys.data.fingerprint import fingerprint
from recsys.data.id_text import has_id, ids_of
from recsys.data.interactions import NO_TIME, Interactions, interactions_of, seconds_of
from recsys.data.occurrence import Occurrence
from recsys.data.retail_truth import RetailTruth
from recsys.data.schema import ColumnInfo, ColumnStats, DataType, Role, Schema
from workbench.datasets import DatasetError
from workbench.state import DatasetManifest

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

LOADER_VERSION = 1


@dataclass(frozen=True)
class Table:
    """Interactions, one a row; every row has a user and an item, where columns have these roles.

    Attributes:
        frame: the rows. schema: their columns. manifest: what they were made of.
        truth: of a simulated shop, which only the evaluator may read.
    """

    frame: pl.DataFrame = field(repr=False)
    schema: Schema
    manifest: DatasetManifest
    truth: RetailTruth | None = field(default=None, repr=False)

    @property
    def facts(self) -> TableFacts:
        """What its manifest says of it."""
        return TableFacts.of(self.manifest)

    @cached_property
    def interactions(self) -> Interactions:
        """Who took what and when, as numbers. Raises DatasetError without a user id and an item id."""
        user, item = self.schema.only("user_id"), self.schema.only("item_id")
        if user is None or item is None:
            missing = "a user id" if user is None else "an item id"
            raise DatasetError(
                f"No column of this dataset is {missing}.", hint="Set the columns' roles.", code="DS_ROLES"
            )
        return interactions_of(self.frame, user, item, self.schema.only("timestamp"))


def table_of(
    frame: pl.DataFrame,
    roles: Mapping[str, Role],
    *,
    source: str,
    truth: RetailTruth | None = None,
    notices: tuple[Notice, ...] = (),
) -> Table:
    """A table of rows in memory, with its facts and fingerprint.

    Args:
        roles: role by column; a column that is not named is ignored by features.
        source: the source or kind of file that the rows come from.
    """
    facts = facts_of(frame, roles, notices)
    manifest = DatasetManifest(
        source=source,
        loader_version=LOADER_VERSION,
        content_sha256=fingerprint(frame),
        about=facts.about(),
    )
    return with_ids_only(Table(frame, facts.schema, manifest, truth))


def with_ids_only(table: Table) -> Table:
    """The table without the rows that lack a user or an item."""
    keep = _has_ids(table.frame.lazy(), table.schema)
    if keep is None or keep.all():
        return table
    return Table(table.frame.filter(keep), table.schema, table.manifest, table.truth)


def facts_of(
    table: pl.DataFrame | pl.LazyFrame,
    roles: Mapping[str, Role],
    notices: tuple[Notice, ...] = (),
    known: Mapping[str, ColumnStats] | None = None,
) -> TableFacts:
    """A table in figures; those of columns are over all rows that are not dropped.

    Of a lazy table one column is in memory at a time.

    Args:
        known: figures of columns over all rows, which are those of the table where no row is dropped.
    """
    import polars as pl

    rows = table.lazy()
    columns = tuple(
        ColumnInfo(name, str(dtype), data_type_of(dtype), roles.get(name, "ignore"))
        for name, dtype in rows.collect_schema().items()
    )
    schema = Schema(columns)
    keep = _has_ids(rows, schema)
    height = len(keep) if keep is not None else rows.select(pl.len()).collect().item()
    used = _Rows(rows, None if keep is None or keep.all() else keep)
    figures = known if known is not None and used.keep is None else None
    stamp = schema.only("timestamp")
    seconds = None if stamp is None else seconds_of(used.column(stamp))
    times = None if seconds is None else seconds[seconds != NO_TIME]
    timed = times is not None and times.size > 0
    occurrence, users, items = _counted(used, schema, seconds)
    return TableFacts(
        columns=tuple(
            replace(
                info, stats=stats_of(used.column(info.column)) if figures is None else figures[info.column]
            )
            for info in columns
        ),
        rows=height,
        users=users,
        items=items,
        dropped=0 if keep is None else height - int(keep.sum()),
        first_second=int(times.min()) if times is not None and timed else None,
        last_second=int(times.max()) if times is not None and timed else None,
        notices=notices,
        occurrence=occurrence,
    )


def data_type_of(dtype: pl.DataType) -> DataType:
    """What a type of storage is taken for. Raises TypeError for one that has no meaning here."""
    import polars as pl

    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if dtype.is_numeric():
        return "numeric"
    if dtype == pl.Boolean:
        return "boolean"
    if isinstance(dtype, pl.Datetime) or dtype == pl.Date:
        return "temporal"
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return "list_text"
    raise TypeError(f"a column of {dtype} has no meaning in a table of interactions")


@dataclass(frozen=True)
class _Rows:
    """Some rows of a table, of which one column is read at a time."""

    rows: pl.LazyFrame
    keep: pl.Series | None

    def column(self, name: str) -> pl.Series:
        series = _column(self.rows, name)
        return series if self.keep is None else series.filter(self.keep)


def _column(rows: pl.LazyFrame, name: str) -> pl.Series:
    import polars as pl

    return rows.select(pl.col(name)).collect().to_series()


def _has_ids(rows: pl.LazyFrame, schema: Schema) -> pl.Series | None:
    """Which rows have an id in every column of ids; None without such columns."""
    keep = None
    for role in ("user_id", "item_id"):
        column = schema.only(role)
        if column is not None:
            there = has_id(_column(rows, column))
            keep = there if keep is None else keep & there
    return keep


def _counted(
    used: _Rows, schema: Schema, seconds: np.ndarray | None
) -> tuple[Occurrence | None, int | None, int | None]:
    """How often users and items occur, and how many there are; None without the column."""
    user, item = schema.only("user_id"), schema.only("item_id")
    if user is not None and item is not None:
        return occurrence_of(used.column(user), used.column(item), seconds)
    return None, _distinct(used, user), _distinct(used, item)


def _distinct(used: _Rows, column: str | None) -> int | None:
    return None if column is None else ids_of(used.column(column).unique()).n_unique()
