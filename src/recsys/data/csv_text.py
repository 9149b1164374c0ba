"""The text of a CSV file: its encoding and its delimiter."""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recsys.data.file_kinds import HEAD, kind_of
from recsys.data.options import DELIMITERS, TableOptions
from workbench.datasets import DatasetError

PIECE = 4 * 1024**2
_HEAD = 262_144
_SAMPLED = 200
"""Records by which the delimiter is found."""
_A_TABLE = (
    "A table has a line for each row, the names of its columns in the first, and a comma between values."
)
_OTHER_MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def parse_error(message: str, line: int, column: int | None = None, *, hint: str = "") -> DatasetError:
    """DS_PARSE with line and column, both counted from 1."""
    where = f"line {line}" + ("" if column is None else f", column {column}")
    return DatasetError(
        f"{where[:1].upper()}{where[1:]}: {message}",
        code="DS_PARSE",
        where=where,
        hint=hint or "Correct the file and import it again.",
    )


@contextmanager
def as_utf8(path: Path, options: TableOptions) -> Iterator[Path]:
    """A UTF-8 file with the same text, which may begin with a mark; `path` itself, or a temporary file.

    Raises:
        DatasetError: DS_PARSE with the place of the first byte that is not in the chosen encoding, or with what the
            file is by its first bytes, if that is no text.
    """
    with path.open("rb") as file:
        start = file.read(HEAD)
    if not start:
        raise parse_error(f"{path.name} is empty.", 1)
    kind = kind_of(start)
    if kind is not None:
        raise DatasetError(
            f"{path.name} is {kind.words}, no CSV text.", code="DS_PARSE", where=path.name, hint=kind.hint
        )
    for mark, name in _OTHER_MARKS.items():
        if start.startswith(mark):
            raise parse_error(f"the text is {name}.", 1, 1, hint="Save it as UTF-8.")
    if options.encoding != "latin-1":
        _require_utf8(path)
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                copy.write(piece.decode("latin-1").encode())
        copy.flush()
        yield Path(copy.name)


def _require_utf8(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, column, waiting = 1, 1, b""
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE)
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                line, column = _after(line, column, (waiting + piece)[: error.start])
                byte = (waiting + piece)[error.start]
                raise parse_error(
                    f"the byte 0x{byte:02X} is not UTF-8.", line, column,
                    hint="Choose the encoding latin-1, or save the file as UTF-8.",
                ) from error  # fmt: skip
            if not piece:
                return
            zero = piece.find(b"\0")
            if zero >= 0:
                line, column = _after(line, column, (waiting + piece)[: len(waiting) + zero])
                raise parse_error("a zero byte is no text.", line, column, hint="Is this a CSV file?")
            left = decoder.getstate()[0]
            whole = waiting + piece
            line, column = _after(line, column, whole[: len(whole) - len(left)])
            waiting = left


def _after(line: int, column: int, passed: bytes) -> tuple[int, int]:
    """The place behind some bytes; a column is counted in bytes."""
    breaks = passed.count(b"\n")
    last = passed.rfind(b"\n")
    return line + breaks, len(passed) - last if breaks else column + len(passed)


def delimiter_of(path: Path, options: TableOptions) -> str:
    """The chosen delimiter, or the one that divides the first lines most evenly, a comma if none does."""
    if options.delimiter != "auto":
        return DELIMITERS[options.delimiter]
    text = _head(path)
    return max(DELIMITERS.values(), key=lambda delimiter: _evenness(text, delimiter))


def require_divided(path: Path, name: str, delimiter: str, options: TableOptions) -> None:
    """Raise DS_PARSE for a text whose lines the delimiter does not divide into columns: it is no table.

    A table some of whose lines are wrong passes: its lines are told one by one.

    Args:
        path: the text in UTF-8. name: what its owner calls it.
    """
    text = _head(path)
    if not text.strip():
        raise DatasetError(
            f"{name} is empty: it has no line with text.", code="DS_PARSE", where=name, hint=_A_TABLE
        )
    counts = _fields(text, delimiter)
    if not counts:
        return
    if max(counts) == 1 and options.delimiter != "auto":
        raise DatasetError(
            f"{name} is no table: the delimiter {options.delimiter} stands in none of its first lines.",
            code="DS_PARSE",
            where=name,
            hint="Leave the delimiter out; then it is found.",
        )
    usual = max(counts, key=counts.count)
    if usual == 1 or counts.count(usual) * 2 <= len(counts):
        raise DatasetError(
            f"{name} is no table: no comma, semicolon, tab or | divides its lines into the same columns.",
            code="DS_PARSE",
            where=name,
            hint=_A_TABLE,
        )


def _head(path: Path) -> str:
    """The whole lines at the start of a text."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    text = head.decode("utf-8", errors="ignore").removeprefix("\ufeff")
    return (text[: text.rfind("\n") + 1] or text) if len(head) == _HEAD else text


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    """The share of records with as many fields as the first one has, and how many these are."""
    counts = _fields(text, delimiter)
    if not counts or counts[0] < 2:
        return 0.0, 0
    return counts.count(counts[0]) / len(counts), counts[0]


def _fields(text: str, delimiter: str) -> list[int]:
    """The number of fields in each of the first records; none where they cannot be told apart."""
    counts: list[int] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if record:
                counts.append(len(record))
            if len(counts) == _SAMPLED:
                break
    except csv.Error:
        return []
    return counts
