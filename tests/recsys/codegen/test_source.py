from __future__ import annotations

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.codegen.source import WIDTH, assigned, called, comment, literal


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_literal_is_its_text_on_one_line(text: str) -> None:
    written = literal(text)
    assert ast.literal_eval(written) == text
    assert written.isprintable()


def test_what_could_be_invisible_or_wide_is_escaped() -> None:
    assert literal("größe \u202e名\u0301\xad😀\t") == r'"größe \u202e\u540d\u0301\xad\U0001f600\t"'
    assert literal('say "a"') == "'say \"a\"'"
    assert literal("it's \"") == '"it\'s \\""'


@given(st.text(min_size=100, max_size=400))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_long_text_is_assigned_in_pieces(text: str) -> None:
    lines = assigned("NAME", text)
    assert max(map(len, lines)) <= WIDTH
    tree = ast.parse("\n".join(lines)).body
    assert len(tree) == 1
    assert isinstance(tree[0], ast.Assign)
    assert ast.literal_eval(tree[0].value) == text


def test_a_call_takes_a_line_for_each_argument_only_if_it_must() -> None:
    assert called("a", "f", ["b", "c"]) == ["    a = f(b, c)"]
    long = "x" * 60
    assert called(long, "f", [long, "c"]) == [f"    {long} = f(", f"        {long},", "        c,", "    )"]


def test_a_comment_quotes_the_beginning_of_a_name() -> None:
    assert comment("a\n#b") == '"a\\n#b"'
    assert comment("y" * 99) == f'"{"y" * 78}"...'
    assert comment("😀" * 9, 40) == '"' + "\\U0001f600" * 3 + '"...'
