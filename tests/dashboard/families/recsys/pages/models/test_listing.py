"""Stored models as cards, one by itself, and two compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dashboard.components import Action
from dashboard.families.recsys import layer_control
from dashboard.families.recsys.pages import listing as lists
from dashboard.families.recsys.pages import stale
from dashboard.families.recsys.pages.cards import chosen
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models import listing, one, view
from recsys.editing.models import started
from recsys.model.config import document_of
from recsys.service import RecommenderService
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.trees import having, of_class, text_of
from workbench.commands.base import CommandError


@pytest.fixture
def models(service: RecommenderService) -> list[str]:
    small = service.models.create(actor="me", name="Small", document={"epochs": 2})
    rank = service.models.create(actor="me", name="Stars", document=started("ranking"), tags=("first",))
    return [small.id, rank.id]


def test_an_empty_chapter_explains_itself_and_offers_a_first_model_and_recipes(bench: Any) -> None:
    shown = listing.render(context_of(bench))
    assert "No model yet" in text_of(shown)
    assert having(shown, data_act="standard")
    assert len(having(shown, data_act="recipe")) == 8


def test_a_first_model_is_made_in_one_click(bench: Any, told: list, service: RecommenderService) -> None:
    assert listing.act_on(context_of(bench), "me", Action("standard", ""))
    assert listing.act_on(context_of(bench), "me", Action("recipe", "best_retrieval"))
    assert [props["href"] for id, props in told if id == "url"] == [
        f"/recommenders/models/{record.id}" for record in reversed(service.models.list())
    ]
    assert sorted(record.name for record in service.models.list()) == ["Best retrieval", "Standard"]


def test_cards_say_type_towers_training_and_parameters(bench: Any, models: list[str]) -> None:
    shown = text_of(listing.render(context_of(bench)))
    for words in ("Small", "Retrieval", "128→64→32", "Adam at 0.005", "2 epochs", "40,128 dense", "Stars", "Ranking", "256→64→1", "first"):
        assert words in shown


@pytest.mark.parametrize(("text", "kind", "wanted"), [("", "", ["Stars", "Small"]), ("small", "", ["Small"]), ("first", "", ["Stars"]), ("#1", "", ["Small"]), ("", "ranking", ["Stars"]), ("x", "", [])])  # fmt: skip
def test_the_list_is_searched_by_name_tag_number_and_type(bench: Any, models: list[str], text: str, kind: str, wanted: list[str]) -> None:
    assert [card.name for card in chosen(listing.cards_of(context_of(bench)), text, kind)] == wanted


def test_a_long_list_draws_its_first_cards_and_searches_and_counts_all(bench: Any, service: RecommenderService) -> None:
    for number in range(lists.AT_ONCE + 5):
        service.models.create(actor="me", name=f"Model {number}" if number else "Needle", document={})
    context = context_of(bench)
    shown = listing.render(context)
    assert len(of_class(shown, "config-card")) == lists.AT_ONCE
    assert [text_of(more) for more in having(shown, data_act="more")] == ["Show 5 more"]
    assert text_of(having(shown, id="recsys-models-count")) == f"{lists.AT_ONCE + 5} models"
    # the first one made is the last of the list
    found = listing.render(context, {"q": "needle"})
    assert [text_of(card.children) for card in of_class(found, "card-title")] == ["Needle"]
    assert text_of(having(found, id="recsys-models-count")) == f"1 of {lists.AT_ONCE + 5} models"
    assert not having(found, data_act="more")
    all_of_them = lists.first_of(listing.LISTING, listing.cards_of(context), (), 2 * lists.AT_ONCE)
    assert len(of_class(all_of_them, "config-card")) == lists.AT_ONCE + 5


def test_more_stays_shown_until_something_is_searched() -> None:
    more = lists.shown_after(lists.AT_ONCE, Action("more", ""), searched=False)
    assert more == 2 * lists.AT_ONCE
    assert lists.shown_after(more, Action("pick", "x"), searched=False) == more
    assert lists.shown_after(more, None, searched=True) == lists.AT_ONCE


def test_a_deleted_model_leaves_the_list(bench: Any, told: list, models: list[str]) -> None:
    assert not lists.act_on(listing.LISTING, context_of(bench), "me", Action("delete", models[0]))
    assert told[0][1]["data"][0]["undo"] == bench.state().versions[models[0]]
    assert [card.name for card in listing.cards_of(context_of(bench))] == ["Stars"]


def test_one_model_shows_its_network_settings_tests_and_versions(bench: Any, models: list[str], service: RecommenderService) -> None:
    service.models.update(actor="me", key=models[0], document={"epochs": 4})
    shown = one.render(context_of(bench), models[0])
    assert "40,128 dense parameters" in text_of(shown)
    assert [text_of(v) for v in having(shown, data_act="restore")] == ["Restore"]
    assert "Version 2" in text_of(shown)
    assert "Epochs" in text_of(of_class(shown, "versions"))


def test_two_models_are_compared_and_what_differs_is_tinted(bench: Any, models: list[str]) -> None:
    shown = one.render_compare(context_of(bench), {"ids": ",".join(models)})
    assert "Rating head" in text_of(shown)
    assert of_class(shown, "differs")


@pytest.mark.parametrize(("ids", "count"), [("", 0), ("1", 1), ("2,2", 1), ("2,#2", 1)])
def test_only_two_different_models_can_be_compared_and_the_way_to_choose_them_is_shown(
    bench: Any, models: list[str], ids: str, count: int
) -> None:
    shown = one.render_compare(context_of(bench), {"ids": ids})
    assert f"names {count}." in text_of(shown)
    assert having(shown, href="/recommenders/models")


def test_a_comparison_with_what_is_not_there_is_not_found(bench: Any, models: list[str]) -> None:
    with pytest.raises(CommandError) as refused:
        one.render_compare(context_of(bench), {"ids": "1,2,99"})
    assert refused.value.code == "not_found"


def test_the_wizard_edits_a_stored_model_and_keeps_its_version(bench: Any, models: list[str], service: RecommenderService) -> None:
    context = context_of(bench)
    draft = view.draft_of(context, f"edit/{models[0]}")
    service.models.update(actor="somebody", key=models[0], document={"epochs": 9})
    with pytest.raises(CommandError, match="changed by somebody else"):
        view.save(context, "me", draft.changed({**draft.document, "epochs": 3}))


def test_a_name_that_somebody_else_changed_meanwhile_is_not_overwritten(bench: Any, models: list[str], service: RecommenderService) -> None:
    context = context_of(bench)
    draft = view.draft_of(context, f"edit/{models[0]}")
    assert view.save(context, "a", replace(draft, name="A name")).name == "A name"
    with pytest.raises(CommandError, match="are no longer those that you read") as refused:
        view.save(context, "b", replace(draft, name="B name"))
    assert service.models.get(models[0]).name == "A name"
    assert stale.is_stale(draft, refused.value)
    ways = stale.notice(MODELS, refused.value)
    assert [text_of(way) for way in having(ways, data_to="recsys-model-way-on")] == ["Load the current version", "Save as a new model"]
    assert view.save_as_new(context, "b", replace(draft, name=" a  NAME ")).name == "a NAME (2)"


def test_what_was_deleted_meanwhile_can_go_on_as_a_new_model(bench: Any, models: list[str], service: RecommenderService) -> None:
    context = context_of(bench)
    draft = view.draft_of(context, f"edit/{models[0]}").changed({"epochs": 7})
    service.models.delete(actor="a", key=models[0])
    assert not view.verdict_of(context, draft).errors, "the wizard goes on"
    with pytest.raises(CommandError) as refused:
        view.save(context, "b", draft)
    assert stale.is_stale(draft, refused.value)
    ways = stale.notice(MODELS, refused.value)
    assert [text_of(way) for way in having(ways, data_to="recsys-model-way-on")] == ["Save as a new model"]
    made = view.save_as_new(context, "b", draft)
    assert (made.name, document_of(made.recommender)["epochs"]) == ("Small", 7)


def test_a_refusal_for_another_reason_is_no_stale_draft(bench: Any, models: list[str]) -> None:
    context = context_of(bench)
    draft = replace(view.draft_of(context, f"edit/{models[0]}"), name="Stars")
    with pytest.raises(CommandError) as refused:
        view.save(context, "me", draft)
    assert not stale.is_stale(draft, refused.value)


def test_a_clone_begins_with_everything_but_the_name(bench: Any, models: list[str]) -> None:
    context = context_of(bench)
    draft = view.draft_of(context, f"new?from={models[1]}")
    assert (draft.name, draft.version, draft.document["model_type"]) == ("Stars (copy)", None, "ranking")
    assert view.save(context, "me", draft).name == "Stars (copy)"


def test_a_copy_or_a_recipe_begins_under_a_name_that_is_free(bench: Any, models: list[str]) -> None:
    context = context_of(bench)
    for key, name in ((f"new?from={models[1]}", "Stars (copy)"), ("new?recipe=best_retrieval", "Best retrieval")):
        assert view.save(context, "me", view.draft_of(context, key)).name == name
        again = view.draft_of(context, key)
        assert again.name == f"{name} (2)"
        assert not view.verdict_of(context, again).errors


def test_a_saved_model_leads_to_its_page_or_back_to_where_it_was_wanted() -> None:
    assert layer_control.after_saving("", "mc_1") == "/recommenders/models/mc_1"
    assert layer_control.after_saving("create", "mc_1") == "/create?family=recsys&structure=mc_1"


def test_a_used_models_architecture_is_locked_in_the_wizard(
    bench: Any, service: RecommenderService, feature_config: dict, models: list[str]
) -> None:
    service.tests.start(actor="me", feature_config=feature_config["id"], model_config=models[0])
    context = context_of(bench)
    draft = view.draft_of(context, f"edit/{models[0]}")
    assert view.verdict_of(context, draft).locked


def test_widths_are_those_of_the_chosen_features(bench: Any, feature_config: dict, models: list[str]) -> None:
    context = context_of(bench)
    draft = replace(view.draft_of(context, f"edit/{models[0]}"), features=feature_config["id"])
    found = view.verdict_of(context, draft)
    assert (found.widths.buyer, found.widths.product) == (feature_config["buyer_tensor_dim"], feature_config["product_tensor_dim"])
    assert found.embedding_count
    gone = replace(draft, features="fc_gone")
    assert view.verdict_of(context, gone).widths.name == ""


def test_presets_recipes_and_copies_are_offered_whenever_a_model_is_begun(bench: Any, models: list[str]) -> None:
    context = context_of(bench)
    first = having(view.render_new(context), data_page_step="1")[0]
    assert len(having(first, data_act="preset")) == 5
    assert len(having(first, data_act="recipe")) == 8
    assert [link.href for link in of_class(first, "kinds")[0].children] == [
        f"/recommenders/models/new?from={id}" for id in reversed(models)
    ]
    edited = having(view.render_edit(context, models[0]), data_page_step="1")[0]
    assert not having(edited, data_act="recipe")
