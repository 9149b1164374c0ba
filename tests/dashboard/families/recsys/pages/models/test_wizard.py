"""The wizard of models as components: what stands where, what is locked, where issues lead."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dashboard.components import Action
from dashboard.families.recsys.pages.models import builder, one, side, steps, wizard
from dashboard.families.recsys.pages.models.draft import ModelDraft, edited
from dashboard.families.recsys.pages.models.verdict import ModelVerdict, Widths, judged
from dashboard.families.recsys.pages.wizard import name_message
from recsys.editing.models import started
from recsys.model.validate import validate
from tests.support.trees import having, of_class, text_of, with_id


def draft_of(kind: Any = "retrieval", **settings: Any) -> ModelDraft:
    return ModelDraft(key="new", document=started(kind) | settings, name="One")


def verdict_of(draft: ModelDraft, widths: Widths = Widths(104, 72, "Mine"), **more: Any) -> ModelVerdict:
    return judged(draft, validate(draft.document, name=draft.name), widths, **more)


def gesture(draft: ModelDraft, name: str, id: str = "", value: Any = None) -> ModelDraft:
    return edited(draft, Action(name, id, value)).draft


def test_the_summary_counts_what_the_specification_says() -> None:
    draft = draft_of()
    assert "43,456" in text_of(side.counts(verdict_of(draft)))
    assert "40,128" in text_of(side.counts(verdict_of(draft, Widths())))


def test_a_towers_foot_counts_its_own_projection() -> None:
    draft = draft_of(buyer_tower_layers=[{"type": "dense", "units": 128}], product_tower_layers=[{"type": "dense", "units": 64}])
    shown = [text_of(foot) for foot in of_class(builder.towers(draft, verdict_of(draft)), "tower-foot")]
    assert shown == ["1 layer · 17,568 parameters", "1 layer · 6,752 parameters"]


def test_shared_towers_are_one_column_with_the_buyers_own_input() -> None:
    draft = gesture(draft_of(), "share", value="on")
    shown = builder.towers(draft, verdict_of(draft))
    assert len(of_class(shown, "tower")) == 1
    assert "104→72" in text_of(shown)
    assert [text_of(foot) for foot in of_class(shown, "tower-foot")] == ["3 layers · 27,240 parameters"]


def test_sharing_is_off_and_explained_while_towers_differ() -> None:
    draft = gesture(draft_of(), "remove", "buyer:0")
    button = of_class(builder.towers(draft, verdict_of(draft)), "share-towers")[0]
    assert button.disabled
    assert "copy the buyer tower" in text_of(builder.towers(draft, verdict_of(draft)))


def test_the_preset_is_marked_until_a_tower_changes_and_again_when_it_is_the_same() -> None:
    def marked(draft: ModelDraft) -> list[str]:
        cards = having(builder.presets(draft, verdict_of(draft)), aria_pressed="true")
        return [text_of(card).split()[0] for card in cards]

    draft = draft_of()
    changed = gesture(draft, "set-layer", "buyer:0", json.dumps({"units": 8}))
    back = gesture(changed, "set-layer", "buyer:0", json.dumps({"units": 128}))
    assert (marked(draft), marked(changed), marked(back)) == (["Standard"], [], ["Standard"])


def test_a_linear_layer_opens_as_linear() -> None:
    draft = gesture(draft_of(), "set-layer", "buyer:2", json.dumps({"activation": None}))
    blocks = of_class(builder.column(draft, verdict_of(draft), "buyer"), "layer-output")
    assert "linear" in text_of(blocks[0])
    said = json.loads(next(b for b in having(blocks[0], aria_haspopup="dialog")).to_plotly_json()["props"]["data-dialog"])
    assert next(f["value"] for f in said["fields"] if f["name"] == "activation") is None


def test_the_last_layer_of_a_head_is_locked_but_for_its_settings() -> None:
    draft = draft_of("ranking")
    last = of_class(builder.column(draft, verdict_of(draft), "head"), "layer")[-1]
    assert not having(last, data_drag_item="1")
    assert not having(last, data_act="remove")
    said = json.loads(having(last, aria_haspopup="dialog")[0].to_plotly_json()["props"]["data-dialog"])
    assert "units" not in [field["name"] for field in said["fields"]]


def test_an_issue_stands_at_its_layer_and_leads_there() -> None:
    draft = gesture(draft_of(), "set-layer", "buyer:1", json.dumps({"units": 5000}))
    found = verdict_of(draft)
    wrong = of_class(builder.towers(draft, found), "is-invalid")
    assert ["between 1 and 2048" in text_of(block) for block in wrong] == [True]
    link = having(side.checks(found), data_step="2")[0]
    assert link.to_plotly_json()["props"]["data-jump"] == "recsys-model-towers"


@pytest.mark.parametrize(
    ("settings", "step", "target"),
    [({"output_embedding_dim": 7}, 2, "recsys-model-towers"), ({"output_embedding_dim": 513}, 2, "recsys-model-towers"), ({"epochs": 0}, 3, "recsys-model/epochs"),
     ({"retrieval_weight": 0.0, "ranking_weight": 0.0}, 3, "recsys-model-weights"), ({"rating_head_layers": [{"type": "dense", "units": 2}]}, 3, "recsys-model-head")],
)  # fmt: skip
def test_every_kind_of_issue_leads_to_the_step_that_mends_it(settings: dict, step: int, target: str) -> None:
    found = verdict_of(draft_of("multitask", **settings))
    assert [(side.step_of(issue), side.target_of(issue)) for issue in found.errors] == [(step, target)]
    assert side.GUIDE.save_jump(found) == {"data-jump": target, "data-step": str(step)}


def test_a_model_without_a_name_asks_for_it_first() -> None:
    draft = replace(draft_of(), name="")
    found = verdict_of(draft)
    assert side.GUIDE.save_label(found, saved=False) == "Name the model"


def test_a_name_that_nobody_typed_yet_is_no_fault_until_the_wizard_was_touched() -> None:
    draft = replace(draft_of(), name=" ")
    found = verdict_of(draft)
    shown = wizard.page(draft, found, step=1, title="New model")
    # the step's mark, the list at the side with its line, and the message at the field
    waiting = ["to fix", "Name is required", "Name is required", "Name is required"]
    assert sorted(text_of(part) for part in having(shown, data_awaits="1")) == sorted(waiting)
    assert "data-awaits" in name_message(found)[0].to_plotly_json()["props"]
    assert side.GUIDE.wrong_steps(found) == {1: True}
    assert "data-awaits" in side.checks(found).to_plotly_json()["props"], "nothing else is said beside it"


def test_what_is_wrong_with_something_that_was_typed_is_said_at_once() -> None:
    draft = replace(draft_of(epochs=0), name="")
    found = verdict_of(draft)
    assert side.GUIDE.wrong_steps(found) == {1: True, 3: False}
    assert "data-awaits" not in side.checks(found).to_plotly_json()["props"]
    shown = side.checks(verdict_of(replace(draft, name="One")))
    assert ["data-awaits" in error.to_plotly_json()["props"] for error in of_class(shown, "check-error")] == [False]


def test_cancel_leads_to_where_the_wizard_was_called_from() -> None:
    def left(draft: ModelDraft) -> str:
        shown = wizard.page(draft, verdict_of(draft), step=1, title="A model")
        return next(link.href for link in of_class(shown, "btn-quiet") if text_of(link) == "Cancel")

    draft = draft_of()
    assert left(draft) == "/recommenders/models"
    assert left(replace(draft, back="create")) == "/create?family=recsys"
    assert left(replace(draft, key="edit/mc_1", version=2)) == "/recommenders/models/mc_1"


def test_the_layer_that_gives_the_output_is_marked_in_towers_and_heads_alike() -> None:
    draft = draft_of("ranking")
    found = verdict_of(draft)
    stacks = [builder.column(draft, found, stack) for stack in ("buyer", "product", "head")]
    assert [[text_of(block).split(" ", 2)[1] for block in of_class(stack, "layer-output")] for stack in stacks] == [["32"], ["32"], ["1"]]
    assert found.plan is not None
    read_only = of_class(one.network(found.plan), "layer-output")
    assert [text_of(block).split(" ", 2)[1] for block in read_only] == ["32", "32", "1"]


def test_a_pair_of_weights_that_no_slider_can_show_is_numbers() -> None:
    draft = draft_of("multitask", retrieval_weight=3.0, ranking_weight=1.0)
    shown = steps.weights_words(draft, verdict_of(draft))
    assert "Retrieval 3 · Ranking 1" in text_of(shown)
    assert having(shown, data_act="normalise")


def test_weights_that_are_both_zero_are_refused_where_they_stand() -> None:
    draft = draft_of("multitask", retrieval_weight=0.0, ranking_weight=0.0)
    shown = steps.weights_words(draft, verdict_of(draft))
    assert "At least one loss weight must be greater than 0" in text_of(shown)
    assert not having(shown, data_act="normalise")


def test_a_chosen_rate_is_kept_and_the_recommended_one_offered() -> None:
    draft = replace(draft_of(optimizer="adam", learning_rate=0.02), rate_chosen=True)
    assert "Use 0.005" in text_of(steps.optimizers(draft))
    assert "Use" not in text_of(steps.optimizers(replace(draft, rate_chosen=False)))


def test_the_page_has_three_steps_and_a_locked_model_says_so() -> None:
    draft = replace(draft_of(), version=2, key="edit/mc_1")
    shown = wizard.page(
        draft, verdict_of(draft, locked=True), step=2, title="Edit One", crumb="One", clone="/recommenders/models/new?from=mc_1&step=2"
    )
    assert [text_of(button).split()[1] for button in of_class(shown, "wizard-step")] == ["Type", "Towers", "Training"]
    assert "Clone with another architecture" in text_of(shown)
    assert of_class(shown, "is-locked")
    assert with_id(shown, "recsys-model-save")


def test_a_time_that_nobody_knows_is_a_dash_and_says_when_it_will_be_known() -> None:
    found = verdict_of(draft_of())
    unknown, known = (text_of(side.counts(replace(found, seconds=seconds))) for seconds in ((None, None, None), (3.0, 4.0, 6.0)))
    assert "Known after a first test." in unknown
    assert "≈ 4.0 s" in known
    assert "3.0 s to 6.0 s" in known
