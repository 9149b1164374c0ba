from __future__ import annotations

from typing import Any

import pytest

from tests.support.fake_family import Architecture, Training
from workbench.fields import parse_field, spec_of


def parsed(name: str, raw: Any) -> Any:
    return parse_field(spec_of(Architecture if name in Architecture.model_fields else Training, name), raw)


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("width", "12", 12), ("width", " 1e2 ", 100), ("width", "128.0", 128), ("width", 8.0, 8), ("random_seed", "9007199254740993", 9007199254740993),
        ("learning_rate", "1e-3", 0.001), ("learning_rate", 1, 1.0), ("clip", "", None), ("clip", "none", None), ("clip", None, None),
        ("parts", "", "auto"), ("parts", "AUTO", "auto"), ("parts", "7", 7), ("layers", "4, 2", (4, 2)), ("layers", "4x2;1", (4, 2, 1)),
        ("layers", [3], (3,)), ("use_noise", "Yes", True), ("use_noise", "off", False), ("use_noise", True, True), ("monitor", "accuracy", "accuracy"),
    ],
)  # fmt: skip
def test_text_of_a_control_becomes_the_fields_value(name: str, raw: Any, value: Any) -> None:
    result = parsed(name, raw)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("width", "twelve", "must be a whole number (got twelve)"), ("width", "2.5", "must be a whole number"), ("width", True, "must be a whole number"),
        ("width", "", "needs a value"), ("width", None, "needs a value"), ("width", "0", "1 to 512"), ("learning_rate", "nan", "finite"),
        ("learning_rate", "2", "greater than 0, at most 1"), ("learning_rate", False, "must be a number"), ("layers", "4,two", "numbers separated by commas"),
        ("layers", [True], "numbers separated by commas"), ("layers", "1,2,3,4,5", "at most 4 entries"), ("layers", "65", "1 to 64"),
        ("use_noise", "perhaps", "must be true or false (got perhaps)"), ("monitor", "x", "must be one of "), ("parts", "1e400", "whole number"),
    ],
)  # fmt: skip
def test_what_cannot_be_the_fields_value_is_said_in_words(name: str, raw: Any, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        parsed(name, raw)
    assert words in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("width", "9" * 300), ("width", "x" * 300), ("monitor", "x" * 300)])
def test_a_refusal_repeats_no_more_of_a_value_than_fits_a_line(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="must be") as caught:
        parsed(name, value)
    assert len(str(caught.value)) < 200
