"""Labelling on the Explore tab: by keys as fast as they come, taken back, by two people, across a server that is killed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import GONE, Server, accessibility_problems, start_server, stop_server
from tests.browser.training import LONG, start, trained, wait_for

SAFE = "All labels are safe"


@pytest.fixture(scope="module")
def model_id(server: Any) -> str:
    return trained(server, "Explored")[0]


def labels(server: Any, model_id: str) -> dict[int, int]:
    """Every label as the server has it."""
    page = server.api(f"/models/{model_id}/labels?limit=500")
    assert page["next"] is None
    return {item["index"]: item["label"] for item in page["items"]}


def explored(visit: Any, server: Any, model_id: str, **more: Any) -> Page:
    page = visit(server, f"/model/{model_id}/explore", **more)
    page.wait_for_function("window.trellis.explore.version > 0 && window.trellis.explore.suggestions().length > 0")
    return page


def suggested(page: Page) -> list[int]:
    """The rows of the list, in the order in which they are labelled."""
    return page.evaluate("window.trellis.explore.suggestions().map(({ index }) => index)")


def type_keys(page: Page, keys: str) -> None:
    """Look at the first suggestion and label from there on."""
    page.locator("#suggest-next").click()
    for key in keys:
        page.keyboard.press(key)


def again(server: Server) -> Server:
    """The same server, started again."""
    return start_server(server.home, urlsplit(server.url).port or 0)


def safe(page: Page) -> None:
    expect(page.locator("#labelling-safe")).to_have_text(SAFE)


def test_fifty_labels_as_fast_as_keys_can_be_sent_and_ten_taken_back(server: Any, model_id: str, visit: Any) -> None:
    page = explored(visit, server, model_id)
    before = labels(server, model_id)
    page.get_by_label("How many").select_option("50")
    expect(page.locator("#explore-suggestions ol > li")).to_have_count(50)
    order = page.evaluate("window.trellis.explore.suggestions().map(({ index }) => index)")
    page.locator("#suggest-next").click()
    page.locator("#labelling-title").click()
    for n in range(50):
        page.keyboard.press(str(n % 10))
    safe(page)
    wanted = {row: n % 10 for n, row in enumerate(order)}
    assert labels(server, model_id) == before | wanted
    listed = server.api(f"/models/{model_id}/labels?limit=500")["items"]
    assert {item["index"] for item in listed if item["proposed_by"] and item["proposed_by"]["strategy"] == "margin"} == set(order)
    for _ in range(10):
        page.keyboard.press("z")
    safe(page)
    assert labels(server, model_id) == before | dict(list(wanted.items())[:40])
    for _ in range(10):
        page.keyboard.press("y")
    safe(page)
    assert labels(server, model_id) == before | wanted


def test_undo_knows_what_was_done_before_the_page_was_loaded_again(server: Any, visit: Any) -> None:
    model_id = server.model("Reloaded")
    page = explored(visit, server, model_id)
    before = labels(server, model_id)
    first, second = suggested(page)[:2]
    type_keys(page, "31")
    safe(page)
    page.reload()
    page.wait_for_function("window.trellis.explore.version > 0")
    page.keyboard.press("z")
    page.wait_for_function(f"!window.trellis.explore.labels.has({second})")
    safe(page)
    assert labels(server, model_id) == before | {first: 3}
    page.keyboard.press("Shift+Z")
    page.wait_for_function(f"window.trellis.explore.labels.get({second}) === 1")
    assert labels(server, model_id) == before | {first: 3, second: 1}


def test_a_class_is_added_by_key_and_has_a_key(server: Any, visit: Any) -> None:
    visit.expects("409 (Conflict)")
    model_id = server.model("Growing")
    page = explored(visit, server, model_id)
    page.keyboard.press("n")
    name = page.get_by_role("dialog").get_by_role("textbox")
    name.fill("7")
    name.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("has a class 7 already")
    name.fill("smudge")
    name.press("Enter")
    expect(page.locator("#explore-labelling").get_by_role("button", name="smudge")).to_be_visible()
    row = suggested(page)[0]
    type_keys(page, "s")
    safe(page)
    assert labels(server, model_id)[row] == 10
    expect(page.locator("#explore-classes")).to_contain_text("smudge")


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["0", "1", "2"], ["0", "1", "2"]),
        (["7", "1"], ["7", "1"]),
        (["cat", "dog", "cow"], ["ca", "d", "co"]),
        (["Ankle boot", "Bag", "Coat", "Dress"], ["a", "b", "c", "d"]),
        (["nine", "zebra", "gnu", "yak"], ["i", "e", "u", "a"]),
        (["猫", "犬"], ["0", "1"]),
        (["aa", "aa ", "a"], ["aa", "ab", "ac"]),
    ],
)
def test_every_class_has_a_key_of_its_own(server: Any, model_id: str, visit: Any, names: list[str], keys: list[str]) -> None:
    page = explored(visit, server, model_id)
    assert page.evaluate("names => window.trellis.explore.keys_for(names)", names) == keys
    many = page.evaluate("window.trellis.explore.keys_for([...Array(40).keys()].map(n => `class ${n}`))")
    assert len(set(many)) == 40 or many.count("") == 40 - len(set(many) - {""})
    assert not any(a != b and a and b.startswith(a) for a in many for b in many), "no key is the beginning of another"


def test_typing_in_a_field_labels_nothing(server: Any, visit: Any) -> None:
    model_id = server.model("Typed")
    page = explored(visit, server, model_id)
    before = labels(server, model_id)
    page.locator("#suggest-next").click()
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_role("textbox").press_sequentially("345zy")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("5")
    safe(page)
    assert labels(server, model_id) == before


def test_a_refused_label_is_taken_back_and_said(server: Any, visit: Any) -> None:
    model_id = server.model("Refused")
    page = explored(visit, server, model_id)
    before = labels(server, model_id)
    page.evaluate("window.trellis.explore.label([1796], 3); window.trellis.explore.label([1795], 3)")
    page.wait_for_function("window.trellis.explore.unsaved() === 0")
    kept = labels(server, model_id)
    assert 1795 not in kept or 1796 not in kept, "of 200 samples of 1,797 one of these two is none"
    expect(page.locator("#toasts")).to_contain_text("cannot be labelled")
    page.wait_for_function(f"window.trellis.explore.labels.size === {len(kept)}")
    assert len(kept) - len(before) <= 1


def test_two_people_see_each_others_labels_and_whose_word_was_the_last(server: Any, visit: Any) -> None:
    model_id = server.model("Together")
    ann, ben = explored(visit, server, model_id), explored(visit, server, model_id)
    row = suggested(ann)[0]
    type_keys(ann, "4")
    ben.wait_for_function(f"window.trellis.explore.labels.get({row}) === 4")
    ben.evaluate(f"window.trellis.explore.look_at({row})")
    expect(ben.locator("#labelling-says")).to_contain_text(f"Sample {row} is labelled 4 (browser ")
    ben.keyboard.press("6")
    ann.wait_for_function(f"window.trellis.explore.labels.get({row}) === 6")
    expect(ann.locator("#toasts")).to_contain_text(f"changed sample {row} from 4, as you had it, to 6")
    ann.keyboard.press("z")
    expect(ann.locator("#toasts")).to_contain_text("was changed since, by browser")
    safe(ann)
    assert labels(server, model_id)[row] == 6
    assert ann.evaluate(f"window.trellis.explore.labels.get({row})") == 6


def test_labels_given_while_the_server_is_dead_arrive_when_it_is_back(tmp_path: Any, visit: Any) -> None:
    visit.expects(*GONE, "Callback error")
    running = start_server(tmp_path / "home")
    try:
        model_id = running.model("Survivor")
        page = explored(visit, running, model_id)
        before, order = labels(running, model_id), suggested(page)
        type_keys(page, "12345")
        running.process.kill()
        running.process.wait()
        for key in "67890":
            page.keyboard.press(key)
        expect(page.locator("#labelling-safe")).to_contain_text("on their way")
        wanted = before | dict(zip(order, (1, 2, 3, 4, 5, 6, 7, 8, 9, 0), strict=False))
        other = page.context.new_page()
        page.close()
        running = again(running)
        other.goto(f"{running.url}/help")
        other.wait_for_function("!Object.keys(window.localStorage).some(name => name.startsWith('trellis.labels.'))")
        assert labels(running, model_id) == wanted
        page = other
        page.goto(f"{running.url}/model/{model_id}/explore")
        page.wait_for_function("window.trellis.explore.suggestions().length > 0")
        order = suggested(page)
        type_keys(page, "11")
        running.process.kill()
        running.process.wait()
        for key in "zz2":
            page.keyboard.press(key)
        running = again(running)
        expect(page.locator(".connection")).to_have_count(0)
        safe(page)
        found = labels(running, model_id)
        assert {row: label for row, label in found.items() if row in order} == {order[0]: 2}
        assert {row: label for row, label in found.items() if row not in order} == wanted
    finally:
        stop_server(running)


def test_a_label_given_during_training_is_kept_for_the_next_run(server: Any, visit: Any) -> None:
    model_id = server.model("Busy", config=LONG)
    run_id = start(server, model_id)
    page = explored(visit, server, model_id)
    note = page.get_by_text("What you label now is kept and used by the next run.")
    expect(note).to_be_visible()
    wait_for(server, run_id, "running")
    row = suggested(page)[0]
    type_keys(page, "8")
    safe(page)
    assert labels(server, model_id)[row] == 8
    server.api(f"/runs/{run_id}/stop", {})
    wait_for(server, run_id, "stopped")
    expect(note).to_be_hidden()
    page.evaluate("window.trellis.explore.trained = true; window.trellis.explore.load()")
    page.wait_for_function("window.trellis.explore.proposal_of(window.trellis.explore.suggestions()[0].index)?.strategy === 'margin'")


@pytest.mark.parametrize("dark", [False, True])
def test_the_tab_is_accessible(server: Any, model_id: str, visit: Any, dark: bool) -> None:
    page = explored(visit, server, model_id, dark=dark)
    page.locator("#suggest-next").click()
    assert accessibility_problems(page) == []


def test_classes_are_renamed_and_merged_on_the_page_and_z_takes_the_merge_back(server: Any, visit: Any) -> None:
    model_id = server.model("Classes")
    page = explored(visit, server, model_id)
    ben = explored(visit, server, model_id)
    before = labels(server, model_id)
    page.get_by_role("button", name="Rename or merge 4").click()
    name = page.get_by_role("dialog").get_by_label("Name")
    name.fill("four")
    name.press("Enter")
    expect(page.locator("#explore-labelling").get_by_role("button", name="four")).to_be_visible()
    page.get_by_role("button", name="Rename or merge 7").click()
    page.get_by_role("dialog").get_by_label("Merge into").select_option("1")
    page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    expect(page.locator("#explore-labelling .class-button")).to_have_count(9)
    expect(ben.locator("#explore-labelling .class-button")).to_have_count(9)
    assert labels(server, model_id) == {row: 1 if label == 7 else label for row, label in before.items()}
    type_keys(page, "7")
    safe(page)
    assert 7 not in labels(server, model_id).values(), "the key of a merged class does nothing"
    page.keyboard.press("z")
    expect(page.locator("#explore-labelling .class-button")).to_have_count(10)
    assert labels(server, model_id) == before


def test_images_are_selected_in_the_grid_and_labelled_together(server: Any, visit: Any) -> None:
    model_id = server.model("Gridded")
    page = explored(visit, server, model_id)
    before = labels(server, model_id)
    page.get_by_role("button", name="Grid").click()
    assert page.url.endswith("?view=grid")
    page.get_by_label("Show", exact=True).select_option("unlabelled")
    expect(page.locator(".grid-says")).to_have_text(f"{200 - len(before)} images")
    tiles = page.locator(".grid-tile")
    tiles.nth(1).click()
    tiles.nth(4).click(modifiers=["Shift"])
    expect(page.locator(".grid-says")).to_contain_text("4 selected")
    chosen = page.evaluate("[...window.trellis.explore.selection]")
    page.keyboard.press("5")
    safe(page)
    assert labels(server, model_id) == before | dict.fromkeys(chosen, 5)
    page.keyboard.press("z")
    safe(page)
    assert labels(server, model_id) == before, "one step took back all four"
    tiles.nth(0).click()
    first = page.evaluate("window.trellis.explore.current")
    page.keyboard.press("3")
    second = page.evaluate("window.trellis.explore.current")
    page.keyboard.press("4")
    safe(page)
    assert second not in (first, None)
    assert labels(server, model_id) == before | {first: 3, second: 4}
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("window.trellis.explore.selection.length") == 2
    page.reload()
    expect(page.locator(".grid-tile").first).to_be_visible()
    assert accessibility_problems(page) == []


def test_many_are_labelled_only_after_a_yes(server: Any, visit: Any) -> None:
    model_id = server.model("Many", sample={"num_samples": 400})
    page = explored(visit, server, model_id)
    before = labels(server, model_id)
    page.get_by_role("button", name="Grid").click()
    page.get_by_role("button", name="Select all").click()
    page.locator("#labelling-class").select_option("2")
    page.get_by_role("button", name="Label all", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Label 400 images as 2?")
    dialog.get_by_role("button", name="Cancel").click()
    assert labels(server, model_id) == before
    page.get_by_role("button", name="Label all", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Label", exact=True).click()
    safe(page)
    assert set(labels(server, model_id).values()) == {2}
    page.keyboard.press("z")
    safe(page)
    assert labels(server, model_id) == before


def test_the_second_look_asks_about_wrong_labels_first(server: Any, visit: Any) -> None:
    model_id, _ = trained(server, "Doubted", max_epochs=8)
    given = labels(server, model_id)
    page = explored(visit, server, model_id)
    page.get_by_role("button", name="Second look").click()
    expect(page.locator("#explore-grid")).to_contain_text("Labels that the model contradicts")
    expect(page.locator(".second-item").first).to_be_visible()
    items = page.evaluate("[...document.querySelectorAll('.second-item')].map(line => Number(line.dataset.row))")
    assert len(items) >= 3, "two epochs do not make a good model"
    assert page.evaluate("window.trellis.explore.current") == items[0]
    page.keyboard.press("Enter")
    page.keyboard.press(str((given[items[1]] + 1) % 10))
    page.keyboard.press("Backspace")
    safe(page)
    now = labels(server, model_id)
    assert now[items[0]] == given[items[0]]
    assert now[items[1]] == (given[items[1]] + 1) % 10
    assert items[2] not in now
    sources = {item["index"]: item["source"] for item in server.api(f"/models/{model_id}/labels?limit=500")["items"]}
    assert sources[items[0]] == "person", "who keeps a label vouches for it"
    page.get_by_role("button", name="Look anew").click()
    page.wait_for_function(f"![...document.querySelectorAll('.second-item')].some(line => line.dataset.row === '{items[0]}')")
    assert accessibility_problems(page) == []


def test_labels_are_imported_from_a_file_whole_or_not_at_all(server: Any, visit: Any, tmp_path: Any) -> None:
    model_id = server.model("Imported")
    page = explored(visit, server, model_id)
    before, rows = labels(server, model_id), suggested(page)
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes(f"index,label\n{rows[0]},3\n{rows[1]},dragon\n\x00\xff\n".encode("latin-1"))
    page.locator("#labels-import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files(bad)
    expect(dialog).to_contain_text("nothing is imported")
    expect(dialog).to_contain_text("line 4")
    dialog.get_by_label("File").dispatch_event("cancel")
    expect(dialog).to_be_visible()
    bad = tmp_path / "worse.csv"
    bad.write_text(f"index,label\n{rows[0]},3\n{rows[1]},dragon\n99999999,1\n")
    dialog.get_by_label("File").set_input_files(bad)
    expect(dialog).to_contain_text("2 lines are bad, so nothing is imported.")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog.get_by_role("button", name="Import")).to_be_disabled()
    assert accessibility_problems(page) == []
    assert labels(server, model_id) == before
    known = next(iter(before))
    good.write_text(f"index;label\r\n{rows[0]};3\r\n{rows[1]};4\r\n{known};{before[known]}\r\n")
    dialog.get_by_label("File").set_input_files(good)
    expect(dialog).to_contain_text("2 images would get a first label, 1 image has the same already.")
    dialog.get_by_role("button", name="Import").click()
    expect(page.locator("#toasts")).to_contain_text("2 images labelled from good.csv.")
    page.wait_for_function(f"window.trellis.explore.labels.get({rows[1]}) === 4")
    assert labels(server, model_id) == before | {rows[0]: 3, rows[1]: 4}
    page.locator("#labels-export").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").click()
    text = coming.value.path().read_text()
    assert text.startswith("index,label\n")
    assert f"\n{rows[0]},3\n" in text
    page.keyboard.press("z")
    page.wait_for_function(f"!window.trellis.explore.labels.has({rows[1]})")
    safe(page)
    assert labels(server, model_id) == before
