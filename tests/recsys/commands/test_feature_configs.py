"""Feature configurations: checked against their dataset, versioned, undone and brought back."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.commands.refusing import ConfigVersionConflict
from recsys.records import FEATURES
from recsys.service import RecommenderService
from tests.support.recommender_family import features
from workbench.commands.base import CommandError
from workbench.commands.records import RenameCommand
from workbench.workbench import Workbench

ME = "user:me"


def make(service: RecommenderService, name: str = "First", **more: Any) -> Any:
    """A configuration of the sales."""
    return service.features.create(actor=ME, dataset_id="sales", name=name, document=features(), **more)


def test_what_is_created_says_everything_with_its_defaults_and_widths(service: RecommenderService) -> None:
    made = make(service, "  Two  words ", description="D", tags=("a",), note="N")
    assert (made.name, made.number, made.version, made.uses) == ("Two words", 1, 1, ("sales",))
    assert made.config["buyer_model_features"][1]["transforms"]["bucketize"] is None
    assert (made.dims["buyer"]["total"], made.dims["product"]["total"]) == (8 + 1, 8)
    assert (made.description, made.tags, made.note, made.created_by) == ("D", ("a",), "N", ME)


def test_every_issue_is_told_at_once_with_its_code_its_value_and_no_record_made(
    service: RecommenderService,
) -> None:
    wrong = features()
    wrong["buyer_model_features"][0]["transforms"]["embedding"]["embedding_dim"] = 2
    wrong["product_model_features"][0]["column"] = "prodct"
    with pytest.raises(CommandError) as caught:
        service.features.create(actor=ME, dataset_id="sales", name=" ", document=wrong)
    told = {(p.code, p.path): p for p in caught.value.problems}
    assert told[("F-20", "name")].message == "Name is required"
    assert told[("F-27", "buyer_model_features.0.transforms.embedding.embedding_dim")].value == 2
    assert 'did you mean "product"?' in told[("F-23", "product_model_features.0.column")].message
    assert ("F-22", "product_model_features") in told
    assert caught.value.code == "invalid"
    assert service.features.list() == ()


def test_what_is_no_document_is_refused(service: RecommenderService) -> None:
    documents: list[Any] = [None, 3, "text", ["a"]]
    for document in documents:
        with pytest.raises(CommandError, match="must be an object"):
            service.features.create(actor=ME, dataset_id="sales", name="A", document=document)


def test_names_are_unique_within_a_dataset_and_free_in_another(service: RecommenderService) -> None:
    make(service, "Same")
    with pytest.raises(
        CommandError, match='A feature config named "SAME" already exists for this dataset'
    ) as caught:
        make(service, "SAME")
    assert caught.value.code == "conflict"
    assert (
        service.features.create(actor=ME, dataset_id="visits", name="same", document=features()).name
        == "same"
    )


def test_a_dataset_without_one_user_id_and_unknown_datasets_are_refused(service: RecommenderService) -> None:
    with pytest.raises(CommandError, match="needs one user id column and has none") as caught:
        service.features.create(actor=ME, dataset_id="plain", name="A", document=features())
    assert [p.code for p in caught.value.problems] == ["DS_ROLES"]
    with pytest.raises(CommandError) as caught:
        service.features.create(actor=ME, dataset_id="nowhere", name="A", document=features())
    assert caught.value.code == "not_found"


def test_only_another_content_makes_another_version(service: RecommenderService) -> None:
    made = make(service)
    same = service.features.update(actor=ME, key=made.id, name="Other", description="x", document=features())
    assert (same.version, same.content_hash, same.name) == (1, made.content_hash, "Other")
    changed = service.features.update(actor=ME, key=made.id, document={"target_column": None})
    assert (changed.version, changed.config["target_column"]) == (2, None)
    assert changed.config["buyer_model_features"] == made.config["buyer_model_features"]
    assert [v.version for v in service.features.versions(made.id)] == [2, 1]
    assert service.features.versions(made.id)[1].config == made.config


def test_an_edit_of_texts_alone_asks_nothing_of_the_document_but_of_the_texts(
    service: RecommenderService,
) -> None:
    made = make(service)
    with pytest.raises(CommandError, match="at most 4000 characters"):
        service.features.update(actor=ME, key=made.id, description="x" * 4001)
    with pytest.raises(CommandError, match="printable"):
        service.features.update(actor=ME, key=made.id, name="a\x00b")
    assert len(service.features.update(actor=ME, key=made.id, name="x" * 255).name) == 255
    with pytest.raises(CommandError, match="at most 255"):
        service.features.update(actor=ME, key=made.id, name="x" * 256)


def test_a_writer_who_saw_an_older_version_is_told_the_current_one(service: RecommenderService) -> None:
    made = make(service)
    service.features.update(actor="other", key=made.id, document=features(dim=16), expected_version=1)
    with pytest.raises(ConfigVersionConflict) as caught:
        service.features.update(actor=ME, key=made.id, document=features(dim=32), expected_version=1)
    (problem,) = caught.value.problems
    assert (caught.value.code, caught.value.current) == ("conflict", 2)
    assert (problem.code, problem.value) == ("VERSION_CONFLICT", 2)
    assert service.features.update(actor=ME, key=made.id, document=features(dim=32)).version == 3


def test_a_version_number_that_undo_took_back_is_not_given_again(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service)
    service.features.update(actor=ME, key=made.id, document=features(dim=16))
    bench.undo(actor=ME)
    back = service.features.get(made.id)
    assert (back.version, back.config, tuple(back.versions)) == (1, made.config, ("1",))
    bench.redo(actor=ME)
    assert service.features.get(made.id).version == 2
    bench.undo(actor=ME)
    assert service.features.update(actor=ME, key=made.id, document=features(dim=32)).version == 3


def test_restoring_a_version_makes_a_new_one_with_the_old_content(service: RecommenderService) -> None:
    made = make(service)
    service.features.update(actor=ME, key=made.id, document=features(dim=16))
    back = service.features.restore_version(actor=ME, key=made.id, version=1)
    assert (back.version, back.content_hash) == (3, made.content_hash)
    with pytest.raises(CommandError, match=r"has no version 9; it has 1, 2, 3\.") as caught:
        service.features.restore_version(actor=ME, key=made.id, version=9)
    assert caught.value.code == "not_found"


def test_clones_are_called_copies_and_start_their_own_versions(service: RecommenderService) -> None:
    made = make(service, tags=("a",))
    service.features.update(actor=ME, key=made.id, document=features(dim=16))
    first, second = (service.features.clone(actor=ME, key=made.number) for _ in range(2))
    assert (first.name, second.name) == ("First (copy)", "First (copy) (2)")
    assert (first.version, first.number, first.tags) == (1, 2, ("a",))
    assert first.content_hash == service.features.get(made.id).content_hash
    other = service.features.clone(actor=ME, key=made.id, name="Wide", document=features(dim=64))
    assert other.dims["product"]["total"] == 64


def test_undo_of_a_deletion_restores_id_version_and_links(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service)
    changed = service.features.update(actor=ME, key=made.id, document=features(dim=16))
    service.features.delete(actor=ME, key=made.id)
    assert service.features.list() == ()
    bench.undo(actor=ME)
    back = service.features.get(made.id)
    assert back.model_dump(exclude={"updated_at"}) == changed.model_dump(exclude={"updated_at"})


def test_a_dataset_that_features_use_cannot_be_deleted_and_they_are_named(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service, "Mine")
    with pytest.raises(CommandError, match="Sales is used by Mine") as caught:
        bench.datasets.delete(actor=ME, dataset_id="sales")
    assert caught.value.code == "conflict"
    service.features.delete(actor=ME, key=made.id)
    assert bench.datasets.delete(actor=ME, dataset_id="sales").deleted_at is not None
    with pytest.raises(CommandError, match="The dataset Sales of Mine was deleted"):
        service.features.restore(actor=ME, key=made.id)
    bench.datasets.restore(actor=ME, dataset_id="sales")
    assert service.features.restore(actor=ME, key=made.id).name == "Mine"


def test_undo_does_not_bring_features_back_whose_dataset_is_gone(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service, "Mine")
    service.features.delete(actor=ME, key=made.id)
    bench.datasets.delete(actor="other", dataset_id="sales")
    with pytest.raises(CommandError, match="The dataset Sales of Mine was deleted"):
        bench.undo(actor=ME)


def test_renaming_through_the_core_keeps_to_the_datasets_names(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service, "One")
    other = service.features.create(actor=ME, dataset_id="visits", name="Two", document=features())
    make(service, "Three")
    bench.store.execute(RenameCommand(kind=FEATURES, id=made.id, name="Two"), actor=ME)
    with pytest.raises(CommandError, match="named Three already"):
        bench.store.execute(RenameCommand(kind=FEATURES, id=made.id, name="three"), actor=ME)
    assert service.features.get(made.id).name == service.features.get(other.id).name == "Two"


def test_a_store_with_configurations_opens_again_as_it_was(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service)
    changed = service.features.update(actor=ME, key=made.id, document=features(dim=16))
    from workbench.store.store import Store

    again = Store.open(bench.settings.database_url)
    assert again.state().of(FEATURES)[made.id] == changed
    again.close()
