"""Lists of texts, lists that may be empty, and words that stand for a list."""

from __future__ import annotations

from typing import Literal

import pytest

from workbench.fields import ConfigModel, Modifiable, field, field_specs, parse_field


class Lists(ConfigModel):
    names: Modifiable[tuple[str, ...]] = field((), label="Names")
    kinds: Modifiable[tuple[Literal["red", "blue"], ...]] = field(("red",), label="Kinds")
    some: Modifiable[tuple[str, ...] | None] = field(None, label="Some", min_items=1)
    at: Modifiable[tuple[int, ...] | Literal["all"]] = field((1,), label="At", ge=0)
    three: Modifiable[tuple[float, float, float]] = field((1.0, 2.0, 3.0), label="Three", min_items=3, max_items=3)
    few: Modifiable[tuple[int, ...]] = field((1,), label="Few", min_items=1)


SPECS = {spec.name: spec for spec in field_specs(Lists)}


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("names", "exit, box 6", ("exit", "box 6")), ("names", "", ()), ("names", None, ()), ("names", "[a; b]", ("a", "b")),
        ("kinds", "blue,red", ("blue", "red")), ("kinds", "", ()), ("some", "", None), ("some", "a", ("a",)), ("at", "all", "all"),
        ("at", "0, 2", (0, 2)), ("at", "", ()), ("three", "1x2x3", (1.0, 2.0, 3.0)), ("three", "[1, 2, 3]", (1.0, 2.0, 3.0)),
    ],
)  # fmt: skip
def test_a_text_is_read_as_the_list_that_it_says(name: str, raw: str | None, value: object) -> None:
    assert parse_field(SPECS[name], raw) == value


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("kinds", "green", "red, blue"),
        ("at", "most", "all"),
        ("three", "1, 2", "numbers"),
        ("few", "", "needs a value"),
        ("three", None, "needs a value"),
    ],
)
def test_what_is_no_such_list_is_refused_in_words(name: str, raw: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_field(SPECS[name], raw)
