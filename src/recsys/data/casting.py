"""Types that a person has chosen: every value must be readable so, or it is said which are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recsys.data.infer import EPOCHS, moments
from recsys.data.odd_dates import Order, read_in_order
from recsys.data.odd_numbers import Point, read_with_point, signs_of
from recsys.data.odd_texts import read_odd
from recsys.data.reading import Reading
from recsys.data.schema import DataType, TypeWord, type_of
from recsys.data.text_forms import read_boolean, read_comma, read_list, read_real, read_time, trimmed
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    import polars as pl

SHOWN = 3
_ODD: tuple[DataType, ...] = ("numeric", "temporal")
"""Types that may be written in forms of their own."""
_ANY_WHOLE = r"^[+-]?[0-9]{1,18}$"
_PLAIN_REAL = r"^[^,_]*$"
_ORDERS: Mapping[str, Order] = {"temporal_day_first": "day", "temporal_month_first": "month"}
_POINTS: Mapping[str, Point] = {"numeric_decimal_comma": "comma", "numeric_decimal_point": "point"}
_SAID = {
    "temporal_day_first": 'Dates of "{}" are read day first, as was chosen.',
    "temporal_month_first": 'Dates of "{}" are read month first, as was chosen.',
    "numeric_decimal_comma": 'Numbers of "{}" are read with a decimal comma, as was chosen.',
    "numeric_decimal_point": 'Numbers of "{}" are read with a decimal point, as was chosen.',
}
_UNITS: tuple[tuple[str, int], ...] = (("s", 10**11), ("ms", 10**14), ("us", 10**17))
"""Below which size a whole number is a moment in which unit: seconds up to the year 5138."""
_SWITCHES = {"1": True, "0": False, "yes": True, "no": False}


def read_as(rows: pl.LazyFrame, chosen: Mapping[str, tuple[pl.Expr, TypeWord]]) -> dict[str, Reading]:
    """How columns are read as types that somebody chose.

    Numbers may also be written with zeros before them or with a decimal comma, truth values as 1 and 0 or yes
    and no, times also as whole numbers since 1970 in seconds, milliseconds or microseconds, by their size. What
    is read where nobody chose, such as 57 %, is read here, too. A type that says how its values are written reads
    them so and in no other way, but for times in ISO 8601 and plain numbers.

    Args:
        chosen: text of the column's values, and the type, by column.

    Raises:
        DatasetError: DS_CAST with the column, how many of its values are something else, and three of them.
    """
    import polars as pl

    asked: list[pl.Expr] = []
    tried = {column: _attempt(text, data_type) for column, (text, data_type) in chosen.items()}
    for place, (column, (text, _)) in enumerate(chosen.items()):
        failing = trimmed(text).is_not_null() & tried[column].is_null()
        wrong = trimmed(text).filter(failing)
        asked += [
            trimmed(text).count().alias(f"{place}.n"),
            failing.sum().alias(f"{place}.wrong"),
            wrong.unique(maintain_order=True).head(SHOWN).implode().alias(f"{place}.shown"),
            trimmed(text).drop_nulls().str.contains(_ANY_WHOLE).all().alias(f"{place}.whole"),
            trimmed(text).cast(pl.Int64, strict=False).abs().max().alias(f"{place}.most"),
        ]
    found = rows.select(asked).collect(engine="streaming").row(0, named=True) if asked else {}
    readings = {}
    for place, (column, (text, data_type)) in enumerate(chosen.items()):
        facts = {key: found[f"{place}.{key}"] for key in ("n", "wrong", "shown", "whole", "most")}
        odd = read_odd(rows, column, trimmed(text)) if facts["wrong"] and data_type in _ODD else None
        if odd is not None and odd.data_type == data_type:
            readings[column] = odd
            continue
        _require_readable(column, data_type, facts, odd.advice if odd is not None else "")
        if data_type in _POINTS:
            _require_one_sign(rows, column, trimmed(text))
        readings[column] = Reading(
            type_of(data_type),
            _values(text, data_type, facts),
            _SAID.get(data_type, "").format(column) or None,
        )
    return readings


def _attempt(text: pl.Expr, data_type: TypeWord) -> pl.Expr:
    """The values of a text where it can be read, null where not."""
    import polars as pl

    plain = trimmed(text)
    if data_type in _ORDERS:
        return pl.coalesce(read_time(plain), read_in_order(plain, _ORDERS[data_type]))
    if data_type in _POINTS:
        return read_with_point(plain, _POINTS[data_type])
    match data_type:
        case "numeric":
            return pl.coalesce(
                read_real(pl.when(plain.str.contains(_PLAIN_REAL)).then(plain)), read_comma(plain)
            )
        case "temporal":
            whole = pl.when(plain.str.contains(_ANY_WHOLE)).then(plain.cast(pl.Int64, strict=False))
            return pl.coalesce(read_time(plain), moments(whole // 1_000_000, "us"))
        case "boolean":
            low = plain.str.to_lowercase()
            switched = low.replace_strict(_SWITCHES, default=None, return_dtype=pl.Boolean)
            return pl.coalesce(read_boolean(plain), switched)
        case "list_text":
            return read_list(plain)
        case _:
            return text


def _values(text: pl.Expr, data_type: TypeWord, facts: Mapping[str, Any]) -> pl.Expr:
    import polars as pl

    plain = trimmed(text)
    if type_of(data_type) == "numeric" and facts["whole"]:
        return plain.cast(pl.Int64, strict=False)
    if data_type == "temporal" and facts["most"] is not None:
        unit = next((unit for unit, above in _UNITS if facts["most"] < above), "us")
        assert unit in EPOCHS
        whole = pl.when(plain.str.contains(_ANY_WHOLE)).then(plain.cast(pl.Int64, strict=False))
        return pl.coalesce(read_time(plain), moments(whole, unit))
    if data_type == "text":
        return pl.when(text != "").then(text)
    values = _attempt(text, data_type)
    return values.fill_nan(None) if type_of(data_type) == "numeric" else values


def _require_one_sign(rows: pl.LazyFrame, column: str, text: pl.Expr) -> None:
    signs = rows.select(signs_of(text)).collect(engine="streaming").item()
    if len(signs) > 1:
        shown = " and ".join(f'"{sign}"' if sign else "no sign" for sign in signs[:SHOWN])
        raise DatasetError(
            f'The numbers of "{column}" do not all have the same sign: {shown}.',
            code="DS_CAST",
            where=column,
            hint="Choose the type text, or give all of them in the same unit.",
        )


def _require_readable(column: str, data_type: TypeWord, facts: Mapping[str, Any], advice: str) -> None:
    if not facts["wrong"]:
        return
    shown = ", ".join(f'"{value[:60]}"' for value in facts["shown"])
    values = "value" if facts["n"] == 1 else "values"
    raise DatasetError(
        f'{facts["wrong"]:,} of {facts["n"]:,} {values} of "{column}" cannot be read as {data_type}, such as {shown}.',
        code="DS_CAST",
        where=column,
        hint=advice or "Choose the type text, or correct these values.",
    )
