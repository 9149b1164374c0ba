from __future__ import annotations

import pytest
from dash import html

from dashboard.pages.page import Page, arguments, find, query_of
from dashboard.pages.registry import all_pages


def page(template: str, **more: object) -> Page:
    return Page(template, "Title", lambda *_args, **_kwargs: html.Div(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/", "/", {}),
        ("/", "/x", None),
        ("/create", "/create/", {}),
        ("/model/<model_id>", "/model/abc", {"model_id": "abc"}),
        ("/model/<model_id>", "/model/", None),
        ("/model/<model_id>", "/model/abc/train", None),
        ("/model/<model_id>/<tab>", "/model/abc/train", {"model_id": "abc", "tab": "train"}),
        ("/run/<run_id>", "/run/a%2Fb", {"run_id": "a/b"}),
        ("/a.b", "/aXb", None),
    ],
)
def test_an_address_finds_its_page_and_its_variables(template: str, path: str, expected: dict | None) -> None:
    assert page(template).match(path) == expected


def test_the_first_page_that_fits_is_taken_and_nothing_for_an_unknown_address() -> None:
    pages = (page("/runs"), page("/<anything>"))
    assert find(pages, "/runs") == (pages[0], {})
    assert find(pages, "/other") == (pages[1], {"anything": "other"})
    assert find(pages, "/a/b") is None


def test_query_parameters_are_given_only_to_pages_that_want_them() -> None:
    assert arguments(page("/x"), {"id": "1"}, "?a=2") == {"id": "1"}
    assert arguments(page("/x", wants_query=True), {"id": "1"}, "?a=2&a=3&b=") == {"id": "1", "query": {"a": "3", "b": ""}}
    assert query_of(None) == {}


def test_no_two_pages_share_an_address_and_every_page_in_the_bar_exists() -> None:
    templates = [p.path_template for p in all_pages()]
    assert len(set(templates)) == len(templates)
    for path in ("/", "/runs", "/help", "/settings", "/create", "/model/model_x", "/model/model_x/train", "/run/run_x"):
        assert find(all_pages(), path) is not None, path
