"""A person's own table, read from CSV or Parquet and kept as Parquet.

The file is never in memory as a whole: its structure is checked in pieces, its columns are read by streaming,
and what they become is written to a temporary file, from which figures and the fingerprint are taken column by
column. Rows without a user or an item stay in the kept file, so that roles can be changed later; they are left
out when the table is loaded.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from recsys.data.casting import read_as
from recsys.data.column_pass import PassedColumn, pass_over
from recsys.data.dependence import ROWS, determined_by
from recsys.data.facts import Notice, TableFacts
from recsys.data.fingerprint import fingerprint_of
from recsys.data.guessing import guessed
from recsys.data.id_length import long_ids
from recsys.data.infer import SAMPLED, read_texts
from recsys.data.interactions import NO_TIME, seconds_of
from recsys.data.limits import MIN_IDS, MIN_ROWS, too_small
from recsys.data.options import TableAmendments, TableOptions
from recsys.data.parquet_columns import as_text, read_typed
from recsys.data.reading import Reading
from recsys.data.roles import Candidate, suggest_roles
from recsys.data.schema import DataType, Role, Schema
from recsys.data.table import LOADER_VERSION, Table, data_type_of, facts_of, with_ids_only
from recsys.data.uploaded_file import OpenedFile, is_parquet, opened_file
from workbench.datasets import DatasetError, ImportProgress, ReadImport
from workbench.fields import closest
from workbench.state import DatasetManifest

if TYPE_CHECKING:
    import polars as pl

CSV, PARQUET = "csv", "parquet"
_YEAR = 366 * 86_400
_AS_IT_IS = TableOptions()
_Kept = tuple[dict[str, Reading], dict[str, PassedColumn]]
"""How columns were read, and what is known of them now that they are kept."""
_IDS = ("user_id", "item_id")
_FITTING = {
    "user_id": ("text", "numeric", "boolean"),
    "item_id": ("text", "numeric", "boolean"),
    "timestamp": ("temporal",),
}
"""Types that a column may have for a role; any for roles that are not named."""


def read_import(
    path: Path, options: TableOptions = _AS_IT_IS, progress: ImportProgress | None = None
) -> ReadImport:
    """A file as a table in a temporary Parquet file.

    Raises:
        DatasetError: DS_TOO_LARGE, DS_PARSE, DS_COLUMNS, DS_CAST, DS_ROLES or DS_TOO_SMALL, each with what is
            wrong, where, and what to do.
    """
    told = progress or (lambda done, total: None)
    with tempfile.NamedTemporaryFile(suffix=".parquet", prefix="trellis-", delete=False) as file:
        kept = Path(file.name)
    try:
        with opened_file(path, options) as given:
            told(0, given.height)
            keep = _keep_typed if given.typed else _keep_texts
            readings, passed = keep(path, given, options, kept)
        facts = _facts(kept, readings, passed, options)
        _require_same(facts.rows, given, path.name)
        _require_enough(facts)
        told(given.height, given.height)
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    manifest = DatasetManifest(
        source=PARQUET if is_parquet(path) else CSV,
        loader_version=LOADER_VERSION,
        content_sha256=fingerprint_of(column.digest for column in passed.values()),
        about=facts.about(),
    )
    return ReadImport(kept, manifest, given.left_out, tuple(notice.message for notice in facts.notices))


def _keep_texts(path: Path, given: OpenedFile, options: TableOptions, kept: Path) -> _Kept:
    """Keep a table of texts, read once if its columns are what their first values suggest."""
    del path
    names = given.rows.collect_schema().names()
    chosen = _chosen(given, options)
    first = given.rows.head(SAMPLED).collect()
    guesses = guessed(first, [name for name in names if name not in chosen])
    readings = guesses.readings | read_as(given.rows, chosen)
    readings |= read_texts(given.rows, [name for name in names if name not in readings])
    readings = {name: readings[name] for name in names}
    _write(given, readings, kept)
    if guesses.failed:
        readings |= read_texts(given.rows, [name for name in names if name in guesses.failed])
        _write(given, readings, kept)
    return readings, pass_over(_scan(kept), None)


def _keep_typed(path: Path, given: OpenedFile, options: TableOptions, kept: Path) -> _Kept:
    """Keep a typed table: the file itself if its columns are already what they are read as."""
    names = given.rows.collect_schema().names()
    chosen = _chosen(given, options)
    rest = [name for name in names if name not in chosen]
    found = read_typed(given.rows, rest) | read_as(given.rows, chosen)
    readings = {name: found[name] for name in names}
    passed = pass_over(given.rows, {name: reading.values for name, reading in readings.items()})
    if given.as_it_is and all(column.kept for column in passed.values()):
        shutil.copyfile(path, kept)
    else:
        _write(given, readings, kept)
    return readings, passed


def _write(given: OpenedFile, readings: Mapping[str, Reading], kept: Path) -> None:
    values = [reading.values.alias(column) for column, reading in readings.items()]
    # the quickest level: the next ones take half as long again, for files that are a seventh smaller
    given.rows.select(values).sink_parquet(kept, compression_level=1)


def opened(path: Path, manifest: DatasetManifest) -> Table:
    """The table of what `read_import` kept, in memory. Raises DatasetError for a manifest that is damaged."""
    import polars as pl

    facts = TableFacts.of(manifest)
    return with_ids_only(Table(pl.read_parquet(path, glob=False), facts.schema, manifest))


def amended(path: Path, manifest: DatasetManifest, amendments: TableAmendments) -> DatasetManifest:
    """The manifest of what `read_import` kept with other roles, and with the figures that follow from them.

    A role that one column alone may have goes from the column that had it, which is then ignored.

    Raises:
        DatasetError: DS_COLUMNS, DS_ROLES or DS_TOO_SMALL; also for a manifest that is damaged.
    """
    rows, before = _scan(path), TableFacts.of(manifest)
    given = cast("dict[str, Role]", amendments.roles)
    types: dict[str, DataType] = {info.column: info.data_type for info in before.columns}
    _require_columns(given, list(types), "roles")
    _require_fitting(given, types)
    _require_short(rows, given)
    moved = {role for role in given.values() if role in _FITTING}
    left: dict[str, Role] = {c: "ignore" if role in moved else role for c, role in before.roles.items()}
    readings = tuple(notice for notice in before.notices if notice.code == "DS_READING")
    facts = facts_of(rows, {**left, **given})
    facts = replace(facts, notices=(*readings, *_about_rows(facts)))
    _require_enough(facts)
    return manifest.model_copy(update={"about": facts.about()})


def _scan(path: Path) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(path, glob=False)


def _chosen(given: OpenedFile, options: TableOptions) -> dict[str, Any]:
    """Text and chosen type of each column that a person chose a type for."""
    schema, chosen = given.rows.collect_schema(), options.by_column("types")
    for which in ("types", "roles"):
        _require_columns(options.by_column(which), schema.names(), which)
    return {name: (as_text(name, schema[name]), chosen[name]) for name in schema.names() if name in chosen}


def _require_columns(given: Mapping[str, str], columns: list[str], which: str) -> None:
    strangers = [name for name in given if name not in columns]
    if strangers:
        guess = closest(strangers[0], columns)
        raise DatasetError(
            f"The {which} name {_quoted(strangers)}, which the table does not have; it has {_quoted(columns)[:500]}.",
            code="DS_COLUMNS",
            where=strangers[0],
            hint=f'Did you mean "{guess}"?' if guess else "Take the names from the first line.",
        )


def _facts(
    kept: Path, readings: Mapping[str, Reading], passed: Mapping[str, PassedColumn], options: TableOptions
) -> TableFacts:
    rows = _scan(kept)
    roles, turned_down = _roles(rows, passed, options)
    notices = [*turned_down]
    notices += [Notice("DS_READING", r.notice, name) for name, r in readings.items() if r.notice is not None]
    notices += [
        Notice(
            "DS_READING",
            f'{column.nan:,} of {column.rows:,} numbers of "{name}" are NaN and count as missing.',
            name,
        )
        for name, column in passed.items()
        if column.nan
    ]
    notices += [
        Notice(
            "DS_READING",
            f'{column.infinite:,} of {column.rows:,} numbers of "{name}" are infinite: no range or mean counts them, and as a target they are missing.',
            name,
        )
        for name, column in passed.items()
        if column.infinite
    ]
    facts = facts_of(rows, roles, known={name: column.stats for name, column in passed.items()})
    return replace(facts, notices=(*notices, *_about_rows(facts), *_about_times(rows, facts, time.time())))


def _require_same(rows: int, given: OpenedFile, name: str) -> None:
    """The rows that were kept are those that the check of the file's structure counted, less some all empty."""
    if rows > given.height or (given.typed and rows < given.height):
        raise DatasetError(
            f"{name} has {given.height:,} records, but {rows:,} were read.",
            code="DS_PARSE",
            where=name,
            hint="Save it again with quotes around all text.",
        )


