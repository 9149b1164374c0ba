"""Tours are short, and every step is about a part of its page."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.components.tour import MOST, Step, tour
from dashboard.families.rcmvae.explore.touring import TOUR
from dashboard.pages.model import render
from tests.support.trees import walk, with_id


def test_a_longer_tour_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 5"):
        tour("long", [Step("a", "b", "c")] * (MOST + 1))


def test_every_step_is_about_a_part_that_the_page_has(bench: Any, digits_model: Any) -> None:
    from dashboard.context import AppContext

    page = render(AppContext(lambda: bench, bench.settings), digits_model.id, "explore")
    ids = {getattr(part, "id", None) for part in walk(page)}
    assert {step.part for step in TOUR} <= ids
    assert [step["part"] for step in with_id(page, "tour-of").data["steps"]] == [step.part for step in TOUR]
