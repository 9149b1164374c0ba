"""How large a person's own table may be."""

from __future__ import annotations

from pathlib import Path

from workbench.datasets import DatasetError

MIB = 1024**2
MAX_CSV_BYTES = 512 * MIB
MAX_PARQUET_BYTES = 1024 * MIB
MAX_ROWS = 20_000_000
MAX_COLUMNS = 200
MAX_NAME = 128
MAX_CELL_BYTES = 64 * 1024
MAX_ID = 1024
"""Characters of a user's or an item's id."""
MIN_ROWS = 100
MIN_IDS = 2


def too_large(
    what: str, value: int, limit: int, unit: str, *, where: str = "", hint: str = ""
) -> DatasetError:
    """DS_TOO_LARGE with the limit and the value."""
    return DatasetError(
        f"{what} {value:,} {unit}; at most {limit:,} are possible.",
        code="DS_TOO_LARGE",
        where=where,
        hint=hint or "Import a part of it.",
    )


def require_size(path: Path, limit: int) -> None:
    """Raise DS_TOO_LARGE for a larger file."""
    size = path.stat().st_size
    if size > limit:
        raise too_large(f"{path.name} has", size, limit, "bytes", where=path.name)


def require_rows(rows: int) -> None:
    """Raise DS_TOO_LARGE for too many, DS_TOO_SMALL for too few."""
    if rows > MAX_ROWS:
        raise too_large("The table has", rows, MAX_ROWS, "rows")
    if rows == 0:
        raise too_small(
            f"The table has the names of its columns and no rows; at least {MIN_ROWS} are needed."
        )
    if rows < MIN_ROWS:
        raise too_small(
            f"The table has {rows:,} row{'' if rows == 1 else 's'}; at least {MIN_ROWS} are needed."
        )


def too_small(message: str, *, where: str = "") -> DatasetError:
    """DS_TOO_SMALL."""
    return DatasetError(message, code="DS_TOO_SMALL", where=where, hint="Import more data.")


def checked_names(names: list[str]) -> list[str]:
    """Names of columns without spaces around them.

    Raises:
        DatasetError: DS_COLUMNS for names that are empty, double or patterns, DS_TOO_LARGE for too many or too long ones.
    """
    plain = [name.strip() for name in names]
    if len(plain) > MAX_COLUMNS:
        raise too_large("The table has", len(plain), MAX_COLUMNS, "columns")
    empty = [str(place) for place, name in enumerate(plain, 1) if not name]
    double = [name for name in dict.fromkeys(plain) if name and plain.count(name) > 1]
    if empty or double:
        said = [_nameless(empty)] if empty else []
        said += [f'"{name}" is the name of {plain.count(name)} columns' for name in double]
        words = "; ".join(said)
        raise DatasetError(
            f"{words[:1].upper()}{words[1:]}.",
            code="DS_COLUMNS",
            where=", ".join(double) or _columns(empty),
            hint="Give each column a name of its own in the first line.",
        )
    for place, name in enumerate(plain, 1):
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            raise DatasetError(
                f'Column {place} is called "{name[:40]}", which stands for several columns at once.',
                code="DS_COLUMNS",
                where=name[:40],
                hint='Give it another name: "*" alone, and names from "^" to "$", are patterns.',
            )
        if len(name) > MAX_NAME:
            raise too_large(
                f'The name "{name[:40]}…" has',
                len(name),
                MAX_NAME,
                "characters",
                where=name[:40],
                hint=f"Shorten the name of column {place} in the file.",
            )
    return plain


def _columns(places: list[str]) -> str:
    """Columns by their places: "column 3", "columns 3, 4 and 5"."""
    if len(places) == 1:
        return f"column {places[0]}"
    return f"columns {', '.join(places[:-1])} and {places[-1]}"


def _nameless(places: list[str]) -> str:
    return f"{_columns(places)} {'has' if len(places) == 1 else 'have'} no name"
