"""The structure of CSV files against the standard library's reader, whatever pieces they are read in."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from recsys.data import csv_scan
from recsys.data.csv_scan import structure_of


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 20])
def test_records_and_fields_are_those_that_a_reader_finds(piece: int, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(csv_scan, "PIECE", piece)
    chance = random.Random(piece)
    path = tmp_path / "made.csv"
    for _ in range(150):
        fields = chance.randint(2, 4)
        # the library quotes only the breaks that end its lines
        end = chance.choice(["\n", "\r\n"])
        letters = 'ab,"\n é' + end[:-1]
        rows = [
            ["".join(chance.choices(letters, k=chance.randint(0, 4))) for _ in range(fields)]
            for _ in range(chance.randint(1, 6))
        ]
        made = io.StringIO(newline="")
        csv.writer(made, lineterminator=end).writerows(rows)
        text = made.getvalue()
        empty = chance.randint(0, 2)
        text = text + end * empty if chance.random() < 0.5 else text.removesuffix(end)
        path.write_bytes(chance.choice([b"", b"\xef\xbb\xbf"]) + text.encode())
        found = structure_of(path, ",")
        assert (found.fields, found.records) == (fields, len(rows) - 1), repr(text)
        assert found.empty == (
            empty if text.endswith(end * (empty + 1)) and not text.endswith('"') else found.empty
        )
        assert next(csv.reader(io.StringIO(found.header.decode(), newline=""))) == rows[0]
        least = max(len(field.encode()) for row in rows for field in row)
        assert least <= found.longest <= 2 * least + 3


def test_one_column_has_empty_values_in_empty_lines(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a\n1\n\n3\n")
    found = structure_of(tmp_path / "one.csv", ",")
    assert (found.fields, found.records, found.empty) == (1, 3, 0)