def _about_rows(facts: TableFacts) -> Iterable[Notice]:
    if facts.dropped:
        yield Notice(
            "DS_DROPPED",
            f"{facts.dropped:,} of {facts.rows:,} rows have no user or no item and are left out.",
        )
    for role, what in (("user_id", "a user id"), ("item_id", "an item id")):
        if facts.schema.only(cast(Role, role)) is None:
            yield Notice("DS_ROLES", f"No column looks like {what}. Choose one before features are made.")
    times = [info.column for info in facts.columns if info.data_type == "temporal" and info.role != "ignore"]
    if len(times) > 1 and facts.schema.only("timestamp") is None:
        yield Notice(
            "DS_ROLES", f"Several columns are times ({_quoted(times)}). Choose the timestamp among them."
        )


def _about_times(rows: pl.LazyFrame, facts: TableFacts, now: float) -> Iterable[Notice]:
    """Say how many times are before 1970 or more than a year after `now`, in seconds since 1970."""
    column, latest = facts.schema.only("timestamp"), int(now) + _YEAR
    if column is None or facts.first_second is None or facts.last_second is None:
        return
    if facts.first_second >= 0 and facts.last_second <= latest:
        return
    seconds = seconds_of(rows.select(column).collect()[column])
    early = int(((seconds < 0) & (seconds != NO_TIME)).sum())
    late = int((seconds > latest).sum())
    found = [f"{early:,} before 1970"] if early else []
    found += [f"{late:,} more than a year from now"] if late else []
    yield Notice(
        "DS_TIMES",
        f'Of the times in "{column}" {" and ".join(found)} may be wrong: splits by time follow them.',
        column,
    )


