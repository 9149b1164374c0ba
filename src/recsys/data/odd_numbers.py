"""Numbers with a sign of currency or percent, or with thousands set apart: read where one reading alone is possible.

All values of a column must have the same sign, or none, and a point or a comma must mean the same in all of
them: `1.382,16` can only have a decimal comma, `1,382` alone may be either and stays text. A per cent is read
as the number before its sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from recsys.data.reading import Reading
from recsys.data.roles import is_id_name
from recsys.data.text_forms import as_it_is

if TYPE_CHECKING:
    import polars as pl

_SIGN = r"[$€£¥₹₩₽₺₫₪฿₱₴₦]|(?:US|CA|AU|HK|NZ|R|S)\$|USD|EUR|GBP|JPY|CHF|CAD|AUD|CNY|INR|BRL|SEK|NOK|DKK|PLN|CZK|kr|zł|Kč|Fr\.|%"
_BODY = r"[0-9](?:[0-9.,'’ \x{a0}\x{202f}]*[0-9])?"
_SPACES = r"['’ \x{a0}\x{202f}]"
_SPACE = r"[ \x{a0}\x{202f}]?"
DRESSED = rf"^(?<minus>[+-])?(?:(?<before>{_SIGN}){_SPACE})?(?<late>[+-])?(?<body>{_BODY})(?:{_SPACE}(?<after>{_SIGN}))?$"
_WHOLE = "(?:0|[1-9][0-9]{0,14})"
_WORTH_A_WORD = 0.8
_SIGNS_SHOWN = 3
_APART = rf",|{_SPACES}|\..*\."
_DECIMALS = r"[.,](?:[0-9]{1,2}|[0-9]{4,})$|[.,'’ \x{a0}\x{202f}].*[.,][0-9]+$"


@dataclass(frozen=True)
class _Notation:
    """How digits are written: a pattern, what it is called, what is left out, what is the decimal point."""

    pattern: str
    words: str
    apart: str
    point: str


_NOTATIONS = {
    "point": _Notation(
        rf"^(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+|{_WHOLE})(?:\.[0-9]+)?$", "with commas between thousands", ",", "."
    ),
    "comma": _Notation(
        rf"^(?:[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+|{_WHOLE})(?:,[0-9]+)?$", "with a decimal comma", r"\.", ","
    ),
    "space_point": _Notation(
        rf"^(?:[1-9][0-9]{{0,2}}(?:['’ \x{{a0}}\x{{202f}}][0-9]{{3}})+|{_WHOLE})(?:\.[0-9]+)?$",
        "with thousands set apart", _SPACES, ".",
    ),
    "space_comma": _Notation(
        rf"^(?:[1-9][0-9]{{0,2}}(?:['’ \x{{a0}}\x{{202f}}][0-9]{{3}})+|{_WHOLE})(?:,[0-9]+)?$",
        "with a decimal comma and thousands set apart", _SPACES, ",",
    ),
}  # fmt: skip
Point = Literal["point", "comma"]
_OTHER = {"point": "comma", "comma": "point", "space_point": "space_comma", "space_comma": "space_point"}
ADVICE = "Give plain numbers, such as 1382.16."
_ADVICE_EITHER = (
    f"{ADVICE[:-1]}, or say which it is by the type numeric_decimal_comma or numeric_decimal_point."
)


def may_be_numbers(values: pl.Series) -> bool:
    """Whether most of some trimmed values look like such numbers."""
    import polars as pl

    if not len(values) or values.str.contains(DRESSED).mean() < _WORTH_A_WORD:  # type: ignore[operator]
        return False
    looked = _looked(values.to_frame("text").lazy(), pl.col("text"))
    return looked.select(pl.col("like").mean()).collect().item() >= _WORTH_A_WORD


def _looked(rows: pl.LazyFrame, text: pl.Expr) -> pl.LazyFrame:
    """Trimmed values with what they look like, step by step, as each would read the text anew in one expression.

    Columns: text; body and sign; by notation, whether the body is written so; like, whether the value is written
    in any of them; odd, whether it is more than a plain number.
    """
    import polars as pl

    minus, late, before, after, body, sign, like = (
        pl.col(name) for name in ("minus", "late", "before", "after", "body", "sign", "like")
    )
    once = ~(minus.is_not_null() & late.is_not_null()) & ~(before.is_not_null() & after.is_not_null())
    fits = pl.any_horizontal(*_NOTATIONS)
    return (
        rows.select(text.alias("text"))
        .with_columns(pl.col("text").str.extract_groups(DRESSED).alias("parts"))
        .unnest("parts")
        .with_columns(pl.concat_str(before.fill_null(""), after.fill_null("")).alias("sign"))
        .with_columns(body.str.contains(each.pattern).alias(name) for name, each in _NOTATIONS.items())
        .with_columns((once & fits).fill_null(False).alias("like"))
        .with_columns((like & ((sign != "") | body.str.contains(_APART))).alias("odd"))
    )


def _values(text: pl.Expr, notation: _Notation) -> pl.Expr:
    """The numbers of trimmed values in a notation, Float64."""
    import polars as pl

    return text.map_batches(
        partial(_numbers, notation=notation), return_dtype=pl.Float64, is_elementwise=True
    )


def _numbers(text: pl.Series, *, notation: _Notation) -> pl.Series:
    import polars as pl

    parts = text.to_frame("x").select(pl.col("x").str.extract_groups(DRESSED)).unnest("x")
    plain = pl.col("body").str.replace_all(notation.apart, "").str.replace(notation.point, ".", literal=True)
    number = plain.cast(pl.Float64, strict=False)
    negative = (pl.coalesce("minus", "late") == "-") & (number != 0)
    return parts.select(pl.when(negative).then(-number).otherwise(number).alias(text.name)).to_series()


def read_with_point(text: pl.Expr, point: Point) -> pl.Expr:
    """Trimmed numbers in which this is the decimal point, whatever sign they have, Float64; null where a value is no such number."""
    import polars as pl

    return text.map_batches(partial(_with_point, point=point), return_dtype=pl.Float64, is_elementwise=True)


def _with_point(text: pl.Series, *, point: Point) -> pl.Series:
    import polars as pl

    looked = _looked(text.alias("text").to_frame().lazy(), pl.col("text"))
    notations = [name for name in _NOTATIONS if name.endswith(point)]
    read = [pl.when("like", name).then(_values(pl.col("text"), _NOTATIONS[name])) for name in notations]
    plain = pl.when(~pl.col("text").str.contains("[.]" if point == "comma" else ",")).then(pl.col("text"))
    rest = plain.str.replace(",", ".", literal=True).str.strip_prefix("+").cast(pl.Float64, strict=False)
    return looked.select(pl.coalesce(*read, rest).alias(text.name)).collect().to_series()


def signs_of(text: pl.Expr) -> pl.Expr:
    """The different signs of trimmed numbers, as a list of text, empty text for none; what is no such number has none."""
    import polars as pl

    parts = text.str.extract_groups(DRESSED)
    sign = pl.concat_str(*(parts.struct.field(name).fill_null("") for name in ("before", "after")))
    return sign.filter(parts.struct.field("body").is_not_null()).unique().sort().implode()


def read_numbers(rows: pl.LazyFrame, column: str, text: pl.Expr) -> Reading | None:
    """How a column of such numbers is read, or why it is text; None for one that holds something else.

    Numbers without a sign and without decimals that are all of one length are taken for codes, as are columns
    whose name is that of an id.

    Args:
        text: its trimmed values.
    """
    import polars as pl

    if is_id_name(column):
        return None
    value, body, sign, like, odd = (pl.col(name) for name in ("text", "body", "sign", "like", "odd"))
    lengths = value.filter(like).str.len_chars()
    asked = {
        "n": value.count(), "like": like.sum(), "first": value.filter(odd).first(),
        "other": value.filter(~like).drop_nulls().first(), "marked": body.str.contains("[.,]").any(),
        "spaced": body.str.contains(_SPACES).any(), "decimals": body.str.contains(_DECIMALS).any(),
        "signs": sign.filter(like).unique(maintain_order=True).head(_SIGNS_SHOWN).implode(),
        "alike": lengths.min() == lengths.max(), **{name: (like & pl.col(name)).sum() for name in _NOTATIONS},
        **{f"{name} alone": value.filter(like & pl.col(name) & ~pl.col(_OTHER[name])).first() for name in _NOTATIONS},
    }  # fmt: skip
    wanted = [expr.alias(name) for name, expr in asked.items()]
    found = _looked(rows, text).select(wanted).collect(engine="streaming").row(0, named=True)
    plain_codes = found["signs"] == [""] and found["alike"] and not found["decimals"]
    if found["first"] is None or found["like"] < _WORTH_A_WORD * found["n"] or plain_codes:
        return None
    fitting = [
        name for name in _NOTATIONS if found[name] == found["n"] and ("space" in name) == found["spaced"]
    ]
    clear = [name for name in fitting if _OTHER[name] not in fitting or not found["marked"]]
    if clear and len(found["signs"]) == 1:
        notation, shown = _NOTATIONS[clear[0]], found["first"]
        meant = pl.Series("text", [shown]).to_frame().select(_values(pl.col("text"), notation)).item()
        return Reading(
            "numeric", _values(text, notation), _said(column, clear[0], found["signs"][0], shown, meant)
        )
    either = bool(fitting) and not clear
    advice = _ADVICE_EITHER if either else ADVICE
    why = f'"{column}" is text: it looks like numbers, but {_why(found, either=either)}. {advice}'
    return Reading("text", as_it_is(column), why, advice)


def _said(column: str, notation: str, sign: str, shown: str, meant: float) -> str:
    how = [f'without "{sign}"'] if sign else []
    if notation != "point" or "," in shown:
        how.append(_NOTATIONS[notation].words)
    return f'Numbers of "{column}" are read {" and ".join(how)}: {shown} is {meant:.15g}.'


def _why(found: Mapping[str, Any], *, either: bool) -> str:
    """What stands in the way of reading a column's numbers."""
    missed = found["n"] - found["like"]
    if missed:
        verb = "is" if missed == 1 else "are"
        return f'{missed:,} of its {found["n"]:,} values {verb} not, such as "{found["other"][:60]}"'
    if len(found["signs"]) > 1:
        signs = [f'"{sign}"' if sign else "no sign" for sign in found["signs"]]
        return f"not all have the same sign: {', '.join(signs[:-1])} and {signs[-1]}"
    if either:
        return f"what separates their digits, as in {found['first']}, may be a decimal point or stand between thousands"
    shown = [found[f"{name} alone"] for name in _NOTATIONS if found[f"{name} alone"]]
    return f"their digits are not separated in one way: {' and '.join(dict.fromkeys(shown))}"
