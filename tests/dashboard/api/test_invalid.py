"""Problems of requests: a value of several types has one, at the field that the sender wrote."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from dashboard.api.dependencies import Key
from dashboard.api.invalid import problems_of_request


class Leaf(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["leaf"]
    size: int


class Asked(BaseModel):
    key: Key
    parts: list[Leaf | int] = []
    flag: bool | Literal["auto"] = "auto"


def problems(body: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Asked.model_validate(body)
    items = [{**item, "loc": ("body", *item["loc"])} for item in caught.value.errors()]
    return [(problem.path, problem.message) for problem in problems_of_request(items, body, ())]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"key": None}, ("key", "is missing: it must be a whole number or text")),
        ({"key": 1.5}, ("key", "must be a whole number or text")),
        ({"key": 0}, ("key", "input should be greater than or equal to 1")),
        ({}, ("key", "field required")),
        ({"key": 1, "parts": [3, {"kind": "leaf"}]}, ("parts.1.size", "field required")),
    ],
)
def test_a_value_of_several_types_has_one_problem_where_the_sender_wrote_it(body: Any, expected: tuple[str, str]) -> None:
    found = problems(body)
    assert expected in found
    assert len({path for path, _ in found}) == len(found)
    assert not any(word in path for path, _ in found for word in ("constrained", "Leaf", "int", "str"))


def test_every_field_that_is_wrong_is_named() -> None:
    assert [path for path, _ in problems({"key": None, "flag": "perhaps"})] == ["key", "flag"]
