"""From text to an expression: a scanner that knows the columns' names, and one function a rule of the grammar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from workbench.fields import closest
from workbench.listing.columns import Column
from workbench.listing.expressions.errors import ExpressionError
from workbench.listing.expressions.tree import And, Comparison, Expression, Not, Operator, Or, Value
from workbench.listing.expressions.values import EXAMPLES, read_value

MAX_LENGTH = 2_000
"""Characters of an expression."""
MAX_DEPTH = 40
"""Parentheses and `not`s within each other."""
MAX_CHOICES = 200
"""Values of one `in`."""

_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"[^\s()=<>!,\"']+")
_SIGN = re.compile(r"<=|>=|!=|<>|==|=|<|>|≤|≥|≠")
_SIGNS: dict[str, Operator] = {
    "=": "=", "==": "=", "!=": "!=", "<>": "!=", "≠": "!=", "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">=",
}  # fmt: skip
_OPERATORS = "=, !=, <, <=, >, >=, contains, in or is empty"
_ENDS = re.compile(r"\s*(?:[(),]|$)|\s+(?:and|or)\b(?!\w)", re.IGNORECASE)
"""Where a value that is not quoted is over."""
_IDENTIFIER = re.compile(r"\w")


def parse(text: str, columns: Iterable[Column], *, now: datetime | None = None) -> Expression | None:
    """Read an expression; None for one that says nothing. Raises ExpressionError.

    Args:
        columns: what it may name. now: the time that `today` counts from; default: the clock's.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            text, 0, len(text), f"A filter has at most {MAX_LENGTH:,} characters, and this has {len(text):,}", "Make it shorter."
        )  # fmt: skip
    if not text.strip():
        return None
    return _Reader(text, columns, now or datetime.now(UTC)).whole()


class _Reader:
    """One reading of one text; `_at` is the place that is read next."""

    def __init__(self, text: str, columns: Iterable[Column], now: datetime) -> None:
        self._text, self._now, self._at, self._depth = text, now, 0, 0
        self._names: dict[str, Column] = {}
        columns = list(columns)
        for pick in (lambda c: (c.key,), lambda c: (c.title,), lambda c: c.names):
            for column in columns:
                for name in pick(column):
                    self._names.setdefault(name.casefold(), column)
        self._longest = sorted(self._names, key=len, reverse=True)
        self._keys = [column.key for column in columns]

    def whole(self) -> Expression:
        found = self._either()
        self._skip()
        if self._at < len(self._text):
            raise self._error("A comparison is over", "Go on with and, or, or nothing.")
        return found

    def _either(self) -> Expression:
        parts = [self._both()]
        while self._keyword("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self) -> Expression:
        parts = [self._one()]
        while self._keyword("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(f"There are more than {MAX_DEPTH} parentheses within each other", "Take some away.")
        try:
            if self._named() is None and self._keyword("not"):
                return Not(self._one())
            if self._take("("):
                found = self._either()
                if not self._take(")"):
                    raise self._error("A parenthesis is not closed", "Close it with ), or go on with and or or.")
                return found
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Expression:
        column = self._column()
        self._skip()
        start = self._at
        sign = _SIGN.match(self._text, self._at)
        if sign is not None:
            self._at = sign.end()
            operator = _SIGNS[sign[0]]
            if operator in ("<", "<=", ">", ">=") and not (column.is_number or column.kind == "time"):
                raise self._error(
                    f"{column.title} has no order, so {sign[0]} means nothing", "Use =, !=, contains or in.", start, sign.end()
                )
            return Comparison(column.key, operator, (self._value(column),))
        if self._keyword("is"):
            negated = self._keyword("not")
            if self._keyword("empty"):
                return _negated(Comparison(column.key, "empty"), negated)
            return Comparison(column.key, "!=" if negated else "=", (self._value(column),))
        negated = self._keyword("not")
        if self._keyword("contains"):
            if column.kind not in ("text", "tags"):
                raise self._error(f"{column.title} is no text", "Use =, !=, <, <=, > or >=.", start, self._at)
            return _negated(Comparison(column.key, "contains", (self._value(column),)), negated)
        if self._keyword("in"):
            return _negated(Comparison(column.key, "in", tuple(self._choices(column))), negated)
        raise self._error(f"After {column.title} comes how it compares", f"Write one of {_OPERATORS}.")

    def _choices(self, column: Column) -> Iterator[Value]:
        if not self._take("("):
            raise self._error("After in come values in parentheses", "Write them as in (a, b).")
        count = 0
        while True:
            count += 1
            if count > MAX_CHOICES:
                raise self._error(f"There are more than {MAX_CHOICES} values", "Give fewer.")
            yield self._value(column)
            if self._take(")"):
                return
            if not self._take(","):
                raise self._error("The values are not closed", "Go on with a comma and a value, or close them with ).")

    def _column(self) -> Column:
        found = self._named()
        if found is not None:
            name, column = found
            self._at += len(name)
            return column
        word = _WORD.match(self._text, self._at)
        if word is None:
            raise self._error("The name of a column is missing", f"Begin with a column, such as {', '.join(self._keys[:3])}.")
        guess = closest(word[0].casefold(), self._names)
        hint = f"Did you mean {self._names[guess].key}?" if guess else "Columns lists them, on the command line `trellis runs columns`."
        raise self._error(f"There is no column {_short(word[0])}", hint, word.start(), word.end())

    def _named(self) -> tuple[str, Column] | None:
        """The longest name of a column that stands here."""
        self._skip()
        rest = self._text[self._at : self._at + len(self._longest[0])].casefold() if self._longest else ""
        for name in self._longest:
            after = self._text[self._at + len(name) : self._at + len(name) + 1]
            if rest.startswith(name) and not (_IDENTIFIER.match(after) and _IDENTIFIER.match(name[-1])):
                return name, self._names[name]
        return None

    def _value(self, column: Column) -> Value:
        self._skip()
        start = self._at
        quote = self._text[start : start + 1]
        if quote in ('"', "'"):
            end = self._text.find(quote, start + 1)
            if end < 0:
                raise self._error("A quoted text is not closed", f"Close it with {quote}.", start, len(self._text))
            given, self._at = self._text[start + 1 : end], end + 1
        else:
            ends = _ENDS.search(self._text, start)
            end = ends.start() if ends is not None else len(self._text)
            given, self._at = self._text[start:end], end
        value = read_value(column, given, self._now) if given.strip() else None
        if value is None:
            problem = f"{_short(given)} is no value of {column.title}" if given.strip() else f"A value of {column.title} is missing"
            raise self._error(problem, f"Write {EXAMPLES[column.kind]}.", start, self._at)
        return value

    def _keyword(self, word: str) -> bool:
        self._skip()
        end = self._at + len(word)
        if self._text[self._at : end].casefold() != word or _IDENTIFIER.match(self._text[end : end + 1]):
            return False
        self._at = end
        return True

    def _take(self, sign: str) -> bool:
        self._skip()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _error(self, problem: str, expected: str, start: int | None = None, end: int | None = None) -> ExpressionError:
        """What is wrong here, over the word that stands here unless a place is given."""
        if start is None:
            self._skip()
            start = self._at
            word = _WORD.match(self._text, start)
            end = word.end() if word else min(start + 1, len(self._text))
        return ExpressionError(self._text, start, len(self._text) if end is None else end, problem, expected)


def _negated(found: Comparison, negated: bool) -> Expression:
    return Not(found) if negated else found


def _short(text: str) -> str:
    text = text.strip()
    return f"“{text if len(text) <= 40 else f'{text[:39]}…'}”"
