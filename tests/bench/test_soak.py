"""The soak finds what is lost, and takes nothing for lost that may have come either way."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bench.soak_parts import Place, Told


class Answers:
    """A server that knows two labels on two pages, a note and two runs."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {
            "/models/m/labels?limit=500": {"items": [{"index": 1, "label": 4}], "next": "c"},
            "/models/m/labels?limit=500&cursor=c": {"items": [{"index": 2, "label": 5}], "next": None},
            "/models/m": {"note": "Turn 7"},
            "/runs/r": {"state": "completed"},
            "/runs/s": {"state": "interrupted"},
        }

    def ask(self, path: str) -> Any:
        return self.known[path]


def lost(told: Told) -> dict[str, list[Any]]:
    return told.lost(cast(Place, Answers()))


def test_nothing_is_lost_where_everything_is_as_confirmed() -> None:
    told = Told(labels={("m", 1): 4, ("m", 2): 5}, notes={"m": "Turn 7"}, runs=["r"])
    assert lost(told) == {"labels": [], "notes": [], "runs": []}


@pytest.mark.parametrize(
    ("told", "what", "which"),
    [
        (Told(labels={("m", 1): 3}), "labels", [("m", 1)]),
        (Told(labels={("m", 9): 3}), "labels", [("m", 9)]),
        (Told(notes={"m": "Turn 8"}), "notes", ["m"]),
        (Told(runs=["r", "s"]), "runs", [("s", "interrupted")]),
    ],
)
def test_what_is_other_than_confirmed_or_not_there_is_lost(told: Told, what: str, which: list[Any]) -> None:
    assert lost(told)[what] == which


def test_what_was_asked_for_later_without_an_answer_may_hold() -> None:
    told = Told(labels={("m", 1): 3}, notes={"m": "Turn 6"}, asked={("m", 1): {4}, "m": {"Turn 7"}})
    assert lost(told) == {"labels": [], "notes": [], "runs": []}


def test_growth_is_told_of_the_ends_and_of_what_is_known() -> None:
    assert Told(memory=[100, float("nan"), 102, 104, 110, 150, 152]).growth() == (101, 151)
