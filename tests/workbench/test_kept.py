from __future__ import annotations

from typing import Any

from workbench.kept import Kept, Recent
from workbench.workbench import Workbench


class Thing:
    """Something worth keeping."""


def test_a_kind_of_object_is_made_once_a_workbench(bench: Any) -> None:
    kept = Kept()
    assert kept.of(Thing) is kept.of(Thing)
    assert kept.of(Thing) is not Kept().of(Thing)
    other = Workbench.open(bench.settings)
    assert bench.kept.of(Thing) is not other.kept.of(Thing)
    other.close()


def test_the_last_few_values_are_kept_and_made_once() -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number

    recent = Recent(2)
    for number in (1, 2, 1, 3, 1, 2):
        assert recent.get(number, lambda number=number: make(number)) == number
    assert made == [1, 2, 3, 2]


def test_several_values_are_asked_for_at_once_and_those_that_are_missing_are_made_together() -> None:
    made: list[list[int]] = []
    recent = Recent(3)

    def ask(*keys: str) -> list[str]:
        def make(places: list[int]) -> list[str]:
            made.append(places)
            return [keys[place].upper() for place in places]

        return recent.get_all(keys, make)

    assert ask("a", "b") == ["A", "B"]
    assert ask("c", "b", "d") == ["C", "B", "D"]
    assert ask("d", "b") == ["D", "B"]
    # more than are kept
    assert ask("a", "b", "c", "d", "e") == ["A", "B", "C", "D", "E"]
    assert ask("c", "d", "e") == ["C", "D", "E"]
    assert ask() == []
    assert made == [[0, 1], [0, 2], [0, 4]]
