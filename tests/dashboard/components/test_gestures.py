"""Gestures: each is applied once and in order, whatever the browser sends again."""

from __future__ import annotations

import pytest

from dashboard.components import Action
from dashboard.components.gestures import unapplied


def sent(seq: object, name: str = "add") -> dict:
    return {"action": name, "id": str(seq), "value": None, "at": 1, "seq": seq}


def test_gestures_after_the_known_one_come_in_order() -> None:
    assert unapplied([sent(3), sent(1), sent(2)], 1) == [(2, Action("add", "2")), (3, Action("add", "3"))]


def test_what_was_applied_is_not_applied_again() -> None:
    assert unapplied([sent(1), sent(2)], 2) == []


@pytest.mark.parametrize("data", [None, {}, "x", [None], [{"action": "add", "seq": 4}, sent("5"), sent(True), {"seq": 6}]])
def test_anything_malformed_is_no_gesture(data: object) -> None:
    assert unapplied(data, 4) == []
