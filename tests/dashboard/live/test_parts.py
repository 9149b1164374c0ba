"""Parts that are written again only when they have changed."""

from __future__ import annotations

import json

from dash import html

from dashboard.live.parts import Part, Written, live_text, part_of


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
    part = part_of(_strip("3.1"))
    written = json.loads(part.written)
    assert written["key"] == part.key
    (_, _, label, shown) = written["children"]["props"]["tree"]
    assert label == ["span", {}, "Loss"]
    assert shown == ["span", {"data-live": "metric-0"}, "3.1"]


def test_a_part_is_drawn_for_a_page_that_lacks_it_and_once_for_all_such_pages() -> None:
    drawn: list[str] = []
    part = Part("a", Written(lambda: drawn.append("drawn") or html.P("x")))
    assert drawn == []
    assert json.loads(part.written)["children"]["props"]["children"] == "x"
    assert part.saying({"metric-0": "2.9"}).written == part.written
    assert drawn == ["drawn"]
