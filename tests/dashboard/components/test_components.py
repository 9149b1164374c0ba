from __future__ import annotations

from typing import Any

import flask
import pytest
from dash import html

from dashboard.components import (
    act,
    badge,
    icon,
    icon_button,
    page_header,
    progress_bar,
    read_action,
    spark_slot,
    state_badge,
    thin_out,
    time_of,
)
from dashboard.components.code import with_code
from dashboard.components.look import WIDEST, draw_look
from dashboard.components.runs import RUN_STATES
from tests.support.trees import having, of_class, text_of
from workbench.looks import Look, Picture
from workbench.state import RunState


def test_an_action_travels_from_the_element_to_the_callback() -> None:
    button = html.Button("Stop", **act("runs-action", "stop", "run_1", value="now", confirm="Really?", confirm_label="Stop it"))
    props = button.to_plotly_json()["props"]
    assert props["data-to"] == "runs-action"
    assert props["data-confirm"] == "Really?"
    sent = {"action": props["data-act"], "id": props["data-id"], "value": props["data-value"], "at": 1}
    action = read_action(sent)
    assert action is not None
    assert (action.name, action.id, action.value, action.confirmed) == ("stop", "run_1", "now", False)
    answered = read_action(sent | {"confirmed": True})
    assert answered is not None
    assert answered.confirmed


@pytest.mark.parametrize("data", [None, 3, "stop", {}, {"action": 3}, {"action": "stop", "id": 3}, ["stop"]])
def test_what_is_no_action_is_none(data: object) -> None:
    assert read_action(data) is None


def test_every_state_of_a_run_has_a_word_so_that_colour_never_stands_alone() -> None:
    assert set(RUN_STATES) == set(RunState)
    words = [text_of(state_badge(state)) for state in RunState]
    assert all(words)
    assert len(set(words)) == len(words)
    assert text_of(state_badge(None)) == "Not trained"


def test_an_icon_without_a_label_is_hidden_from_screen_readers_and_one_with_is_named() -> None:
    assert icon("gear").to_plotly_json()["props"]["aria-hidden"] == "true"
    assert icon("gear", label="Settings").to_plotly_json()["props"]["aria-label"] == "Settings"


def test_a_button_of_an_icon_only_is_named() -> None:
    assert icon_button("trash", "Delete X").to_plotly_json()["props"]["aria-label"] == "Delete X"


def test_a_progress_bar_tells_its_value_only_when_it_is_known() -> None:
    assert progress_bar(0.427, label="Run").to_plotly_json()["props"]["aria-valuenow"] == "43"
    unknown = progress_bar(None, label="Run").to_plotly_json()["props"]
    assert "aria-valuenow" not in unknown
    assert "bar-unknown" in unknown["className"]


def test_a_progress_bar_never_overflows() -> None:
    assert having(progress_bar(1.7, label="Run"), style={"width": "100.0%"})


def test_a_time_travels_as_utc_and_is_written_by_the_browser() -> None:
    moment: Any = time_of("2026-01-02T03:04:05.678Z")
    assert moment.dateTime == "2026-01-02T03:04:05.678Z"
    assert getattr(moment, "children", None) is None
    assert text_of(time_of(None)) == "never"


def test_user_text_is_never_markup() -> None:
    assert text_of(badge("<b>x</b>")) == "<b>x</b>"


def test_thinning_keeps_the_ends_and_drops_what_is_not_finite() -> None:
    values = [None, float("nan"), *map(float, range(1000)), float("inf")]
    thin = thin_out(values, 10)
    assert len(thin) == 10
    assert (thin[0], thin[-1]) == (0.0, 999.0)
    assert thin_out([1.0, None, 2.0]) == [1.0, 2.0]


def test_a_model_without_a_run_asks_for_no_sparkline() -> None:
    assert "data-spark" not in spark_slot(None).to_plotly_json()["props"]
    assert spark_slot("run_1").to_plotly_json()["props"]["data-spark"] == "run_1"


def test_several_toasts_of_one_request_travel_together(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard.components import toast

    sent: list = []
    monkeypatch.setattr(toast, "set_props", lambda _id, props: sent.append(props["data"]))
    with flask.Flask("test").test_request_context("/"):
        toast.notify("One.", undo=7)
        toast.notify_error("Two.", "Do this.")
    assert [t["message"] for t in sent[-1]] == ["One.", "Two."]
    assert sent[-1][0]["undo"] == 7
    assert len({t["id"] for t in sent[-1]}) == 2


def test_a_trail_names_what_is_above_and_ends_with_no_slash() -> None:
    (one,) = of_class(page_header("Run #3", crumbs=[("Runs", "/runs")]), "crumbs")
    assert text_of(one) == "Runs"
    (two,) = of_class(page_header("Clone", crumbs=[("Models", "/"), ("First", "/model/m")]), "crumbs")
    assert text_of(two).replace(" ", "") == "Models/First"


def test_an_action_that_asks_for_a_text_carries_the_question_and_what_it_starts_from() -> None:
    props = html.Button("Tag", **act("to", "tag", "m", prompt="Tags", prompt_value="a, b", prompt_label="Save tags")).to_plotly_json()[
        "props"
    ]
    assert (props["data-prompt"], props["data-prompt-value"], props["data-prompt-label"]) == ("Tags", "a, b", "Save tags")


def test_a_small_picture_keeps_its_shape() -> None:
    (image,) = having(draw_look(Look(pictures=(Picture(src="data:,", name="Wide"),)), pixels=20), src="data:,")
    assert image.height == 20
    assert getattr(image, "width", None) is None
    assert image.style == {"maxWidth": f"{WIDEST * 20}px"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("No code here.", "No code here."),
        ("See `trellis data list`.", ["See ", "<trellis data list>", "."]),
        ("`a` and `b`", ["<a>", " and ", "<b>"]),
        ("One ` alone", "One ` alone"),
        ("`a` and one ` alone", ["<a>", " and one ` alone"]),
    ],
)
def test_what_stands_between_backticks_is_shown_as_code(text: str, shown: Any) -> None:
    found = with_code(text)
    told = found if isinstance(found, str) else [part if isinstance(part, str) else f"<{part.children}>" for part in found]
    assert told == shown
