"""What an edit of a wizard draws anew: what it changed, and nothing that stands there already."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dash import no_update

from dashboard.components import Action
from dashboard.families.recsys.pages.drafts import Edited
from dashboard.families.recsys.pages.features import callbacks as feature_callbacks
from dashboard.families.recsys.pages.features import view as feature_view
from dashboard.families.recsys.pages.models import callbacks, draft, view
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.recommender_family import SALES

COMMON = 8
"""Outputs that every wizard has, before its parts; the second is what the browser is told."""


def parts_after(bench: Any, held: Any, seen: Any) -> tuple[dict[str, Any], Any]:
    answer = callbacks.drawn(context_of(bench), Edited(held), seen)
    return dict(zip(callbacks._PARTS, answer[COMMON:], strict=False)), answer[1]


def test_an_edit_draws_the_parts_that_it_changed(bench: Any) -> None:
    held = view.draft_of(context_of(bench), "new")
    first, seen = parts_after(bench, held, None)
    assert no_update not in first.values()
    same, again = parts_after(bench, held, json.loads(json.dumps(seen)))
    assert (set(same.values()), again["parts"]) == ({no_update}, seen["parts"])
    wider = draft.edited(held, Action("set-layer", "buyer:0", json.dumps({"units": 96}))).draft
    after, _ = parts_after(bench, wider, seen)
    assert {name for name, part in after.items() if part is not no_update} == {"start", "presets", "towers"}
    assert "Dense 96" in json.dumps(after["towers"], default=lambda part: part.to_plotly_json())


@pytest.mark.parametrize("seen", [None, {}, {"parts": None}, {"parts": {"towers": 1}}, "nonsense", [1]])
def test_whatever_the_browser_sends_back_everything_unknown_is_drawn(bench: Any, seen: Any) -> None:
    shown, _ = parts_after(bench, view.draft_of(context_of(bench), "new"), seen)
    assert no_update not in shown.values()


def test_features_draw_what_changed_too(bench: Any) -> None:
    context = context_of(bench)
    held = feature_view.draft_of(context, f"new?dataset={SALES}&start=smart")
    first = feature_callbacks.drawn(context, Edited(held))
    assert no_update not in first[COMMON:]
    again = feature_callbacks.drawn(context, Edited(held), first[1])
    assert again[COMMON:] == (no_update, no_update)
