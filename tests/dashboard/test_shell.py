from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import flask
import pytest
from dash import html, no_update

from dashboard import context, shell, shell_callbacks
from dashboard.context import AppContext
from dashboard.pages.page import Entry, Page, shortcuts_to
from dashboard.pages.registry import all_pages
from dashboard.shell import ActiveRun
from dashboard.standing import Gone
from tests.support.trees import having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.state import RunState, Subject


def run(**changes: Any) -> Any:
    return SimpleNamespace(
        **{
            "id": "run_1",
            "number": 4,
            "subject": Subject(kind="model", id="model_1"),
            "state": RunState.RUNNING,
            "stop_requested_at": None,
            "reason": "",
        }
        | changes
    )


def test_the_frame_links_every_page_of_the_bar_and_leads_past_it() -> None:
    frame = shell.frame(all_pages())
    assert [with_id(frame, f"nav-{key}").href for key in ("models", "runs", "help", "settings")] == ["/", "/runs", "/help", "/settings"]
    assert having(frame, className="skip-link", href="#page")
    assert with_id(frame, "page").tabIndex == "-1"


def _look(
    runs: list[ActiveRun], words: str | None, version: int, shown: dict[str, Any] | None, gone: Gone | None = None, drawn: int | None = None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What a look at the bar changes, by output, and what it shows from then on."""
    names = ("summary", "list", "title", "label", "disabled", "interval", "seen", "gone", "shown")
    found = {
        name: value
        for name, value in zip(names, shell_callbacks.shell_outputs(runs, words, version, shown, gone, drawn), strict=True)
        if value is not no_update
    }
    return found, found.get("shown", shown)


def test_a_look_changes_only_what_the_bar_does_not_show_already() -> None:
    quarter, half = ([ActiveRun(run(), "First", "/model/model_1/train", share, 9.0)] for share in (0.25, 0.5))
    first, shown = _look(quarter, "Create First", 7, None)
    assert len(first) == 9
    assert first["gone"] is None
    assert _look(quarter, "Create First", 7, shown)[0] == {}
    further, shown = _look(half, "Create First", 7, shown)
    assert set(further) == {"summary", "list", "shown"}, "pages are not told of progress"
    other, shown = _look(half, "Rename the model to Second", 8, shown)
    assert set(other) == {"title", "label", "disabled", "seen", "shown"}
    over, _ = _look([], "Rename the model to Second", 9, shown)
    assert set(over) == {"summary", "list", "interval", "seen", "shown"}


def test_a_run_that_began_and_ended_between_two_looks_is_told_to_pages() -> None:
    _, shown = _look([], None, 7, None)
    changed, _ = _look([], None, 9, shown)
    assert set(changed) == {"seen", "shown"}


def test_a_page_is_not_told_of_what_it_was_drawn_from() -> None:
    first, shown = _look([], "Create First", 7, None, drawn=7)
    assert "seen" not in first, "its lists would be drawn a second time, and a click in between be lost"
    assert set(first) == {"summary", "list", "title", "label", "disabled", "interval", "gone", "shown"}
    later, shown = _look([], "Create Second", 8, shown, drawn=7)
    assert set(later) == {"title", "label", "disabled", "seen", "shown"}
    anew, _ = _look([], "Create Third", 9, shown, drawn=9)
    assert "seen" not in anew, "another page, or the same anew, has been drawn since"
    missed, _ = _look([], "Create Third", 9, None, drawn=8)
    assert "seen" in missed, "something was recorded while the page was drawn"


def test_a_page_says_from_which_version_it_was_drawn(bench: Any) -> None:
    server = flask.Flask(__name__)
    context.install(server, AppContext(lambda: bench, bench.settings))
    with server.test_request_context("/"):
        _, meta = shell_callbacks.draw(all_pages(), "/runs", "")
    assert shell_callbacks.drawn_at(meta) == bench.state().version
    assert shell_callbacks.drawn_at(None) is None


def test_a_look_says_once_that_what_the_page_shows_was_deleted_and_once_that_it_is_back() -> None:
    _, shown = _look([], None, 7, None)
    told, shown = _look([], None, 8, shown, Gone("run", "run_1", "The run #1 was deleted."))
    assert "The run #1 was deleted." in text_of(told["gone"])
    assert _look([], None, 8, shown, Gone("run", "run_1", "The run #1 was deleted."))[0] == {}
    back, _ = _look([], None, 9, shown)
    assert back["gone"] is None


def test_a_page_that_declares_an_entry_is_in_the_bar_and_one_that_declares_a_letter_is_gone_to_by_it() -> None:
    pages = (*all_pages(), Page("/maps", "Maps", lambda _: html.Div(), nav="maps", entry=Entry("Maps", "map"), go=("p", "all maps")))
    frame = shell.frame(pages)
    assert with_id(frame, "nav-maps").href == "/maps"
    assert "Maps" in text_of(with_id(frame, "nav-maps"))
    assert ["p", "all maps", "/maps"] in json.loads(frame.to_plotly_json()["props"]["data-go"])


@pytest.mark.parametrize("more", [{"entry": Entry("X", "x"), "nav": "x"}, {"go": ("x", "it")}])
def test_an_address_with_variables_is_no_place_to_go_to_from_everywhere(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="without variables"):
        Page("/thing/<id>", "Thing", lambda _: html.Div(), **more)


def test_no_two_pages_share_an_entry_or_a_letter() -> None:
    entries = [page.nav for page in all_pages() if page.entry]
    letters = [letter for letter, _, _ in shortcuts_to(all_pages())]
    assert len(set(entries)) == len(entries)
    assert len(set(letters)) == len(letters)
    assert {page.nav for page in all_pages() if page.nav} == set(entries)


def test_with_no_active_run_the_bar_says_so() -> None:
    assert "No active runs" in text_of(shell.active_summary([]))
    assert "Nothing is training" in text_of(shell.active_list([]))


def test_the_bar_counts_active_runs_and_shows_the_one_nearest_to_its_end() -> None:
    runs = [
        ActiveRun(run(), "Far", "/model/m/train", 0.9, 500.0),
        ActiveRun(run(), "Near", "/model/m/train", 0.2, 20.0),
        ActiveRun(run(), "Unknown", "/model/m/train", None, None),
    ]
    summary = shell.active_summary(runs)
    assert "3 active runs" in " ".join(text_of(summary).split())
    bar = having(summary, role="progressbar")[0].to_plotly_json()["props"]
    assert bar["aria-label"] == "Progress of Near"
    assert bar["aria-valuenow"] == "20"


def test_a_run_that_is_held_up_says_so_in_the_bar_and_why_in_the_list() -> None:
    held = ActiveRun(run(), "Held", "/model/m/train", 0.5, 61.0, "The disk of /home is full.")
    summary = shell.active_summary([ActiveRun(run(), "Other", "/model/m/train", 0.9, 5.0), held])
    assert "2 active runs, held up" in " ".join(text_of(summary).split())
    assert summary.to_plotly_json()["props"]["title"] == "The disk of /home is full."
    assert "The disk of /home is full." in text_of(shell.active_list([held]))


def test_every_active_run_can_be_stopped_once() -> None:
    going, stopping = (
        ActiveRun(run(), "Going", "/model/m/train", 0.5, 61.0),
        ActiveRun(run(id="run_2", stop_requested_at="2026-01-01T00:00:00.000Z"), "Ending", "/model/m/train", 0.5, None),
    )
    listed = shell.active_list([going, stopping])
    stops = having(listed, data_act="stop-run")
    assert [stop.to_plotly_json()["props"]["data-id"] for stop in stops] == ["run_1"]
    assert "Stopping" in text_of(listed)
    assert "1 min" in text_of(listed)


def test_the_undo_button_says_what_it_would_undo() -> None:
    assert shell.undo_button("Rename the model to X") == {"title": "Undo: Rename the model to X", "disabled": False}
    assert shell.undo_button(None)["disabled"] is True


@pytest.fixture
def within(bench: Any) -> Any:
    """A request to a server over a fresh workbench."""
    import flask

    app = flask.Flask("test")
    context.install(app, AppContext(lambda: bench, bench.settings))
    with app.test_request_context("/"):
        flask.g.browser_id = "0000000000000000"
        yield bench


def pages(render: Any) -> tuple[Page, ...]:
    return (Page("/thing/<id>", "Thing", render, nav="models", shortcuts=(("x", "do x"),)),)


def test_a_page_is_drawn_with_its_variables_and_its_title(within: Any) -> None:
    content, meta = shell_callbacks.draw(pages(lambda _context, id: html.P(id)), "/thing/7", None)
    assert content.children == "7"
    assert meta == {"title": "Thing", "nav": "models", "shortcuts": [["x", "do x"]], "path": "/thing/7", "records": [], "version": 12}


def test_an_unknown_address_and_an_unknown_id_say_that_nothing_is_there(within: Any) -> None:
    def missing(_context: Any, id: str) -> Any:
        raise CommandError(f"There is no thing {id}.", code="not_found")

    for path in ("/nowhere", "/thing/7"):
        content, meta = shell_callbacks.draw(pages(missing), path, None)
        assert "Nothing here" in text_of(content)
        assert meta["title"] == "Not found"


def test_a_page_that_fails_shows_a_sentence_and_never_a_traceback(within: Any, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_context: Any, id: str) -> Any:
        raise RuntimeError("secret detail")

    content, _ = shell_callbacks.draw(pages(broken), "/thing/7", None)
    assert "could not be drawn" in text_of(content)
    assert "secret detail" not in text_of(content)
    assert "secret detail" in caplog.text


def test_undo_takes_back_exactly_what_its_toast_speaks_of(within: Any) -> None:
    actor = "browser:0000000000000000"
    model = within.models.create(actor=actor, family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, name="First")
    within.models.rename(actor=actor, model_id=model.id, name="Second")
    renamed = within.state().versions[model.id]
    within.models.tag(actor=actor, model_id=model.id, tags=("a",))
    with pytest.raises(CommandError, match="not your newest change"):
        shell_callbacks.undo_one(renamed)
    assert within.state().models[model.id].tags == ("a",)
    shell_callbacks.undo_one(None)
    assert "Rename" in shell_callbacks.undo_one(renamed)
    assert within.state().models[model.id].name == "First"


def test_undo_with_nothing_to_undo_says_so(within: Any) -> None:
    with pytest.raises(CommandError, match="nothing to undo"):
        shell_callbacks.undo_one(None)


def test_the_theme_menu_offers_three_choices() -> None:
    menu = with_id(shell.frame(all_pages()), "theme-menu")
    assert [b.to_plotly_json()["props"]["data-theme-choice"] for b in of_class(menu, "pop-item")] == ["light", "dark", "auto"]
