"""Gestures of the wizard of models."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dashboard.components import Action
from dashboard.families.recsys.pages.models import view
from dashboard.families.recsys.pages.models.draft import ModelDraft, edited, with_fields
from dashboard.families.recsys.pages.models.steps import form_specs, form_values
from recsys.editing.models import layers_of, started
from recsys.model.config import document_of
from recsys.model.recipes import RECIPES
from recsys.model.validate import read, validate
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.trees import having
from workbench.commands.base import CommandError

DRAFT = ModelDraft(key="new", document=started("multitask"), name="One")


def after(name: str, id: str = "", value: Any = None, draft: ModelDraft = DRAFT) -> ModelDraft:
    return edited(draft, Action(name, id, value)).draft


def test_every_gesture_of_the_builder_leaves_a_model_that_can_be_stored() -> None:
    draft = DRAFT
    for name, id, value in (
        ("preset", "deep", None), ("add", "buyer", "dropout"), ("add", "product", "batch_norm"), ("add", "head", "layer_norm"),
        ("move", "buyer:0", "buyer:2"), ("remove", "product:0", None), ("set-layer", "head:0", json.dumps({"units": 32, "activation": "gelu", "l2_reg": 0.1})),
        ("copy", "", None), ("share", "", "on"), ("width", "", "64"), ("optimizer", "adamw", None), ("ratio", "", "0.25"), ("head", "deep", None),
        ("setting-number", "epochs", "7"), ("settings", "", json.dumps({"output_embedding_dim": 24})),
        ("stopping", "", json.dumps({"early_stopping": True, "early_stopping.monitor": "rmse", "early_stopping.patience": 2, "early_stopping.restore_best": True})),
        ("type", "ranking", None), ("type", "retrieval", None), ("type", "multitask", None),
    ):  # fmt: skip
        draft = after(name, id, value, draft)
        assert not [i for i in validate(draft.document) if i.path != "early_stopping.monitor"], (name, validate(draft.document))
    assert draft.document["optimizer"] == "adamw"


def test_a_moved_layer_keeps_the_focus_and_is_announced() -> None:
    moved = edited(DRAFT, Action("move", "buyer:0", "buyer:2"))
    assert (moved.focus, moved.said) == ("buyer:2", "Layer moved to place 3 of 3")


def test_a_removed_layer_hands_the_focus_to_the_next() -> None:
    assert edited(DRAFT, Action("remove", "buyer:2")).focus == "buyer:1"


@pytest.mark.parametrize(("name", "id", "value"), [("move", "attic:0", "attic:1"), ("move", "buyer", "x"), ("add", "attic", "dense"), ("width", "", "wide"), ("ratio", "", "half")])  # fmt: skip
def test_a_gesture_that_means_nothing_is_refused(name: str, id: str, value: str) -> None:
    with pytest.raises(CommandError):
        edited(DRAFT, Action(name, id, value))


def test_a_learning_rate_that_was_typed_is_kept_by_another_optimizer() -> None:
    held = form_values(DRAFT.document)
    typed = with_fields(DRAFT, form_specs(), held | {"learning_rate": "0.02"}, held)
    assert (typed.rate_chosen, typed.document["learning_rate"]) == (True, 0.02)
    assert after("optimizer", "adam", None, typed).document["learning_rate"] == 0.02
    assert after("optimizer", "adam").document["learning_rate"] == 0.005


def test_what_cannot_be_read_stays_as_it_was_typed_and_is_named() -> None:
    held = form_values(DRAFT.document)
    typed = with_fields(DRAFT, form_specs(), held | {"epochs": "many", "batch_size": "7"}, held)
    paths = [issue.path for issue in validate(typed.document)]
    assert "epochs" in paths
    assert "batch_size" in paths
    assert form_values(typed.document)["epochs"] == "many"


def test_fields_that_hold_what_they_were_given_change_nothing() -> None:
    held = form_values(DRAFT.document)
    assert with_fields(DRAFT, form_specs(), held, held) is DRAFT


def test_shared_towers_show_one_list_for_both() -> None:
    shared = after("share", "", "on")
    assert layers_of(after("add", "buyer", "dropout", shared).document, "product")[2]["type"] == "dropout"


def test_a_recipe_is_a_whole_model_that_can_be_stored_and_names_a_draft_without_a_name() -> None:
    for key, recipe in RECIPES.items():
        draft = after("recipe", key, draft=replace(DRAFT, name=""))
        assert (validate(draft.document), draft.name, read(draft.document)) == ((), recipe.name, recipe.config)
    assert after("recipe", "best_ranking").name == "One"
    assert after("recipe", "best_ranking").undone().document == DRAFT.document
    with pytest.raises(CommandError):
        after("recipe", "soup")


def test_an_address_begins_with_a_recipe_and_unknown_ones_are_refused(bench: Any) -> None:
    context = context_of(bench)
    draft = view.draft_of(context, view.recipe_draft(context, "best_retrieval").key)
    assert (draft.name, draft.document) == ("Best retrieval", document_of(RECIPES["best_retrieval"].config))
    assert having(view.render_new(context, {"recipe": "best_retrieval"}), value="Best retrieval")
    with pytest.raises(CommandError) as refused:
        view.render_new(context, {"recipe": "worst"})
    assert refused.value.code == "not_found"