def _roles(
    rows: pl.LazyFrame, passed: Mapping[str, PassedColumn], options: TableOptions
) -> tuple[dict[str, Role], tuple[Notice, ...]]:
    """A role for every column, and why columns that look like ids are none."""
    schema = rows.collect_schema()
    types: dict[str, DataType] = {name: data_type_of(dtype) for name, dtype in schema.items()}
    given = cast("Mapping[str, Role]", options.by_column("roles"))
    _require_fitting(given, types)
    candidates = [
        Candidate(name, types[name], dtype.is_integer(), passed[name].stats.cardinality, passed[name].rows)
        for name, dtype in schema.items()
    ]
    _require_short(rows, given)
    roles, notices = suggest_roles(candidates, given), []
    while long := long_ids(rows, [c for c, role in roles.items() if role in _IDS and c not in given]):
        notices += [one.notice(roles[one.column]) for one in long]
        too_long = {one.column for one in long}
        candidates = [replace(c, short=c.short and c.column not in too_long) for c in candidates]
        roles = suggest_roles(candidates, given)
    return _by_dependence(rows, roles, given), tuple(notices)


def _require_short(rows: pl.LazyFrame, given: Mapping[str, Role]) -> None:
    """Raise DS_TOO_LARGE for a column that somebody chose as an id and that holds a text too long for one."""
    for long in long_ids(rows, [column for column, role in given.items() if role in _IDS]):
        raise long.refusal(given[long.column])


def _require_fitting(given: Mapping[str, Role], types: Mapping[str, DataType]) -> None:
    for role, fitting in _FITTING.items():
        columns = [column for column, chosen in given.items() if chosen == role]
        wrong = [column for column in columns if types[column] not in fitting]
        if len(columns) > 1 or wrong:
            what = f"{_quoted(columns)} cannot all be the {role}" if len(columns) > 1 else (
                f'"{wrong[0]}" cannot be the {role}: it holds {types[wrong[0]]}, expected {" or ".join(fitting)}'
            )  # fmt: skip
            hint = (
                "Choose one column." if len(columns) > 1 else "Choose another column, or another type for it."
            )
            raise DatasetError(f"{what}.", code="DS_ROLES", where=columns[0], hint=hint)


def _by_dependence(rows: pl.LazyFrame, roles: dict[str, Role], given: Mapping[str, Role]) -> dict[str, Role]:
    """The same roles, but that what only the user, or only the item, determines is an attribute."""
    ids = {role: next((c for c, r in roles.items() if r == role), None) for role in ("user_id", "item_id")}
    open_ones = [column for column, role in roles.items() if role == "context" and column not in given]
    if not open_ones:
        return roles
    first = rows.select(*(id for id in ids.values() if id), *open_ones).head(ROWS).collect()
    by = {role: determined_by(first, id, open_ones) if id else set() for role, id in ids.items()}
    for column in open_ones:
        if (column in by["user_id"]) != (column in by["item_id"]):
            roles[column] = "user_attribute" if column in by["user_id"] else "item_attribute"
    return roles


def _require_enough(facts: TableFacts) -> None:
    if facts.usable < MIN_ROWS:
        dropped = f" after {facts.dropped:,} without a user or an item were left out" if facts.dropped else ""
        raise too_small(f"The table has {facts.usable:,} rows{dropped}; at least {MIN_ROWS} are needed.")
    for what, role, count in (("users", "user_id", facts.users), ("items", "item_id", facts.items)):
        if count is not None and count < MIN_IDS:
            column = Schema(facts.columns).only(cast(Role, role))
            one = what if count != 1 else what[:-1]
            raise too_small(
                f'The column "{column}" has {count} {one}; at least {MIN_IDS} are needed.', where=str(column)
            )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
