"""Files are read as YAML 1.2 data with positions; everything else in YAML is refused, and so is what is too large."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench.configuration import largest_file
from tests.workbench.layered.conftest import refused
from workbench.layered import yaml12
from workbench.layered.problems import LayeredError
from workbench.layered.scalars import scalar_value, yaml_text
from workbench.layered.yaml12 import parse, parse_value, plain


def read(text: str | bytes) -> Any:
    return plain(parse(text if isinstance(text, bytes) else text.encode(), "f.yaml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3), ("1E3", 1e3), (".5", 0.5), ("1.", 1.0), ("-.5e1", -5.0), ("+12", 12), ("012", 12), ("0o17", 15), ("0x1F", 31),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("2020-01-02", "2020-01-02"), ("1:30", "1:30"),
        ("1_000", "1_000"), ("true", True), ("True", True), ("TRUE", True), ("tRue", "tRue"), ("false", False), ("null", None),
        ("Null", None), ("~", None), ("", None), (".inf", math.inf), ("-.INF", -math.inf), ("1e999", math.inf), ('"1"', "1"), ("'true'", "true"),
    ],
)  # fmt: skip
def test_scalars_mean_what_the_core_schema_says(text: str, value: Any) -> None:
    found = read(f"key: {text}")["key"]
    assert found == value
    assert type(found) is type(value)


def test_nan_is_read() -> None:
    assert math.isnan(read("key: .nan")["key"])


def test_values_know_their_line_column_and_text() -> None:
    root = parse(b"a:\n  b: 0717450\n  c: [1,\n    x]\n", "f.yaml")
    inner = root.entries["a"].node
    assert isinstance(inner, yaml12.MapNode)
    number = inner.entries["b"].node
    assert isinstance(number, yaml12.ScalarNode)
    assert (number.mark.line, number.mark.column, number.text, number.value) == (2, 6, "0717450", 717450)
    listed = inner.entries["c"].node
    assert isinstance(listed, yaml12.ListNode)
    assert (listed.items[1].mark.line, listed.items[1].mark.column) == (4, 5)


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert read("") == read("# nothing\n") == read("\ufeff") == {}


def test_a_key_without_value_is_null_and_not_absent() -> None:
    assert read("a:\nb: 1") == {"a": None, "b": 1}


def test_keys_keep_their_order() -> None:
    assert list(read("z: 1\na: 2\nm: 3")) == ["z", "a", "m"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &x 1\n", 1), ("b: 1\na: *x\n", 2), ("a: 1\n<<: {b: 2}\n", 2), ("a: !!str 1\n", 1), ("a: !x {}\n", 1), ("a: 1\n---\nb: 2\n", 2),
        ("1: a\n", 1), ("b: 1\ntrue: a\n", 2), ("~: a\n", 1), ("? [a, b]\n: 1\n", 1), ("- a\n- b\n", 1), ("word\n", 1),
        ("a: [1, 2\n", 2), ("a: 1\n b: 2\n", 2), ("%TAG ! tag:x,2000:\n---\na: 1\n", 1), ("a: b: c\n", 1), ("a: \x01\n", 1),
    ],
)  # fmt: skip
def test_what_is_no_plain_data_is_refused_with_its_line(text: str, line: int) -> None:
    error = refused(lambda: read(text))
    assert (error.code, error.file, error.line) == ("CFG_PARSE", "f.yaml", line)


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    error = refused(lambda: read(b"a: 1\nb: \xff\n"))
    assert (error.code, error.line) == ("CFG_PARSE", 2)


def test_a_quoted_merge_sign_is_a_name() -> None:
    assert read("'<<': 1") == {"<<": 1}


def test_a_key_that_stands_twice_is_told_with_both_lines() -> None:
    error = refused(lambda: read("a:\n  x: 1\n  y: 2\n  x: 3\n"))
    assert (error.code, error.key, error.line) == ("CFG_DUPLICATE_KEY", "x", 4)
    assert "line 2 and in line 4" in str(error)


def test_the_same_key_in_two_mappings_is_no_duplicate() -> None:
    assert read("a: {x: 1}\nb: {x: 2}") == {"a": {"x": 1}, "b": {"x": 2}}


def nested(depth: int) -> str:
    return "a: " + "[" * (depth - 1) + "]" * (depth - 1)


@pytest.mark.parametrize(
    ("legal", "beyond"),
    [
        (b"#" + b" " * (yaml12.MAX_BYTES - 1), b"#" + b" " * yaml12.MAX_BYTES),
        (nested(yaml12.MAX_NESTING).encode(), nested(yaml12.MAX_NESTING + 1).encode()),
        (b"a: [" + b"1," * yaml12.MAX_LIST + b"]", b"a: [" + b"1," * (yaml12.MAX_LIST + 1) + b"]"),
        (b"a: " + b"x" * yaml12.MAX_SCALAR, b"a: " + b"x" * (yaml12.MAX_SCALAR + 1)),
        (b"a: " + b"1" * 4300, b"a: " + b"1" * 4301),
    ],
    ids=["bytes", "nesting", "list", "scalar", "digits"],
)
def test_each_limit_holds_exactly(legal: bytes, beyond: bytes) -> None:
    read(legal)
    assert refused(lambda: read(beyond)).code == "CFG_LIMIT"


def test_very_deep_nesting_ends_in_an_error_and_not_in_a_crash() -> None:
    assert refused(lambda: read(nested(100_000))).code in ("CFG_LIMIT", "CFG_PARSE")


def test_the_largest_legal_file_is_read_whole() -> None:
    data = largest_file()
    assert 0.98 * yaml12.MAX_BYTES < len(data) <= yaml12.MAX_BYTES
    found = plain(parse(data, "f.yaml"))
    assert len(found) == 118
    assert found["k117"][-1] == [1, 2.5, "word", True]


def test_a_value_of_a_command_line_is_read_by_itself() -> None:
    assert plain(parse_value("[1, a]", "cli#1")) == [1, "a"]
    assert plain(parse_value("", "cli#1")) is None
    assert refused(lambda: parse_value("[1", "cli#1")).file == "cli#1"


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8", exclude_categories=["C"]))
)


@given(scalars | st.lists(scalars, max_size=4))
def test_what_is_written_reads_back_as_the_same(value: Any) -> None:
    found = read(f"key: {yaml_text(value)}")["key"]
    assert found == value
    assert type(found) is type(value)


@given(
    st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["yes", "no", "null", "1e3", "a b", "x: y"])
)
def test_readers_of_the_older_yaml_take_what_is_written_for_the_same(value: Any) -> None:
    assert yaml.safe_load(f"key: {yaml_text(value)}") == {"key": value}


@given(st.text(max_size=20))
def test_no_text_crashes_the_reader_of_scalars(text: str) -> None:
    scalar_value(text)


@given(st.binary(max_size=60))
def test_no_bytes_crash_the_parser(data: bytes) -> None:
    code = None
    try:
        read(data)
    except LayeredError as error:
        code = error.code
    assert code in (None, "CFG_PARSE", "CFG_DUPLICATE_KEY", "CFG_LIMIT")


def test_a_key_that_stands_twice_in_one_line_is_told_with_that_line() -> None:
    assert "x is set twice, both in line 2" in str(refused(lambda: read("a:\n  {x: 1, x: 3}\n")))
