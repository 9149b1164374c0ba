"""Labels as CSV text with the columns `index,label`, as spreadsheets of all countries write them.

Separators may be commas, semicolons or tabs, lines end in LF, CRLF or CR, and a byte order mark is no part of the header. A
label is the name of a class, or its number where no class is named by a number: a name always wins.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.fields import FieldProblem

MOST_LINES = 1_000_000
"""Most lines of a label file."""
MOST_TOLD = 1000
"""Most bad lines that are told one by one."""
SEPARATORS = (",", ";", "\t")
HEADER = ("index", "label")
PROPOSED = ("strategy", "run", "score")
"""The further columns of a file that says what proposed each sample."""
_SHOWN = 40


@dataclass(frozen=True)
class LabelRow:
    """One good line: `label` is the number of the class of dataset row `index`."""

    line: int
    index: int
    label: int


@dataclass(frozen=True)
class LabelFile:
    """What a label file says: its good `rows`, and what is wrong with the others, by line."""

    rows: tuple[LabelRow, ...]
    problems: tuple[FieldProblem, ...]

    @property
    def labels(self) -> dict[int, int]:
        """Dataset row -> class."""
        return {row.index: row.label for row in self.rows}


def decoded(content: bytes) -> str:
    """The text of a label file: UTF-8, or UTF-16 with a byte order mark. Raises UnicodeDecodeError."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if marked else "utf-8")


def read_labels(text: str, class_names: Sequence[str]) -> LabelFile:
    """Read CSV text; every bad line becomes a problem whose path is "line N"."""
    lines = text.removeprefix("\ufeff")
    separator = _separator(lines)
    if separator is None:
        first = next(iter(io.StringIO(lines, newline="")), "").strip()
        header = FieldProblem("line 1", "must be the header index,label (or with a semicolon or a tab between the two)", first[:_SHOWN])
        return LabelFile((), (header,))
    reading = _Reading(Vocabulary(class_names))
    for line, cells in _lines(lines, separator):
        if isinstance(cells, str):
            reading.refuse(line, cells, None)
        elif line > MOST_LINES:
            reading.refuse(line, f"a label file has at most {MOST_LINES:,} lines", None)
            break
        elif cells:
            reading.take(line, cells)
    return LabelFile(tuple(reading.rows), tuple(reading.problems))


def write_labels(
    labels: Mapping[int, int], class_names: Sequence[str], proposals: Mapping[int, tuple[str, str, float | None]] | None = None
) -> str:
    """Labels (dataset row -> class) as CSV text by row, classes by name; without `proposals`, `read_labels` reads it back.

    Args:
        proposals: dataset row -> (strategy, run, score) of what proposed it; three more columns, empty where nothing did.
    """
    lines = [",".join(HEADER if proposals is None else (*HEADER, *PROPOSED))]
    for index, label in sorted(labels.items()):
        cells = [str(index), _quoted(class_names[label])]
        if proposals is not None:
            strategy, run, score = proposals.get(index, ("", "", None))
            cells += [_quoted(strategy), _quoted(run), "" if score is None else repr(score)]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


class Vocabulary:
    """Finds classes by what people call them."""

    def __init__(self, class_names: Sequence[str]) -> None:
        self.names = tuple(class_names)
        self._exact = {unicodedata.normalize("NFC", name): number for number, name in reversed(list(enumerate(self.names)))}
        self._loose: dict[str, list[int]] = {}
        for number, name in enumerate(self.names):
            self._loose.setdefault(_loose(name), []).append(number)
        self.has_numbers = any(_is_number(name) for name in self.names)

    def find(self, text: str) -> int | str:
        """The number of the class that `text` names, or why there is none."""
        exact = self._exact.get(unicodedata.normalize("NFC", text))
        if exact is None:
            exact = self._exact.get(unicodedata.normalize("NFC", text.strip()))
        if exact is not None:
            return exact
        alike = self._loose.get(_loose(text), [])
        if len(alike) == 1:
            return alike[0]
        shown = _shown(text.strip())
        if alike:
            return f"{shown} may be {' or '.join(self.names[number] for number in alike)}; write it as the model does"
        number = text.strip()
        if not (number.isascii() and number.isdigit()):
            return f"{shown} is not a class of this model"
        if self.has_numbers:
            return f"{shown} is not a class of this model; its classes are named by numbers, so a class is given by its name alone"
        if len(number) < 6 and int(number) < len(self.names):
            return int(number)
        return f"{shown} is not a class of this model; its classes have the numbers 0 to {len(self.names) - 1}"


@dataclass
class _Reading:
    vocabulary: Vocabulary
    rows: list[LabelRow] = field(default_factory=list)
    problems: list[FieldProblem] = field(default_factory=list)
    seen: dict[int, LabelRow] = field(default_factory=dict)

    def refuse(self, line: int, message: str, value: str | None) -> None:
        self.problems.append(FieldProblem(f"line {line}", message, None if value is None else value[:_SHOWN]))

    def take(self, line: int, cells: list[str]) -> None:
        if len(cells) != 2:
            self.refuse(line, f"needs a sample's number and a label, two cells (got {len(cells)})", ",".join(cells))
            return
        index, label = cells[0].strip(), cells[1]
        if not (index.isascii() and index.isdigit() and len(index) < 10):
            self.refuse(line, f"{_shown(index)} is not the number of a sample", index)
            return
        found = self.vocabulary.find(label) if label.strip() else "needs a label"
        if isinstance(found, str):
            self.refuse(line, found, label)
            return
        row = LabelRow(line, int(index), found)
        earlier = self.seen.setdefault(row.index, row)
        if earlier is row:
            self.rows.append(row)
        elif earlier.label != row.label:
            self.refuse(line, f"sample {row.index} has another label in line {earlier.line}", label)


def _separator(text: str) -> str | None:
    for separator in SEPARATORS:
        first = next(_lines(text, separator, header=True), None)
        if first is not None and not isinstance(first[1], str) and [c.strip().casefold() for c in first[1]] == list(HEADER):
            return separator
    return None


def _lines(text: str, separator: str, *, header: bool = False) -> Iterator[tuple[int, list[str] | str]]:
    """(number of the first line of a row, its cells or why they cannot be read); the header only if asked for."""
    # newline="" leaves line ends alone, so that a lone CR ends a line and one inside quotes stays
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if line > 1 or header:
                yield line, _reason(error)
            continue
        if line > 1 or header:
            yield line, cells


def _reason(error: csv.Error) -> str:
    told = str(error)
    if "field limit" in told:
        return f"has a cell of more than {csv.field_size_limit():,} characters"
    if "unexpected end" in told:
        return "has a quote that is never closed"
    return f"cannot be read as CSV: {told}"


def _quoted(name: str) -> str:
    """A cell; csv's own writer leaves a lone CR unquoted, which readers take for a line's end."""
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in '",;\t\r\n') else name


def _loose(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())


def _is_number(name: str) -> bool:
    try:
        float(name.strip())
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
