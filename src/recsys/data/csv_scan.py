"""The structure of a CSV file, checked byte by byte in whole pieces: records, fields and quotes (RFC 4180).

A quote may only open a field at its start and close it at its end; within, it is doubled. A break in quotes is
part of a field. Empty lines are passed over. No record becomes a Python object.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recsys.data.csv_text import parse_error

PIECE = 8 * 1024**2
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_MARK = b"\xef\xbb\xbf"
_SHOWN = 3


@dataclass(frozen=True)
class Structure:
    """What a file consists of.

    Attributes:
        header: bytes of the first line, without its end. fields: in each record. records: without the first
            line and without empty lines. empty: lines that are empty.
        longest: bytes of the longest field, quotes included.
    """

    header: bytes
    fields: int
    records: int
    empty: int
    longest: int


def structure_of(path: Path, delimiter: str) -> Structure:
    """Read a file's structure.

    Raises:
        DatasetError: DS_PARSE with line and column for a record with more or fewer fields than the first, and
            for a quote in the wrong place or one that is never closed.
    """
    scan = _Scan(ord(delimiter))
    with path.open("rb") as file:
        if file.read(len(_MARK)) != _MARK:
            file.seek(0)
        while piece := file.read(PIECE):
            scan.take(piece)
    return scan.finish()


class _Scan:
    """State between the pieces of a file."""

    def __init__(self, delimiter: int) -> None:
        self.delimiter = delimiter
        self.before_quote = np.zeros(256, bool)
        self.before_quote[[delimiter, _NEWLINE, _QUOTE]] = True
        self.after_quote = np.zeros(256, bool)
        self.after_quote[[delimiter, _NEWLINE, _RETURN, _QUOTE]] = True
        self.line = 1
        self.quoted = False
        self.opened_in = 0
        self.last = _NEWLINE
        self.closed_last = False
        self.delimiters = 0
        self.length = 0
        self.only_return = False
        self.record_line = 1
        self.records = -1
        self.empty = 0
        self.longest = 0
        self.field_length = 0
        self.fields = 0
        self.head = bytearray()
        self.header: bytes | None = None
        self.wrong: list[tuple[int, int]] = []
        self.wrong_count = 0

    def take(self, piece: bytes) -> None:
        data = np.frombuffer(piece, np.uint8)
        # three comparisons take a fraction of the time of a look-up by bytes
        places = np.flatnonzero((data == self.delimiter) | (data == _NEWLINE) | (data == _QUOTE))
        kinds = data[places]
        is_quote = kinds == _QUOTE
        if self.closed_last and not self.after_quote[data[0]]:
            raise self._stray(0, places, kinds, "a closing quote is followed by more text")
        if self.quoted or is_quote.any():
            inside = ((np.cumsum(is_quote) - is_quote + self.quoted) & 1).astype(bool)
            self._check_quotes(data, places, kinds, is_quote, inside)
            ends = ~is_quote & ~inside
        else:
            inside, ends = None, np.ones(len(kinds), bool)
        self._take_records(data, places, kinds, ends, piece)
        quotes = int(is_quote.sum())
        breaks = np.flatnonzero(kinds == _NEWLINE)
        if inside is not None and quotes and (self.quoted + quotes) & 1:
            opening = np.flatnonzero(is_quote & ~inside)[-1]
            self.opened_in = self.line + int((breaks < opening).sum())
        self.quoted = bool((self.quoted + quotes) & 1)
        self.closed_last = data[-1] == _QUOTE and not self.quoted
        self.last = int(data[-1])
        self.line += len(breaks)

    def _check_quotes(
        self,
        data: np.ndarray,
        places: np.ndarray,
        kinds: np.ndarray,
        is_quote: np.ndarray,
        inside: np.ndarray,
    ) -> None:
        opening = places[is_quote & ~inside]
        before = np.where(opening > 0, data[opening - 1], self.last)
        bad = opening[~self.before_quote[before]]
        if bad.size:
            raise self._stray(
                int(bad[0]), places, kinds, "a quote stands in a field that does not begin with one"
            )
        closing = places[is_quote & inside]
        closing = closing[closing + 1 < len(data)]
        bad = closing[~self.after_quote[data[closing + 1]]]
        if bad.size:
            raise self._stray(int(bad[0]), places, kinds, "a closing quote is followed by more text")

    def _stray(self, place: int, places: np.ndarray, kinds: np.ndarray, what: str) -> Exception:
        before = places < place
        line = self.line + int((kinds[before] == _NEWLINE).sum())
        breaks = np.flatnonzero(before & (kinds == _NEWLINE))
        fields = int((kinds[before][(breaks[-1] + 1) if breaks.size else 0 :] == self.delimiter).sum())
        fields += 0 if breaks.size else self.delimiters
        return parse_error(
            f"{what}.", line, fields + 1, hint="Put quotes around the whole field and double those in it."
        )

    def _take_records(
        self, data: np.ndarray, places: np.ndarray, kinds: np.ndarray, ends: np.ndarray, piece: bytes
    ) -> None:
        structural, stops_of_fields = kinds[ends], places[ends]
        if len(stops_of_fields):
            lengths_of_fields = np.diff(stops_of_fields, prepend=-1 - self.field_length) - 1
            self.longest = max(self.longest, int(lengths_of_fields.max()))
            self.field_length = len(data) - 1 - int(stops_of_fields[-1])
        else:
            self.field_length += len(data)
        breaks = np.flatnonzero(structural == _NEWLINE)
        stops = stops_of_fields[breaks]
        if self.header is None:
            self.head += piece[: int(stops[0])] if len(stops) else piece
        if not len(breaks):
            self.delimiters += len(structural)
            self._tail(data, 0)
            return
        delimiters = np.diff(breaks, prepend=-1) - 1
        delimiters[0] += self.delimiters
        starts = np.concatenate([[0], stops[:-1] + 1])
        lengths = stops - starts
        lone = (lengths == 1) & (data[np.minimum(starts, len(data) - 1)] == _RETURN)
        if self.length:
            lone[0] = self.only_return and lengths[0] == 0
            lengths[0] += self.length
            if self.length == 1 and self.only_return and lengths[0] == 1:
                lone[0] = True
        self._count(delimiters + 1, (lengths == 0) | lone, stops, places, kinds)
        self.delimiters = len(structural) - 1 - int(breaks[-1])
        self.length, self.only_return = 0, False
        self._tail(data, int(stops[-1]) + 1)

    def _tail(self, data: np.ndarray, start: int) -> None:
        """Note what of the unfinished record lies in this piece."""
        rest = len(data) - start
        if rest:
            self.only_return = self.length == 0 and rest == 1 and data[start] == _RETURN
        self.length += rest

    def _count(
        self, fields: np.ndarray, empty: np.ndarray, stops: np.ndarray, places: np.ndarray, kinds: np.ndarray
    ) -> None:
        breaks = places[kinds == _NEWLINE]
        # the line in which each record begins
        begun = self.line + np.searchsorted(breaks, np.concatenate([[-1], stops[:-1]]), side="right")
        begun[0] = self.record_line
        self.record_line = self.line + int(np.searchsorted(breaks, stops[-1], side="right"))
        first = 0
        if self.header is None:
            self.header, self.fields, self.records, first = bytes(self.head), int(fields[0]), 0, 1
        counted = ~empty[first:] if self.fields > 1 else np.ones(len(empty) - first, bool)
        wrong = np.flatnonzero(counted & (fields[first:] != self.fields))
        self.records += int(counted.sum())
        self.empty += len(counted) - int(counted.sum())
        self.wrong_count += len(wrong)
        for number in wrong[: _SHOWN - len(self.wrong)] + first:
            self.wrong.append((int(begun[number]), int(fields[number])))

    def finish(self) -> Structure:
        """The structure, once every piece was taken."""
        if self.quoted:
            raise parse_error("a quote is opened and never closed.", self.opened_in)
        if self.length and not self.only_return:
            self._take_last()
        if self.wrong:
            line, found = self.wrong[0]
            lines = ", ".join(f"{line:,}" for line, _ in self.wrong)
            more = f" It is one of {self.wrong_count:,} such lines: {lines}{' …' if self.wrong_count > _SHOWN else ''}."
            raise parse_error(
                f"{found} field{'' if found == 1 else 's'}, but the first line has {self.fields}."
                + (more if self.wrong_count > 1 else ""),
                line,
                min(found, self.fields) + 1,
                hint="Put fields that hold the delimiter or a line break into quotes.",
            )
        if self.header is None:
            raise parse_error("there is no first line with the names of columns.", 1)
        longest = max(self.longest, self.field_length)
        return Structure(self.header.removesuffix(b"\r"), self.fields, self.records, self.empty, longest)

    def _take_last(self) -> None:
        """Count the last record, which no line break ends."""
        nothing = np.zeros(0, np.int64)
        self._count(np.array([self.delimiters + 1]), np.array([False]), np.array([0]), nothing, nothing)
