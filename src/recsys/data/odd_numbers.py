"""Numbers with a sign of currency or percent, or with thousands set apart: read where one reading alone is possible.

All values of a column must have the same sign, or none, and a point or a comma must mean the same in all of
them: `1.382,16` can only have a decimal comma, `1,382` alone may be either and stays text. A per cent is read
as the number before its sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys.data.reading import Reading
from recsys.data.roles import is_id_name

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
_OTHER = {"point": "comma", "comma": "point", "space_point": "space_comma", "space_comma": "space_point"}
ADVICE = "Give plain numbers, such as 1382.16."


def may_be_numbers(values: pl.Series) -> bool:
    """Whether most of some trimmed values look like such numbers."""
    import polars as pl

    like = values.to_frame("x").select(_Parts(pl.col("x")).like.mean()).item()
    return like is not None and like >= _WORTH_A_WORD


class _Parts:
    """Parts of trimmed values, as expressions, each null where a value does not look like a number.

    Attributes:
        sign: of currency or percent, "" where there is none. body: digits and what is between them.
        fits: by notation, whether the body is written so. like: whether it is written in any of them.
        odd: whether it is more than a plain number.
    """

    def __init__(self, text: pl.Expr) -> None:
        import polars as pl

        parts = text.str.extract_groups(DRESSED)
        before, after, minus, late = (
            parts.struct.field(name) for name in ("before", "after", "minus", "late")
        )
        self.body = parts.struct.field("body")
        self.sign = pl.concat_str(before.fill_null(""), after.fill_null(""))
        self.negative = (minus == "-").fill_null(False) | (late == "-").fill_null(False)
        self.fits = {name: self.body.str.contains(each.pattern) for name, each in _NOTATIONS.items()}
        once = ~(minus.is_not_null() & late.is_not_null()) & ~(before.is_not_null() & after.is_not_null())
        self.like = (once & pl.any_horizontal(*self.fits.values())).fill_null(False) & text.is_not_null()
        self.odd = self.like & ((self.sign != "") | self.body.str.contains(_APART))

    def values(self, notation: _Notation) -> pl.Expr:
        """The numbers in a notation, Float64."""
        import polars as pl

        plain = self.body.str.replace_all(notation.apart, "").str.replace(notation.point, ".", literal=True)
        number = plain.cast(pl.Float64, strict=False)
        return pl.when(self.negative & (number != 0)).then(-number).otherwise(number)


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
    parts = _Parts(text)
    like, fits = parts.like, parts.fits
    lengths = text.filter(like).str.len_chars()
    asked = {
        "n": text.count(), "like": like.sum(), "first": text.filter(parts.odd).first(),
        "other": text.filter(~like).first(), "marked": parts.body.str.contains("[.,]").any(),
        "spaced": parts.body.str.contains(_SPACES).any(),
        "signs": parts.sign.filter(like).unique(maintain_order=True).head(_SIGNS_SHOWN).implode(),
        "alike": lengths.min() == lengths.max(), "decimals": parts.body.str.contains(_DECIMALS).any(),
        **{name: (like & fit).sum() for name, fit in fits.items()},
        **{f"{name} alone": text.filter(like & fit & ~fits[_OTHER[name]]).first() for name, fit in fits.items()},
        **{f"{name} number": parts.values(each).filter(parts.odd).first() for name, each in _NOTATIONS.items()},
    }  # fmt: skip
    wanted = [value.alias(name) for name, value in asked.items()]
    found = rows.select(wanted).collect(engine="streaming").row(0, named=True)
    plain_codes = found["signs"] == [""] and found["alike"] and not found["decimals"]
    if found["first"] is None or found["like"] < _WORTH_A_WORD * found["n"] or plain_codes:
        return None
    fitting = [
        name for name in _NOTATIONS if found[name] == found["n"] and ("space" in name) == found["spaced"]
    ]
    clear = [name for name in fitting if _OTHER[name] not in fitting or not found["marked"]]
    if clear and len(found["signs"]) == 1:
        said = _said(column, clear[0], found["signs"][0], found["first"], found[f"{clear[0]} number"])
        return Reading("numeric", parts.values(_NOTATIONS[clear[0]]), said)
    why = f'"{column}" is text: it looks like numbers, but {_why(found, either=bool(fitting) and not clear)}. {ADVICE}'
    return Reading("text", pl.when(pl.col(column) != "").then(pl.col(column)), why, ADVICE)


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
