"""Parts that are written again only when they have changed."""

from __future__ import annotations

import pytest
from dash import html

from dashboard.live.parts import keyed, live_text, part_of


def _strip(value: str, label: str = "Loss") -> html.Div:
    return html.Div([html.Span(label), live_text(value, "metric-0")])


def test_a_text_that_changes_with_every_epoch_leaves_the_parts_key() -> None:
    first, second = part_of(_strip("3.1")), part_of(_strip("2.9"))
    assert first.key == second.key
    assert (first.texts, second.texts) == ({"metric-0": "3.1"}, {"metric-0": "2.9"})


def test_anything_else_changes_it() -> None:
    assert part_of(_strip("3.1")).key != part_of(_strip("3.1", "Accuracy")).key
    assert part_of(html.Div("3.1")).key != part_of(html.Div("2.9")).key
    assert part_of(None).key != part_of([]).key


def test_a_part_holds_its_texts_for_whoever_writes_it_whole() -> None:
    (_, _, label, shown) = part_of(_strip("3.1")).children["props"]["tree"]
    assert label == ["span", {}, "Loss"]
    assert shown == ["span", {"data-live": "metric-0"}, "3.1"]


def test_a_page_that_shows_a_part_gets_its_texts_alone() -> None:
    known = part_of(_strip("3.1")).key
    again = part_of(_strip("2.9"), known)
    assert (again.key, again.children, again.texts) == (known, None, {"metric-0": "2.9"})
    assert part_of(_strip("3.1", "Accuracy"), known).children is not None


def test_a_part_with_a_known_key_is_drawn_only_for_a_page_that_shows_another() -> None:
    def never() -> None:
        pytest.fail("drawn though the page shows it")

    assert keyed("a", "a", never).children is None
    assert keyed("b", "a", lambda: html.P("x")).children["props"]["children"] == "x"
