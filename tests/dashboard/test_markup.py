"""Plain elements become one component, and the document that a browser gets stays the same."""

from __future__ import annotations

import builtins
import json
from typing import Any

import pytest
from dash import Input, Output, dcc, html
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from dashboard.components.attributes import attrs
from dashboard.markup import ELEMENTS, FoldingDash, Markup, folded


def page() -> html.Div:
    """Elements of all kinds: nested, in lists of lists, with ids, with other components among them."""
    nested: Any = ["All ", html.B(3), " of them", None, [html.I(className="bi"), " nested"]]
    return html.Div(
        [
            html.H1("Models"),
            html.P(nested, className="lead"),
            html.Div([html.Span("first"), html.Span("second"), html.Div([html.Em("third")], id="inner")], id="outer"),
            dcc.Link([html.I(), html.Span("there")], href="/there"),
            html.Label("Name", htmlFor="name", **attrs({"aria-label": "the name"})),
            dcc.Input(id="name"),
            html.Details([html.Summary("More"), "words"], open=True),
        ],
        className="page",
    )


def flat(entries: list[Any]) -> list[Any]:
    """Entries without lists in lists, texts that touch joined."""
    found: list[Any] = []
    for entry in entries:
        for one in flat(entry) if isinstance(entry, list) else [entry]:
            if isinstance(one, str) and found and isinstance(found[-1], str):
                found[-1] += one
            else:
                found.append(one)
    return found


def document(shown: Any) -> Any:
    """What a browser would have of a component's JSON: (name, attributes, entries), with no trace of folds."""
    if shown is None or isinstance(shown, bool):
        return []
    if isinstance(shown, list):
        return [document(one) for one in shown]
    if not isinstance(shown, dict):
        return str(shown)
    props = dict(shown["props"])
    if shown["type"] == "Markup":
        return tree_document(props["tree"], props.get("children") or [])
    children = props.pop("children", None)
    name = shown["type"].lower() if shown["namespace"] == ELEMENTS else f"{shown['namespace']}.{shown['type']}"
    return (name, json.dumps(props, sort_keys=True), flat([document(children)]))


def tree_document(entry: Any, children: list[Any]) -> Any:
    """The same of an entry of a tree."""
    if isinstance(entry, str):
        return entry
    if isinstance(entry, int):
        return document(children[entry])
    tag, props, *entries = entry
    within = flat([tree_document(one, children) for one in entries])
    return (tag, json.dumps(props, sort_keys=True), within) if tag else within


def plain(shown: Any) -> Any:
    """A component as the browser is sent it."""
    return json.loads(str(to_json_plotly(shown)))


def count(shown: Any) -> int:
    """How many components Dash has to ask."""
    if isinstance(shown, list):
        return sum(count(one) for one in shown)
    if not isinstance(shown, dict):
        return 0
    return ("namespace" in shown) + sum(count(value) for value in shown.values())


def ids(shown: Any) -> list[Any]:
    """All ids of components, in their order."""
    if isinstance(shown, list):
        return [one for entry in shown for one in ids(entry)]
    if not isinstance(shown, dict):
        return []
    own = [shown["props"]["id"]] if "namespace" in shown and "id" in shown["props"] else []
    return own + [one for value in shown.values() for one in ids(value)]


def test_a_folded_page_is_the_same_document_of_fewer_components() -> None:
    before, after = plain(page()), plain(folded(page()))
    assert document(after) == document(before)
    assert ids(after) == ids(before) == ["outer", "inner", "name"]
    assert (count(before), count(after)) == (17, 8)


def test_what_callbacks_can_mean_stays_a_component_with_its_path_through_children() -> None:
    folded_page: Any = folded(page())
    assert isinstance(folded_page, Markup)
    kinds = [child._type for child in folded_page.children or []]
    assert kinds == ["Div", "Link", "Input"]


def test_components_that_are_kept_are_not_changed_by_folding_them() -> None:
    kept = page()
    before = plain(kept)
    assert plain(folded(kept)) == plain(folded(kept))
    assert plain(kept) == before


def test_what_is_no_component_and_what_is_one_element_alone_stays_what_it_is() -> None:
    for value in ("words", 3, None, True, {"a": 1}, [1, 2], ("x", None)):
        assert folded(value) == value
    alone = folded(html.Span("one"))
    assert isinstance(alone, html.Span)
    link = folded(dcc.Link("there", href="/"))
    assert isinstance(link, dcc.Link)


def test_an_element_with_clicks_that_nothing_counts_loses_their_count_alone() -> None:
    shown: Any = plain(folded(html.Div([html.Button("Go", n_clicks=0, title="now"), html.Button("Stop", disabled=True)])))
    assert shown["props"]["tree"] == ["div", {}, ["button", {"title": "now"}, "Go"], ["button", {"disabled": True}, "Stop"]]


def test_answers_of_callbacks_are_folded_and_other_outputs_pass() -> None:
    app = FoldingDash("test", suppress_callback_exceptions=True)
    app.layout = html.Div([html.Div(id="shown"), dcc.Store(id="kept"), dcc.Input(id="asked")])

    @app.callback(Output("shown", "children"), Output("kept", "data"), Input("asked", "value"))
    def answer(value: str) -> tuple[list[Component], dict[str, Any]]:
        return [html.P(value), html.Ul([html.Li("again")])], {"value": value}

    body = {
        "output": "..shown.children...kept.data..",
        "outputs": [{"id": "shown", "property": "children"}, {"id": "kept", "property": "data"}],
        "inputs": [{"id": "asked", "property": "value", "value": "words"}],
        "changedPropIds": ["asked.value"],
    }
    response = app.server.test_client().post("/_dash-update-component", json=body).get_json()["response"]
    assert response["kept"]["data"] == {"value": "words"}
    assert [document(one) for one in response["shown"]["children"]] == [("p", "{}", ["words"]), ("ul", "{}", [("li", "{}", ["again"])])]
    assert count(response["shown"]["children"]) == 2


def test_a_fold_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    given = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", lambda name, *more, **named: asked.append(name) or given(name, *more, **named))
    made = Markup([], ["div", {}])
    monkeypatch.undo()
    assert "trellis_parts" not in asked
    assert made.to_plotly_json()["props"]["tree"] == ["div", {}]


def test_an_attribute_that_dash_refuses_reaches_the_element() -> None:
    late: dict[str, str] = {"data-loading": "lazy"}
    found = folded(html.Div(html.Img(src="/a.png", **late)))  # pyright: ignore[reportArgumentType]
    assert found.tree == ["div", {}, ["img", {"src": "/a.png", "loading": "lazy"}]]
