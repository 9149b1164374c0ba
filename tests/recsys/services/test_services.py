"""Finding by id or number, lists, checks and defaults as pages and REST ask for them."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.features.config import FeatureConfig
from recsys.service import RecommenderService
from tests.support.recommender_family import features
from workbench.commands.base import CommandError
from workbench.workbench import Workbench

ME = "user:me"


def test_configurations_are_found_by_id_and_by_number_in_every_form(service: RecommenderService) -> None:
    made = [service.models.create(actor=ME, name=f"M{i}", document={}) for i in range(3)]
    second = made[1]
    for key in (second.id, 2, "2", "#2", " #2 "):
        assert service.models.get(key) == second
    assert [m.name for m in service.models.list()] == ["M2", "M1", "M0"]


def test_what_is_no_configuration_is_not_found(service: RecommenderService) -> None:
    service.models.create(actor=ME, name="One", document={})
    keys: list[Any] = [0, -1, 9, "9", "#0", "02", "²", "", "mc_", True, "fc_0000000000000", 10**30]
    for key in keys:
        with pytest.raises(CommandError) as caught:
            service.models.get(key)
        assert caught.value.code == "not_found", key


def test_a_number_is_not_given_again_after_undo(service: RecommenderService, bench: Workbench) -> None:
    assert service.models.create(actor=ME, name="One", document={}).number == 1
    bench.undo(actor=ME)
    assert service.models.list() == ()
    assert service.models.create(actor=ME, name="One", document={}).number == 2


def test_smart_defaults_can_be_stored_as_they_are(service: RecommenderService) -> None:
    suggestion = service.features.smart_defaults("sales")
    made = service.features.create(actor=ME, dataset_id="sales", name="Smart", document=suggestion.config)
    assert made.features == suggestion.config
    assert suggestion.history is not None
    assert service.features.smart_defaults("visits").history is None
    with pytest.raises(CommandError, match="set the columns' roles"):
        service.features.smart_defaults("plain")


def test_widths_of_what_can_be_read_are_told_of_any_document(service: RecommenderService) -> None:
    whole = features(dim=16)
    assert service.features.dims(whole).buyer.total == 17
    whole["buyer_model_features"][1] = 3
    assert service.features.dims(whole).buyer.total == 16
    assert service.features.dims(None).product.total == 0
    assert service.features.dims(FeatureConfig().model_dump()).buyer.total == 0


def test_checking_says_what_storing_would_be_refused_for(service: RecommenderService) -> None:
    made = service.features.create(actor=ME, dataset_id="sales", name="Mine", document=features())
    assert service.features.validate(features(), dataset_id="sales", name="Mine", exclude=made.id) == ()
    (issue,) = service.features.validate(features(), dataset_id="sales", name="mine ")
    assert issue.code == "F-21"
    assert not service.features.is_free("MINE", dataset_id="sales")
    assert service.features.is_free("MINE", dataset_id="visits")
    assert service.features.is_free("Mine", dataset_id="sales", exclude=made.number)
    model = service.models.create(actor=ME, name="Mine", document={})
    assert [i.code for i in service.models.validate({}, name="MINE")] == ["M-50"]
    assert service.models.validate({}, name="Mine", exclude=model.id) == ()
    assert not service.models.is_free(" ")


def test_versions_are_compared_by_pointer(service: RecommenderService) -> None:
    made = service.models.create(actor=ME, name="Mine", document={"epochs": 2})
    service.models.update(actor=ME, key=made.id, document={"epochs": 3, "output_embedding_dim": 64})
    found = {(d.pointer, d.before, d.after) for d in service.models.diff(made.id, 1, 2)}
    assert found == {("/architecture/output_embedding_dim", 32, 64), ("/training/epochs", 2, 3)}
    assert service.models.diff(made.id, 2, 2) == ()
    with pytest.raises(CommandError, match="no version 3"):
        service.models.diff(made.id, 1, 3)


def test_unequal_widths_of_shared_towers_are_told_and_keep_nothing_from_starting(
    service: RecommenderService,
) -> None:
    chosen = service.features.create(actor=ME, dataset_id="sales", name="F", document=features())
    model = service.models.create(actor=ME, name="M", document={"share_tower_weights": True})
    start: dict[str, Any] = {"feature_config": chosen.id, "model_config": model.id}
    assert [(i.code, i.severity) for i in service.tests.issues(**start)] == [("C-4", "info")]
    assert service.tests.problems(**start) == ()


def test_other_runs_are_no_quick_tests(service: RecommenderService) -> None:
    with pytest.raises(CommandError, match="There is no quick test #1"):
        service.tests.get(1)
