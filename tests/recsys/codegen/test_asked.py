"""The columns that features say a trainer is asked with are those that fitted features read."""

from __future__ import annotations

from recsys.codegen.asked import asked_columns
from recsys.features.config import TOWERS
from recsys.training.raw_columns import raw_columns
from tests.recsys.training.everything import CONFIG, HOSTILE, SCHEMA, fitted


def test_before_and_after_fitting_the_same_columns_are_asked_for_in_the_same_order() -> None:
    read = raw_columns(fitted(), SCHEMA)
    asked = {tower: asked_columns(CONFIG, tower, SCHEMA) for tower in TOWERS}
    assert asked == {tower: tuple(read[tower]) for tower in TOWERS}
    columns = [name for names in asked.values() for name in names]
    assert any(name.endswith("_history") for name in columns), "a history is among them"
    assert HOSTILE in columns
