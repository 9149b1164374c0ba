"""Drafts of wizards: they survive the browser, go back, and take gestures one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.components import Action
from dashboard.families.recsys.pages.drafts import MOST_UNDONE, Edited, applied_gestures, counted, restored
from dashboard.families.recsys.pages.models.draft import ModelDraft
from workbench.commands.base import CommandError

DRAFT = ModelDraft(key="new", document={"epochs": 1}, name="One", features="fc_1", rate_chosen=True, version=None, seq=7)


def test_a_draft_comes_back_from_the_browser_as_it_was() -> None:
    assert ModelDraft.read(DRAFT.changed({"epochs": 2}).to_json(), "new") == DRAFT.changed({"epochs": 2})


@pytest.mark.parametrize(
    "wrong", [{"name": 3}, {"seq": "7"}, {"seq": True}, {"version": "1"}, {"rate_chosen": 1}, {"document": []}, {"key": "edit/mc_1"}]
)  # fmt: skip
def test_a_draft_of_another_address_or_with_other_types_is_none(wrong: dict[str, Any]) -> None:
    assert ModelDraft.read(DRAFT.to_json() | wrong, "new") is None


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_anything_else_is_no_draft(data: object) -> None:
    assert ModelDraft.read(data, "new") is None


def test_a_draft_goes_back_gesture_by_gesture_and_no_further() -> None:
    after = DRAFT.changed({"epochs": 2}).changed({"epochs": 3}).changed({"epochs": 3})
    assert [after.undone().document, after.undone().undone().document] == [{"epochs": 2}, {"epochs": 1}]
    assert after.undone().undone().undone().document == {"epochs": 1}


def test_a_draft_remembers_so_many_steps() -> None:
    draft = DRAFT
    for epochs in range(2, MOST_UNDONE + 10):
        draft = draft.changed({"epochs": epochs})
    assert len(draft.past) == MOST_UNDONE


def _sent(seq: int, name: str, value: str = "") -> dict[str, Any]:
    return {"action": name, "id": "", "value": value, "at": 1, "seq": seq}


def _edited(draft: ModelDraft, action: Action) -> Edited[ModelDraft]:
    if action.value == "bad":
        raise CommandError("It cannot be done.")
    return Edited(draft.changed({"epochs": int(str(action.value))}), said=f"{action.value} epochs")


def test_gestures_are_applied_in_order_and_a_refused_one_is_said_and_left_out(told: list) -> None:
    sent = [_sent(8, "epochs", "2"), _sent(9, "epochs", "bad"), _sent(10, "epochs", "4")]
    after = applied_gestures(DRAFT, sent, _edited)
    assert [props["data"][0]["message"] for _, props in told] == ["It cannot be done."]
    assert (after.draft.document, after.draft.seq, after.said) == ({"epochs": 4}, 10, "4 epochs")
    assert after.draft.past == ({"epochs": 1}, {"epochs": 2})


def test_an_answer_that_got_lost_is_made_up_for_by_the_next() -> None:
    first, second = _sent(8, "epochs", "2"), _sent(9, "epochs", "3")
    after = applied_gestures(DRAFT, [first, second], _edited).draft
    assert applied_gestures(after, [first, second], _edited).draft == after


def test_undo_is_a_gesture_like_any_other() -> None:
    after = applied_gestures(DRAFT, [_sent(8, "epochs", "2"), _sent(9, "undo")], _edited)
    assert (after.draft.document, after.draft.past, after.said) == ({"epochs": 1}, (), "Undone")
    assert replace(after.draft, seq=7) == DRAFT


@pytest.mark.parametrize(
    ("change", "comes_back"),
    [
        ({"edits": 1}, True),
        ({"edits": 0}, False),
        ({"edits": 1, "version": 3}, False),
        ({"edits": 1, "revision": 3}, False),
        ({"edits": 1, "key": "edit"}, False),
    ],
)
def test_only_a_further_draft_of_the_same_version_comes_back_after_a_reload(change: dict[str, Any], comes_back: bool) -> None:
    assert (restored(DRAFT, DRAFT.to_json() | change) is not None) is comes_back


@pytest.mark.parametrize("typed", [{"name": "Two"}, {"description": "What it is for"}, {"features": ""}])
def test_what_is_only_typed_comes_back_after_a_reload_as_gestures_do(typed: dict[str, Any]) -> None:
    after = counted(DRAFT, replace(DRAFT, **typed))
    assert restored(DRAFT, after.to_json()) == after
    assert counted(after, after) is after, "an answer that changes nothing is no edit"
    assert restored(after, after.to_json()) is None, "what came back once does not overwrite what is typed next"
