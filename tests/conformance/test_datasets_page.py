"""The Datasets page with several families: each brings its own ways to add data, a source with settings among them."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.pages.datasets import layout, view
from tests.support.trees import having, text_of, with_id
from workbench.commands.base import CommandError


@pytest.fixture
def context(bench: Any) -> AppContext:
    return AppContext(lambda: bench, bench.settings)


def test_an_address_chooses_whose_data_is_added(context: AppContext) -> None:
    first = view.render(context, {})
    assert with_id(first, "datasets-family").data == "rcmvae"
    assert having(first, href="/datasets?family=fake")
    page = view.render(context, {"family": "fake"})
    assert with_id(page, "datasets-family").data == "fake"
    assert not having(page, id=layout.UPLOAD)
    assert with_id(view.render(context, {"family": "nobody"}), "datasets-family").data == "rcmvae"


def test_a_source_with_settings_is_a_form_that_makes_a_dataset(context: AppContext) -> None:
    page = view.render(context, {"family": "fake"})
    assert "Rows on demand." in text_of(page)
    assert with_id(page, {"form": layout.MAKE_FORM, "field": "rows"}).value == "60"
    made = view.make(context, "user:test", "fake", "made", "", {"rows": "7"})
    assert (made.name, made.params, made.status) == ("Made", {"rows": 7}, "ready")
    assert view.make(context, "user:test", "fake", "made", "", {"rows": "8"}).name == "Made (2)"
    assert "Made (2)" in text_of(view.render(context, {}))


def test_a_setting_that_does_not_fit_is_refused_and_nothing_is_made(context: AppContext) -> None:
    before = context.workbench.state().datasets
    for raw in ({"rows": "many"}, {"rows": "0"}, {"colour": "red"}):
        with pytest.raises(CommandError) as raised:
            view.make(context, "user:test", "fake", "made", "", raw)
        assert [problem.path for problem in raised.value.problems] == list(raw)
    assert context.workbench.state().datasets == before


def test_a_click_on_make_makes_it(context: AppContext, client: Any) -> None:
    field = {"form": layout.MAKE_FORM, "field": "rows"}
    asked = {
        "output": "datasets-make-message.children",
        "outputs": {"id": "datasets-make-message", "property": "children"},
        "changedPropIds": ["datasets-make.n_clicks"],
        "inputs": [{"id": "datasets-make", "property": "n_clicks", "value": 1}],
        "state": [
            {"id": "datasets-make-name", "property": "value", "value": "Seven"}, {"id": "datasets-family", "property": "data", "value": "fake"},
            {"id": "datasets-source", "property": "data", "value": "made"}, {"id": "datasets-then", "property": "data", "value": "/datasets"},
            [{"id": field, "property": "value", "value": "7"}], [{"id": field, "property": "id", "value": field}],
        ],
    }  # fmt: skip
    answer = client.post("/_dash-update-component", json=asked)
    assert answer.status_code == 200, answer.text
    assert [found.params for found in context.workbench.state().datasets.values() if found.name == "Seven"] == [{"rows": 7}]
