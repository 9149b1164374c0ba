"""Gestures of the wizard of features, and what it shows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dashboard.components import Action
from dashboard.families.recsys.pages import stale
from dashboard.families.recsys.pages.cards import chosen
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.features import builder, listing, one, side, view, wizard
from dashboard.families.recsys.pages.features.draft import COLUMNS, FeatureDraft, edited, unused
from recsys.editing.features import columns_in_use, crosses_of, features_of
from recsys.features.shipped import SHIPPED
from recsys.service import RecommenderService
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.recommender_family import SALES
from tests.support.trees import found, having, of_class, text_of
from workbench.commands.base import CommandError


@pytest.fixture
def draft(bench: Any) -> FeatureDraft:
    """A new draft of what the columns suggest."""
    return view.draft_of(context_of(bench), f"new?dataset={SALES}&start=smart")


def after(bench: Any, draft: FeatureDraft, name: str, id: str = "", value: Any = None) -> FeatureDraft:
    schema = view.facts_of(context_of(bench), draft.dataset).schema
    return edited(schema, draft, Action(name, id, value)).draft


def fits(bench: Any, draft: FeatureDraft) -> bool:
    return not view.verdict_of(context_of(bench), draft).errors


def test_a_new_draft_has_a_free_name_and_can_be_stored_at_once(bench: Any, draft: FeatureDraft, service: RecommenderService) -> None:
    assert (draft.name, fits(bench, draft)) == ("Sales: smart defaults", True)
    record = view.save(context_of(bench), "me", draft)
    assert (record.dataset_id, record.config) == (SALES, draft.document)
    assert view.draft_of(context_of(bench), draft.key).name == "Sales: smart defaults (2)"
    assert [r.name for r in service.features.list()] == ["Sales: smart defaults"]


def _offered(bench: Any) -> tuple[list[str], bool]:
    shown = view.render_new(context_of(bench), {"dataset": SALES})
    group = having(having(shown, data_page_step="1")[0], aria_label="Dataset")[0]
    return [text_of(link) for link in group.children], bool(having(shown, data_narrowed="1"))


def test_every_table_is_offered_peoples_own_too_and_many_can_be_searched(bench: Any, tmp_path: Any) -> None:
    built_in, searched = _offered(bench)
    assert (SALES.title() in built_in, searched) == (True, False)
    path, names = tmp_path / "own.csv", [f"Own {n}" for n in range(wizard.MANY)]
    path.write_text("user,item\n" + "\n".join(f"u{n % 7},i{n % 5}" for n in range(120)))
    for name in names:
        bench.datasets.import_data(actor="me", path=path, name=name, family="recsys")
    assert _offered(bench) == ([*built_in, *names], True)


def test_columns_go_into_towers_between_them_and_out(bench: Any, draft: FeatureDraft) -> None:
    blank = after(bench, draft, "clear")
    schema = view.facts_of(context_of(bench), SALES).schema
    columns = unused(schema, blank.document)
    first = after(bench, blank, "move", f"{COLUMNS}:0", "buyer:0")
    assert columns_in_use(first.document) == {columns[0]: "buyer"}
    assert unused(schema, first.document) == columns[1:]
    across = after(bench, first, "move", "buyer:0", "product:0")
    assert columns_in_use(across.document) == {columns[0]: "product"}
    assert columns_in_use(after(bench, across, "move", "product:0", f"{COLUMNS}:0").document) == {}
    assert columns_in_use(after(bench, blank, "add", columns[1], "product").document) == {columns[1]: "product"}


@pytest.mark.parametrize(("name", "id", "value"), [("move", "columns:99", "buyer:0"), ("move", "attic:0", "buyer:0"), ("add", "nothing", "buyer"), ("add", "nothing", "attic"), ("cross", "buyer", "{}"), ("remove", "buyer", None)])  # fmt: skip
def test_a_gesture_that_means_nothing_is_refused(bench: Any, draft: FeatureDraft, name: str, id: str, value: Any) -> None:
    with pytest.raises(CommandError):
        after(bench, draft, name, id, value)


def test_settings_of_a_dialog_become_transforms_and_widths_follow(bench: Any, draft: FeatureDraft) -> None:
    values = {
        "embedding": True,
        "embedding.embedding_dim": 48,
        "embedding.max_vocab": None,
        "embedding.min_frequency": 1,
        "embedding.oov_buckets": 1,
    }
    before, changed = (
        view.verdict_of(context_of(bench), d).dims.buyer.total
        for d in (draft, after(bench, draft, "transforms", "buyer:0", json.dumps(values)))
    )
    own = features_of(draft.document, "buyer")[0]["transforms"]["embedding"]["embedding_dim"]
    assert changed - before == 48 - own


def test_a_feature_without_a_transform_is_marked_and_keeps_it_from_being_saved(bench: Any, draft: FeatureDraft) -> None:
    bare = after(bench, draft, "transforms", "buyer:0", json.dumps({"embedding": False}))
    found = view.verdict_of(context_of(bench), bare)
    assert of_class(builder.board(bare, found), "is-invalid")
    assert side.GUIDE.save_label(found, saved=False) == "Fix what is wrong"
    assert side.GUIDE.save_jump(found)["data-jump"] == "recsys-feature-board"
    with pytest.raises(CommandError):
        view.save(context_of(bench), "me", bare)


def test_crosses_and_the_target_are_added_changed_and_taken_away(bench: Any, draft: FeatureDraft) -> None:
    names = [f["column"] for f in features_of(draft.document, "buyer")][:2]
    bare = replace(draft, document={**draft.document, "buyer_model_crosses": []})
    crossed = after(
        bench,
        bare,
        "cross",
        "buyer",
        json.dumps({"first": names[0], "second": names[1], "third": None, "hash_bucket_size": 1000, "embedding_dim": 8}),
    )
    assert crosses_of(crossed.document, "buyer")[0]["embedding_dim"] == 8
    assert (
        after(bench, crossed, "set-cross", "buyer:0", json.dumps({"embedding_dim": 4})).document["buyer_model_crosses"][0]["embedding_dim"]
        == 4
    )
    assert crosses_of(after(bench, crossed, "remove-cross", "buyer:0").document, "buyer") == []
    outcome = next(info.column for info in view.facts_of(context_of(bench), SALES).schema.columns if info.role == "outcome")
    aimed = after(bench, bare, "target", value=outcome)
    assert fits(bench, aimed)
    plain = after(
        bench,
        aimed,
        "set-target",
        value=json.dumps(
            {
                "normalize": False,
                "normalize.range": None,
                "clip_outliers": False,
                "clip_outliers.lower": None,
                "log_transform": False,
                "clip_predictions": False,
            }
        ),
    )
    assert plain.document["target_column"]["transforms"] == {"normalize": None, "clip_outliers": None, "log_transform": False}
    assert after(bench, plain, "target", value="").document["target_column"] is None


def test_every_dialog_offers_what_the_registry_defines(bench: Any, draft: FeatureDraft) -> None:
    shown = builder.board(draft, view.verdict_of(context_of(bench), draft))
    dialogs = [json.loads(b.to_plotly_json()["props"]["data-dialog"]) for b in having(shown, aria_haspopup="dialog")]
    names = {field["name"] for said in dialogs for field in said["fields"]}
    assert {"embedding", "embedding.embedding_dim", "first", "second", "hash_bucket_size"} <= names
    assert all(field["under"] in names | {""} for said in dialogs for field in said["fields"])


def test_sample_rows_are_coloured_by_side_and_said_to_screen_readers(draft: FeatureDraft) -> None:
    column = features_of(draft.document, "buyer")[0]["column"]
    shown = builder.sample([{column: "a", "other": None}], draft.document, "other")
    assert "(buyer)" in text_of(shown)
    assert "(target)" in text_of(shown)


def test_the_page_has_two_steps_and_says_whose_columns_they_are(bench: Any, draft: FeatureDraft) -> None:
    shown = view.render_new(context_of(bench), {"dataset": SALES})
    assert [text_of(button).split()[1] for button in of_class(shown, "wizard-step")] == ["Start", "Columns"]
    assert "dimensions" in text_of(side.summary(view.verdict_of(context_of(bench), draft)))


def test_an_edit_keeps_the_version_that_it_began_with(bench: Any, draft: FeatureDraft, service: RecommenderService) -> None:
    context = context_of(bench)
    record = view.save(context, "me", draft)
    mine = view.draft_of(context, f"edit/{record.id}")
    theirs = after(bench, mine, "remove", f"product:{len(features_of(mine.document, 'product')) - 1}")
    view.save(context, "them", theirs)
    with pytest.raises(CommandError, match="changed by somebody else"):
        view.save(context, "me", after(bench, mine, "target", value=None).changed({**mine.document, "buyer_model_crosses": []}))
    assert service.features.get(record.id).version == 2


def test_features_that_somebody_else_renamed_are_not_overwritten_and_can_be_saved_as_new_ones(
    bench: Any, draft: FeatureDraft, service: RecommenderService
) -> None:
    context = context_of(bench)
    record = view.save(context, "me", draft)
    mine = view.draft_of(context, f"edit/{record.id}")
    service.features.update(actor="them", key=record.id, name="Theirs")
    with pytest.raises(CommandError) as refused:
        view.save(context, "me", replace(mine, name="theirs"))
    assert stale.is_stale(mine, refused.value)
    assert [text_of(way) for way in having(stale.notice(FEATURES, refused.value), data_act="copy")] == ["Save as new features"]
    made = view.save_as_new(context, "me", replace(mine, name="theirs"))
    assert (made.name, made.dataset_id, made.config) == ("theirs (2)", SALES, draft.document)
    assert service.features.get(record.id).name == "Theirs"


def test_cards_one_and_two_beside_one_another(bench: Any, draft: FeatureDraft, service: RecommenderService) -> None:
    context = context_of(bench)
    assert "No features yet" in text_of(listing.render(context))
    first = view.save(context, "me", draft)
    second = service.features.clone(actor="me", key=first.id, document={**draft.document, "buyer_model_crosses": []})
    cards = listing.cards_of(context)
    assert [card.name for card in chosen(cards, "copy", "")] == [second.name]
    assert chosen(cards, "", "elsewhere") == []
    shown = text_of(one.render(context, first.id))
    assert "preprocessing.py" in shown
    assert "Version 1" in shown
    compared = text_of(one.render_compare(context, {"ids": f"{first.id},{second.id}"}))
    assert "buyer cross" in compared or "They say the same" in compared
    assert "Choose two features" in text_of(one.render_compare(context, {"ids": first.id}))


def test_places_of_differences_are_in_words() -> None:
    assert one.where("/buyer_model_features/1/transforms/embedding") == "buyer feature 2, transforms, embedding"
    assert one.where("/target_column") == "target"


def test_new_features_begin_with_what_columns_suggest_nothing_or_a_copy(bench: Any, draft: FeatureDraft) -> None:
    context = context_of(bench)
    record = view.save(context, "me", draft)
    first = having(view.render_new(context, {"dataset": SALES}), data_page_step="1")[0]
    assert [having(first, data_act=name) != [] for name in ("suggest", "clear")] == [True, True]
    assert [link.href for link in of_class(first, "kinds")[-1].children] == [f"/recommenders/features/new?from={record.id}"]
    assert not having(having(view.render_edit(context, record.id), data_page_step="1")[0], data_act="suggest")


def test_the_page_of_features_says_what_every_column_becomes_and_the_target() -> None:
    config = SHIPPED["retail-104-72"].config
    rows = [text_of(row) for row in found(one.becomes(config), lambda c: type(c).__name__ == "Tr")][1:]
    assert len(rows) == 7
    assert rows[1] == "customer_revenue_90d Buyer Normalise (range [-1,1]), Bucketise (buckets 100, dimension 32) 33"
    assert rows[6] == "category × sub_category Product Cross (rows 1000, dimension 16) 16"
    widths = [int(row.rsplit(" ", 1)[1]) for row in rows]
    assert (sum(widths[:3]), sum(widths[3:])) == (104, 72)
    assert "asks for a rating column" in text_of(one.target_of(None))
    normalised = SHIPPED["ids-32-normalised"].config.target_column
    assert text_of(one.target_of(normalised)).endswith("Normalise (range z_score); predictions are limited to the range trained on.")
