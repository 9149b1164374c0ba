"""Values with fields of their own, as a person fills them in: no JSON is typed."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import expect

from dashboard.forms.entries import entries_control
from tests.support.nested_config import FIELDS


def test_early_stopping_is_a_switch_with_its_fields(server: Any, visit: Any) -> None:
    page = visit(server, "/create?family=recsys")
    row = page.locator('.field[data-field="early_stopping"]')
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    expect(row.get_by_role("switch", name="Early stopping: on")).not_to_be_checked()
    expect(row.get_by_label("Patience")).to_be_hidden()
    assert page.locator("#create-page textarea:visible").count() == 0
    row.get_by_role("switch", name="Early stopping: on").check()
    row.get_by_label("Patience").fill("0")
    expect(row.locator(":scope > .field-message")).to_contain_text("Patience must be 1 to 500")
    row.get_by_label("Patience").fill("4")
    expect(row.locator(":scope > .field-message")).to_be_empty()
    expect(row.get_by_label("Patience")).to_be_focused()
    page.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url("**/model/*/train")
    stored = server.api(f"/models/{page.url.rsplit('/', 2)[-2]}")
    assert '"early_stopping": {"monitor": "recall_at_10", "patience": 4, "restore_best": true}' in json.dumps(stored)


_PLACED = """
(said) => {
  const place = document.createElement("div");
  place.dataset.entries = said;
  place.className = "entries";
  window.written = '[\\n  {"type": "dense", "units": 8, "dropout": 0.0}\\n]';
  window.dash_component_api.getLayout = () => ({ props: { value: window.written } });
  window.dash_clientside.set_props = (id, props) => { window.written = props.value; };
  document.querySelector("#page").append(place);
  window.trellis.draw_entries(document);
}
"""
"""Puts a list of entries on a page, without the form around it."""


def test_entries_of_a_list_are_added_moved_filled_and_removed(server: Any, visit: Any) -> None:
    control = entries_control({"form": "f", "field": "layers"}, FIELDS.specs["layers"], "[]")
    said = control.children[1].to_plotly_json()["props"]["data-entries"]  # pyright: ignore[reportOptionalSubscript]
    page = visit(server, "/help")
    page.evaluate(_PLACED, said)
    entries = page.locator(".entries .entry")
    expect(entries).to_have_count(1)
    page.get_by_role("button", name="Add embedding").click()
    expect(entries.nth(1)).to_be_focused()
    entries.nth(1).get_by_label("Column").fill("city")
    expect(entries.nth(1).get_by_label("Buckets")).to_be_hidden()
    entries.nth(1).get_by_role("switch", name="Hashed").check()
    entries.nth(1).get_by_label("Buckets").fill("9")
    page.get_by_role("button", name="Move entry 2 up").click()
    expect(entries.first).to_contain_text("1. Embedding")
    embedding = {"type": "embedding", "column": "city", "size": "auto", "hashed": True, "buckets": 9}
    held = lambda: json.loads(page.evaluate("window.written"))  # noqa: E731
    assert held() == [embedding, {"type": "dense", "units": 8, "dropout": 0}]
    entries.first.get_by_role("switch", name="Hashed").uncheck()
    assert held()[0] == {**embedding, "hashed": False, "buckets": 0}
    page.get_by_role("button", name="Remove entry 1").click()
    expect(entries).to_have_count(1)
    assert [entry["type"] for entry in held()] == ["dense"]


def test_what_is_fixed_of_entries_is_seen_to_be_and_what_is_tunable_is_changed(server: Any, visit: Any) -> None:
    control = entries_control({"form": "f", "field": "layers"}, FIELDS.specs["layers"], "[]", created=True)
    said = control.children[1].to_plotly_json()["props"]["data-entries"]  # pyright: ignore[reportOptionalSubscript]
    page = visit(server, "/help")
    page.evaluate(_PLACED, said)
    entry = page.locator(".entries .entry")
    expect(entry.get_by_label("Units")).to_be_disabled()
    expect(entry.get_by_label("Units")).to_have_value("8")
    expect(page.get_by_label("Units, fixed when the model was created")).to_be_visible()
    expect(page.locator(".entries button")).to_have_count(0)
    expect(page.locator(".entries")).to_contain_text("fixed when the model was created")
    entry.get_by_label("Dropout").fill("0.25")
    assert json.loads(page.evaluate("window.written")) == [{"type": "dense", "units": 8, "dropout": 0.25}]
