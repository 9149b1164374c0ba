"""People's own tables: what is read from odd files, and what is refused with what words."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.data import csv_scan, limits, uploaded_file
from recsys.data.options import TableOptions
from recsys.data.upload import read_import
from tests.recsys.data.uploads import ROWS, Load, read_of, refused, table
from workbench.datasets import DatasetError


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_delimiters_line_ends_and_a_mark_at_the_start_make_no_difference(load: Load, sep, eol, mark) -> None:
    found = load(mark + table(sep=sep, eol=eol, rating=lambda r: str(r % 5 + 1)).encode())
    assert found.frame.columns == ["user_id", "item_id", "rating"]
    assert found.frame["rating"].to_list() == [r % 5 + 1 for r in range(ROWS)]
    assert found.facts.roles == {"user_id": "user_id", "item_id": "item_id", "rating": "outcome"}
    assert (found.facts.users, found.facts.items, found.facts.rows) == (7, 11, ROWS)
    assert found.manifest.source == "csv"


def test_quotes_hold_delimiters_quotes_and_line_breaks(load: Load) -> None:
    text = table(note=lambda r: f'"line {r}\nsaid ""yes"", twice"')
    assert load(text).frame["note"][3] == 'line 3\nsaid "yes", twice'
    assert load(text.replace("\n", "\r\n")).frame["note"][3] == 'line 3\r\nsaid "yes", twice'


def test_empty_lines_are_passed_over_and_the_last_line_needs_no_end(load: Load) -> None:
    text = table().replace("u3,i3\n", "u3,i3\n\n", 1).rstrip("\n")
    assert load(text).facts.rows == ROWS
    assert load(text.replace("\n", "\r\n")).facts.rows == ROWS


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (("u3,i3\n", "u3,i3,9\n"), "line 5, column 3", "3 fields, but the first line has 2"),
        (("u3,i3\n", "u3\n"), "line 5, column 2", "1 field, but the first line has 2"),
        (
            ("u3,i3\n", 'u3,i"3\n'),
            "line 5, column 2",
            "a quote stands in a field that does not begin with one",
        ),
        (("u3,i3\n", 'u3,"i3"x\n'), "line 5, column 2", "a closing quote is followed by more text"),
        (("u3,i3\n", 'u3,"i3\n'), "line 5", "a quote is opened and never closed"),
        (("u2,i2\n", 'u2,"i\n\n2"\n'), None, ""),
    ],
)
@pytest.mark.parametrize("piece", [3, 1 << 20])
def test_a_malformed_line_is_named_by_its_number(load: Load, monkeypatch, change, where, said, piece) -> None:
    monkeypatch.setattr(csv_scan, "PIECE", piece)
    text = table().replace(change[0], change[1], 1)
    if where is None:
        assert load(text).frame["item_id"][2] == "i\n\n2"
        return
    error = refused(load, "DS_PARSE", text)
    assert error.where == where
    assert said in error.message


def test_a_name_with_a_bare_return_is_refused(load: Load) -> None:
    refused(load, "DS_PARSE", table().replace("user_id,item_id", "user_id,item\rid"))


def test_several_ragged_lines_are_counted_and_lines_in_quotes_are_counted_too(load: Load) -> None:
    text = table().replace("u2,i2\n", 'u2,"i\n2"\n', 1).replace("u3,i3\n", "u3\n", 3)
    error = refused(load, "DS_PARSE", text)
    assert error.where == "line 6, column 2"
    assert "one of 2 such lines: 6, 83" in error.message


def test_latin_1_is_offered_with_the_place_and_read_where_chosen(load: Load) -> None:
    text = table(title=lambda r: "Café" if r == 4 else "Tea")
    error = refused(load, "DS_PARSE", text.encode("latin-1"))
    assert (error.where, "latin-1" in error.hint) == ("line 6, column 10", True)
    assert "0xE9" in error.message
    assert load(text.encode("latin-1"), encoding="latin-1").frame["title"][4] == "Café"
    assert load(text).frame["title"][4] == "Café"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"a,b\n1,\0\n", "zero byte"),
        (b"PAR1 no", "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused(load: Load, content: bytes, said: str) -> None:
    assert said in refused(load, "DS_PARSE", content).message


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("user_id,,x", "Column 2 has no name"),
        ("user_id,  ,x", "Column 2 has no name."),
        ("user_id,,", "Columns 2 and 3 have no name."),
        (",,", "Columns 1, 2 and 3 have no name."),
        ("a, a,b", '"a" is the name of 2 columns'),
    ],
)
def test_columns_without_a_name_of_their_own_are_listed(load: Load, header: str, said: str) -> None:
    assert said in refused(load, "DS_COLUMNS", header + "\n" + "1,2,3\n" * ROWS).message


def test_a_name_of_a_column_that_is_too_long_is_to_be_shortened(load: Load) -> None:
    error = refused(load, "DS_TOO_LARGE", f"user_id,{'n' * 3_000},x\n" + "1,2,3\n" * ROWS)
    assert "3,000 characters" in error.message
    assert error.hint == "Shorten the name of column 2 in the file."


def test_names_that_differ_in_case_only_are_two_columns_and_order_is_kept(load: Load) -> None:
    found = load(table(Price=lambda r: str(r), price=lambda r: "x", A=lambda r: "1"))
    assert found.frame.columns == ["user_id", "item_id", "Price", "price", "A"]
    assert (found.frame["Price"].dtype, found.frame["price"].dtype) == (pl.Int64, pl.String)


@pytest.mark.parametrize(
    ("limit", "value", "content", "said"),
    [
        ("MAX_CSV_BYTES", 100, table(), "bytes; at most 100"),
        ("MAX_ROWS", 119, table(), "120 rows; at most 119"),
        ("MAX_COLUMNS", 2, table(x=lambda r: "1"), "3 columns; at most 2"),
        ("MAX_NAME", 6, table(), "7 characters; at most 6"),
        (
            "MAX_CELL_BYTES",
            9,
            table(x=lambda r: "é" * 5 if r == 8 else "a"),
            "in row 9, has 10 bytes; at most 9",
        ),
        ("MAX_PARQUET_BYTES", 100, pl.DataFrame({"a": range(500)}), "bytes; at most 100"),
        ("MAX_ROWS", 499, pl.DataFrame({"a": range(500)}), "500 rows; at most 499"),
        ("MAX_CELL_BYTES", 9, pl.DataFrame({"a": ["b" * 10] * 500}), "has 10 bytes; at most 9"),
    ],
)
def test_what_is_too_large_is_named_with_the_limit_and_the_value(
    load: Load, monkeypatch, limit, value, content, said
) -> None:
    for module in (limits, uploaded_file):
        if hasattr(module, limit):
            monkeypatch.setattr(module, limit, value)
    assert said in refused(load, "DS_TOO_LARGE", content).message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (table(0), "the names of its columns and no rows"),
        (table(1), "has 1 row;"),
        (table(99), "has 99 rows"),
        (table(x=lambda r: "1").replace("u", "").replace("ser_id", "user_id").replace("3,i", ",i"), None),
        (table(110, x=lambda r: "1").replace("\nu3,", "\n,"), "has 94 rows after 16"),
        (table().replace("u1", "u0").replace("u2", "u0").replace("u3", "u0").replace("u4", "u0").replace("u5", "u0").replace("u6", "u0"), '"user_id" has 1 user;'),
    ],
)  # fmt: skip
def test_what_is_too_small_is_refused(load: Load, content: str, said: str | None) -> None:
    if said is None:
        assert load(content).facts.dropped > 0
    else:
        assert said in refused(load, "DS_TOO_SMALL", content).message


def test_rows_without_an_id_are_left_out_and_counted_but_kept_in_the_file(load: Load) -> None:
    found = load(table(200).replace("\nu3,", "\n,"))
    assert (found.facts.rows, found.facts.dropped, found.frame.height) == (200, 29, 171)
    assert any("29 of 200 rows have no user or no item" in notice for notice in read_of(load).notices)


def test_what_names_a_column_that_is_not_there_is_refused(load: Load) -> None:
    error = refused(load, "DS_COLUMNS", table(), types={"user": "text"})
    assert 'Did you mean "user_id"' in error.hint
    refused(load, "DS_COLUMNS", table(), roles={"x": "ignore"})


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"user_id": "user_id", "a": "user_id"}, '"user_id", "a" cannot all be the user_id'),
        ({"user_id": "timestamp"}, '"user_id" cannot be the timestamp: it holds text'),
        ({"day": "item_id"}, '"day" cannot be the item_id: it holds temporal'),
    ],
)
def test_roles_that_cannot_be_are_refused(load: Load, roles: dict[str, str], said: str) -> None:
    text = table(a=lambda r: str(r), day=lambda r: "2024-01-01")
    assert said in refused(load, "DS_ROLES", text, roles=roles).message


def test_without_ids_a_table_is_taken_and_it_is_said(load: Load) -> None:
    found = load(table(), roles={"user_id": "ignore", "item_id": "ignore"})
    assert found.facts.users is None
    assert len([notice for notice in read_of(load).notices if "No column looks like" in notice]) == 2


def test_cells_that_look_like_formulas_stay_data(load: Load) -> None:
    signs = ["=1+1", "+x", "-x", "@x"]
    found = load(table(c=lambda r: signs[r % 4]))
    assert found.frame["c"][:4].to_list() == signs


def test_the_same_content_has_the_same_fingerprint_whatever_the_file_looks_like(load: Load) -> None:
    first = load(table(p=lambda r: str(r / 4))).manifest.content_sha256
    other = load(table(sep=";", eol="\r\n", p=lambda r: str(r / 4))).manifest.content_sha256
    assert first == other
    assert load(table(p=lambda r: str(r / 4 + (r == 7)))).manifest.content_sha256 != first


@pytest.mark.parametrize("name", ["a[1]*?.csv", "-x=y.csv", "é 中.txt"])
def test_a_files_name_means_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(table())
    (tmp_path / "a1bc.csv").write_text("no table")
    read = read_import(tmp_path / name)
    assert isinstance(read.content, Path)
    read.content.unlink()
    assert read.manifest.about["rows"] == ROWS


def test_nothing_temporary_is_left_behind(load: Load, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    for content, options in (
        (table(), {"encoding": "latin-1"}),
        (table(3), {}),
        (table(), {"types": {"user_id": "numeric"}}),
    ):
        with contextlib.suppress(DatasetError):
            load(content, **options)
        assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"types": "a:numeric"}, "is not of the form column=word"),
        ({"types": "a=number"}, "did you mean numeric"),
        ({"types": '{"a": 3}'}, "must be text"),
        ({"types": "{a"}, "no JSON object"),
        ({"roles": {"a": "user"}}, "choose one of user_id"),
        ({"delimiter": ":"}, "delimiter"),
    ],
)
def test_options_that_cannot_be_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TableOptions(**given)


def test_options_may_be_text_as_on_a_command_line() -> None:
    given = TableOptions(types=" a = text, b=numeric ", roles='{"x=y": "user_id"}')
    assert given.by_column("types") == {"a": "text", "b": "numeric"}
    assert given.by_column("roles") == {"x=y": "user_id"}


@pytest.mark.parametrize("name", ["*", "^.*$", "^user.*$"])
def test_a_name_that_stands_for_several_columns_is_refused(load: Load, name: str) -> None:
    columns: dict[str, Any] = {name: str}
    for content in (
        table(**columns),
        pl.DataFrame({"user_id": ["a"] * 120, "item_id": ["b"] * 120, name: [1] * 120}),
    ):
        with pytest.raises(DatasetError, match="stands for several columns") as caught:
            load(content)
        assert (caught.value.code, caught.value.where) == ("DS_COLUMNS", name)


def test_several_times_without_a_timestamp_are_told(load: Load) -> None:
    times: dict[str, Any] = {name: lambda r: f"2024-01-{1 + r % 28:02d}" for name in ("ordered", "sent")}
    load(table(**times))
    assert any('Several columns are times ("ordered", "sent")' in notice for notice in read_of(load).notices)
    load(table(**times), roles="sent=timestamp")
    assert not any("Several columns" in notice for notice in read_of(load).notices)


def test_times_that_cannot_be_those_of_interactions_are_counted(load: Load) -> None:
    odd = {0: "0001-01-01", 1: "1969-12-31", 2: "9999-12-31"}
    load(table(time=lambda r: odd.get(r, f"2024-01-{1 + r % 28:02}")))
    said = [notice for notice in read_of(load).notices if "may be wrong" in notice]
    assert said == [
        'Of the times in "time" 2 before 1970 and 1 more than a year from now may be wrong: splits by time follow them.'
    ]
    load(table(time=lambda r: f"2024-01-{1 + r % 28:02}"))
    assert not any("may be wrong" in notice for notice in read_of(load).notices)


def test_infinite_numbers_are_counted_and_said(load: Load) -> None:
    load(table(rating=lambda r: {3: "inf", 4: "-inf"}.get(r, f"{1 + r % 5}.5")))
    said = [notice for notice in read_of(load).notices if "infinite" in notice]
    assert said == [
        '2 of 120 numbers of "rating" are infinite: no range or mean counts them, and as a target they are missing.'
    ]
    load(table(rating=lambda r: f"{1 + r % 5}.5"))
    assert not any("infinite" in notice for notice in read_of(load).notices)


LONG = "x" * 20_000


PROSE = 'Dear all,\nthis is a letter. He said "yes", and I, too, agreed;\nso we went.\n'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            PROSE * 50,
            "mine.csv is no table: no comma, semicolon, tab or | divides its lines into the same columns",
        ),
        ("word\n" * 200, "mine.csv is no table"),
        ("hello", "mine.csv is no table"),
        ("1::2::5\n" * 200, "mine.csv is no table"),
        ("\n \n\r\n" * 50, "mine.csv is empty: it has no line with text"),
        ('{"rows": [{"user": 1}]}', "mine.csv is JSON"),
        ('{"user_id": "u1", "item_id": "i1"}\n' * 200, "mine.csv is JSON"),
        ('\ufeff [\n {"user": 1},\n {"user": 2}]', "mine.csv is JSON"),
        ('["user_id", "item_id"]\n' * 200, "mine.csv is JSON"),
        ("<!DOCTYPE html>\n<html><table><tr><td>a,b</td></tr></table></html>", "mine.csv is an HTML page"),
        ('<?xml version="1.0"?>\n<a>1,2</a>', "mine.csv is an XML document"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 50, "mine.csv is a WebP image"),
    ],
)
def test_a_text_that_is_no_table_is_refused_with_what_it_is_and_what_to_do(
    load: Load, content: str | bytes, said: str
) -> None:
    error = refused(load, "DS_PARSE", content)
    assert said in error.message
    assert error.hint.startswith(("A table has a line for each row", "Write its table", "Choose a CSV"))


def test_a_delimiter_that_stands_nowhere_is_named(load: Load) -> None:
    error = refused(load, "DS_PARSE", table(), delimiter="semicolon")
    assert "the delimiter semicolon stands in none of its first lines" in error.message
    assert "Leave the delimiter out" in error.hint


@pytest.mark.parametrize(
    "names", ['"[a]","b"', "{a},b", "[1],b", "<a>,b", "html,body", "BMI,b", "[a, b]", "{,}"]
)
def test_a_table_whose_first_name_looks_like_something_else_is_read(load: Load, names: str) -> None:
    assert len(load(names + "\n" + "1,2\n" * 60 + "3,4\n" * 60).frame.columns) == 2


def test_a_column_of_texts_of_many_pages_is_taken_for_no_id_and_it_is_said_why(load: Load) -> None:
    content = table(item_note=lambda r: f"n{r % 5}{LONG if r == 7 else ''}").replace("item_id", "item_sku", 1)
    content = content.replace("item_note", "item_id", 1)
    found = load(content)
    assert (found.schema.only("item_id"), found.schema.only("user_id")) == ("item_sku", "user_id")
    assert found.facts.roles["item_id"] == "item_attribute"
    (said,) = [notice for notice in read_of(load).notices if "not taken" in notice]
    assert said == (
        '"item_id" is not taken for the item_id: its value in row 8 has 20,002 characters, and an id has 1,024 at most.'
    )


def test_such_a_column_is_refused_where_somebody_chooses_it(load: Load) -> None:
    content = table(note=lambda r: f"n{r % 5}{LONG if r == 7 else ''}")
    error = refused(load, "DS_TOO_LARGE", content, roles={"note": "item_id"})
    assert error.where == "note"
    assert error.message == (
        '"note" cannot be the item_id: its value in row 8 has 20,002 characters; at most 1,024 are possible.'
    )


@pytest.mark.parametrize(("length", "role"), [(1_024, "item_id"), (1_025, "item_attribute")])
def test_an_id_has_as_many_characters_as_are_said(load: Load, length: int, role: str) -> None:
    found = load(table().replace("i3\n", "é" * length + "\n"))
    assert found.facts.roles["item_id"] == role
