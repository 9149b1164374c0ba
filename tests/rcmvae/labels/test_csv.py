"""Labels as CSV, the way people's spreadsheets write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcmvae.labels.csv import LabelFile, decoded, read_labels, write_labels

ANIMALS = ("ant", "bee", "cat")


def bad(file: LabelFile) -> list[str]:
    return [problem.path for problem in file.problems]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_line_ends_and_a_byte_order_mark_make_no_difference(end: str, separator: str, mark: str) -> None:
    text = mark + end.join(separator.join(pair) for pair in (("Index", " label"), ("4", "bee"), ("7", "2")))
    file = read_labels(text, ANIMALS)
    assert file.problems == ()
    assert file.labels == {4: 1, 7: 2}


def test_quoted_names_may_hold_separators_quotes_and_line_ends() -> None:
    names = ('a,"b"', "two\nlines", "semi;colon")
    text = 'index,label\n1,"a,""b"""\n2,"two\nlines"\n3,"semi;colon"\n4,nobody\n'
    file = read_labels(text, names)
    assert file.labels == {1: 0, 2: 1, 3: 2}
    assert bad(file) == ["line 6"]


def test_a_name_wins_over_a_number_and_classes_named_by_numbers_take_names_alone() -> None:
    names = ("1", "5", "9")
    file = read_labels("index,label\n0,0\n1,1\n2,2\n3,9\n4,01\n", names)
    assert bad(file) == ["line 2", "line 4", "line 6"]
    assert file.labels == {1: 0, 3: 2}
    assert "named by numbers" in file.problems[0].message


def test_digits_that_are_named_by_their_numbers_are_found_by_name() -> None:
    digits = tuple(str(n) for n in range(10))
    assert read_labels("index,label\n5,7\n", digits).labels == {5: 7}
    assert read_labels("index,label\n5,7\n", tuple(reversed(digits))).labels == {5: 2}


def test_a_number_counts_where_no_class_is_named_by_one() -> None:
    file = read_labels("index,label\n5,0\n6,3\n7,-1\n8,1.0\n9,99999999999\n", ANIMALS)
    assert file.labels == {5: 0}
    assert bad(file) == ["line 3", "line 4", "line 5", "line 6"]


def test_names_are_found_in_any_unicode_form_and_case_unless_that_is_ambiguous() -> None:
    names = ("Käfer", "a", "A", "Straße")
    text = "index,label\n1,{}\n2,käfer\n3,A\n4,a\n5,STRASSE\n".format(unicodedata.normalize("NFD", "Käfer"))
    assert read_labels(text, names).labels == {1: 0, 2: 0, 3: 2, 4: 1, 5: 3}
    assert bad(read_labels("index,label\n1,ß\n", ("SS", "ss"))) == ["line 2"]


def test_a_cell_that_csv_cannot_hold_is_a_bad_line_among_others() -> None:
    text = f"index,label\n1,{'x' * 131_073}\nx,ant\n2,ant\n"
    file = read_labels(text, ANIMALS)
    assert bad(file) == ["line 2", "line 3"]
    assert "131,072 characters" in file.problems[0].message
    assert file.labels == {2: 0}
    long = read_labels(f"index,label\n1,{'x' * 131_000}\n", ANIMALS)
    assert len(long.problems[0].message) < 200


def test_every_bad_line_is_listed() -> None:
    lines = ["index,label", "1,dragon", "x,ant", "2", "3,ant,more", "4,", "-5,ant", "٣,ant", "6,ant", "6,bee", "6,ant", "", '7,"ant']
    assert bad(read_labels("\n".join(lines), ANIMALS)) == [f"line {n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13)]


@pytest.mark.parametrize("text", ["", "\n", "a,b\n1,2\n", "1,2\n", "index label\n1 2\n", 'index,"label\n'])
def test_a_file_without_the_header_says_what_it_needs(text: str) -> None:
    file = read_labels(text, ANIMALS)
    assert bad(file) == ["line 1"]
    assert "index,label" in file.problems[0].message


def test_bytes_may_be_utf_8_or_marked_utf_16() -> None:
    text = "index,label\n1,Käfer\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_labels(decoded(text.encode(encoding)), ("Käfer",)).labels == {1: 0}
    with pytest.raises(UnicodeDecodeError):
        decoded(text.encode("latin-1"))


names = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), min_size=1, max_size=6, unique_by=str.casefold)


@given(names, st.data())
def test_what_is_written_is_read_back(class_names: list[str], data: st.DataObject) -> None:
    named = [name for name in class_names if name.strip() == name and "\0" not in name]
    kept = tuple(dict.fromkeys(unicodedata.normalize("NFC", name) for name in named))
    labels = data.draw(st.dictionaries(st.integers(0, 10**8), st.integers(0, len(kept) - 1), max_size=5)) if kept else {}
    file = read_labels(write_labels(labels, kept), kept)
    assert file.problems == ()
    assert file.labels == labels


@given(st.text(), st.lists(st.text(max_size=5), max_size=4))
def test_no_text_crashes_the_reader(text: str, class_names: list[str]) -> None:
    read_labels(f"index,label\n{text}", class_names)
    read_labels(text, class_names)
